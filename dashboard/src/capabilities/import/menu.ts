import { inLanguage } from '../../words'
import { importMenu } from './words/menu'

/** Text of the link to the import, loaded together with the page. */
export const menuWords = inLanguage(importMenu)
