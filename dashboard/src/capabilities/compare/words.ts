import { inLanguage } from '../../words'
import { compareDe } from './words/de'
import { compareEn } from './words/en'
import { compareFr } from './words/fr'

/** Text of the comparison view, loaded together with the view. */
export const compareWords = inLanguage({ en: compareEn, de: compareDe, fr: compareFr })
