import { inLanguage } from '../../words'
import { importDe } from './words/de'
import { importEn } from './words/en'
import { importFr } from './words/fr'

/** Texts of the import. They are loaded with its view. */
export const importWords = inLanguage({ en: importEn, de: importDe, fr: importFr })
