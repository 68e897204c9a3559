import { inLanguage } from '../words'
import { chartsDe } from './charts-de'
import { chartsEn } from './charts-en'
import { chartsFr } from './charts-fr'

/** Texts of the charts of a report. They load with it. */
export const chartsWords = inLanguage({ en: chartsEn, de: chartsDe, fr: chartsFr })
