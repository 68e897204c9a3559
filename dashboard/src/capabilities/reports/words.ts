import { inLanguage } from '../../words'
import { shareReportDe } from './words/de'
import { shareReportEn } from './words/en'
import { shareReportFr } from './words/fr'

/** Texts of the dialog that shares a report. They load with it. */
export const shareReportWords = inLanguage({ en: shareReportEn, de: shareReportDe, fr: shareReportFr })
