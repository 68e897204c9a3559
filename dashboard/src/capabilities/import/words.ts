import { inLanguage } from '../../words'
import { importDe } from './words/de'
import { importEn } from './words/en'
import { importFr } from './words/fr'

/** The import view's text, which is loaded together with the view. */
export const importWords = inLanguage({ en: importEn, de: importDe, fr: importFr })
