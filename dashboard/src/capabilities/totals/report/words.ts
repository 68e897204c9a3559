import { inLanguage } from '../../../words'
import { chartsDe } from '../words/charts-de'
import { chartsEn } from '../words/charts-en'
import { chartsFr } from '../words/charts-fr'
import { reportDe } from '../words/report-de'
import { reportEn } from '../words/report-en'
import { reportFr } from '../words/report-fr'
import { sourcesDe } from '../words/sources-de'
import { sourcesEn } from '../words/sources-en'
import { sourcesFr } from '../words/sources-fr'

/** Texts of the report. They load with it. */
export const reportWords = inLanguage({ en: reportEn, de: reportDe, fr: reportFr })

/** Texts of its charts. */
export const chartsWords = inLanguage({ en: chartsEn, de: chartsDe, fr: chartsFr })

/** Texts of its sources. */
export const sourcesWords = inLanguage({ en: sourcesEn, de: sourcesDe, fr: sourcesFr })
