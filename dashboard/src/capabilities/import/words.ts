import { inLanguage } from '../../words'
import { importDe } from './words/de'
import { importEn } from './words/en'
import { importFr } from './words/fr'

/** Text of the import view, loaded together with the view. */
export const importWords = inLanguage({ en: importEn, de: importDe, fr: importFr })
