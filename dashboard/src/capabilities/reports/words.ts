import { inLanguage } from '../../words'
import { shareReportDe } from './words/de'
import { shareReportEn } from './words/en'
import { shareReportFr } from './words/fr'

/** The text for sharing reports, which is loaded on first use. */
export const shareReportWords = inLanguage({ en: shareReportEn, de: shareReportDe, fr: shareReportFr })
