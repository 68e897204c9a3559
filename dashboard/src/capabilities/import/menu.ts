import { inLanguage } from '../../words'
import { importMenu } from './words/menu'

/** Texts of the import that are loaded with the page. */
export const menuWords = inLanguage(importMenu)
