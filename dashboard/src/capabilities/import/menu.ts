import { inLanguage } from '../../words'
import { importMenu } from './words/menu'

/** The text of the import link, which is loaded together with the page. */
export const menuWords = inLanguage(importMenu)
