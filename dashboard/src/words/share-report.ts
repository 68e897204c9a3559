import { inLanguage } from '../words'
import { shareReportDe } from './share-report-de'
import { shareReportEn } from './share-report-en'
import { shareReportFr } from './share-report-fr'

/** Texts of the dialog that shares a report. They load with it. */
export const shareReportWords = inLanguage({ en: shareReportEn, de: shareReportDe, fr: shareReportFr })
