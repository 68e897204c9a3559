import { inLanguage } from '../../words'
import { chartsDe } from './words/charts-de'
import { chartsEn } from './words/charts-en'
import { chartsFr } from './words/charts-fr'

/** Texts of the charts of a report. They load with it. */
export const chartsWords = inLanguage({ en: chartsEn, de: chartsDe, fr: chartsFr })
