import { inLanguage } from '../../words'
import { shareReportDe } from './words/de'
import { shareReportEn } from './words/en'
import { shareReportFr } from './words/fr'

/** Text for sharing reports, loaded on first use. */
export const shareReportWords = inLanguage({ en: shareReportEn, de: shareReportDe, fr: shareReportFr })
