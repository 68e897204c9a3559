import { inLanguage } from '../../words'
import { compareDe } from './words/de'
import { compareEn } from './words/en'
import { compareFr } from './words/fr'

/** Texts of the comparison. They are loaded with its view. */
export const compareWords = inLanguage({ en: compareEn, de: compareDe, fr: compareFr })
