import { inLanguage } from '../../words'
import { importMenu } from './words/menu'

/** Texts of the link to the import. They are loaded with the page. */
export const menuWords = inLanguage(importMenu)
