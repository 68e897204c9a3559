import { inLanguage } from '../../words'
import { searchDe } from './words/de'
import { searchEn } from './words/en'
import { searchFr } from './words/fr'

/** Text of the search field, which is loaded together with the page. */
export const searchWords = inLanguage({ en: searchEn, de: searchDe, fr: searchFr })
