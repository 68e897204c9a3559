import { inLanguage } from '../../words'
import { compareDe } from './words/de'
import { compareEn } from './words/en'
import { compareFr } from './words/fr'

/** The comparison view's text, which is loaded together with the view. */
export const compareWords = inLanguage({ en: compareEn, de: compareDe, fr: compareFr })
