import { inLanguage } from '../../words'
import { shareReportDe } from './words/de'
import { shareReportEn } from './words/en'
import { shareReportFr } from './words/fr'

/** Texts for sharing a report. They are loaded with the dialog. */
export const shareReportWords = inLanguage({ en: shareReportEn, de: shareReportDe, fr: shareReportFr })
