import { inLanguage } from '../words'
import { compareDe } from './compare-de'
import { compareEn } from './compare-en'
import { compareFr } from './compare-fr'

/** Texts of the comparison. They load with this view. */
export const compareWords = inLanguage({ en: compareEn, de: compareDe, fr: compareFr })
