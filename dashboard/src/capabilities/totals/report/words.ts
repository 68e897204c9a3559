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

/** The report view's text, which is loaded together with the view. */
export const reportWords = inLanguage({ en: reportEn, de: reportDe, fr: reportFr })

export const chartsWords = inLanguage({ en: chartsEn, de: chartsDe, fr: chartsFr })

export const sourcesWords = inLanguage({ en: sourcesEn, de: sourcesDe, fr: sourcesFr })
