import type { GroupField, SessionOrderField } from '../../../../../packages/client/src/index.js'
import { totalsViewPaths } from '../../../../../src/capabilities/totals/pages'
import { type BoundedRange, currentMonth, lastMonths } from '../../../months'
import { formatCurrency, formatOrder, parseCurrency, parseOrder, type ViewRoute } from '../../../route'

declare module '../../../route' {
  interface ViewPaths {
    totals: (typeof totalsViewPaths)[number]
  }
  interface Route {
    report?: ReportChoices | undefined
  }
}

/** Charts that the user can choose in a report instead of the default chart of value and cost. */
export const reportCharts = ['cumulative', 'year_before', 'hours'] as const
export type ReportChart = (typeof reportCharts)[number]

export const reportOrderFields = [
  'ID',
  'LABEL',
  'PERIOD',
  'SESSIONS',
  'RESULTS',
  'TOTAL_HOURS',
  'PROGRAMME_COST',
  'TIME_VALUE',
  'NET_BENEFIT',
  'BENEFIT_COST_RATIO',
] as const satisfies (GroupField | SessionOrderField)[]
export type ReportOrderField = (typeof reportOrderFields)[number]

export interface ReportOrder {
  by: ReportOrderField
  descending: boolean
}

/** The user's choices for a report. If a choice is missing, the default applies. */
export interface ReportChoices {
  /** Currency of the amounts per month and per row. A null currency selects amounts without a currency. */
  currency?: string | null | undefined
  order?: ReportOrder | undefined
  chart?: ReportChart | undefined
}

/**
 * Parses the number of recent months in an old report address. New report addresses contain a range of months instead.
 */
function parseLastMonths(query: URLSearchParams): BoundedRange | undefined {
  const [count] = /^(?:24|36)$/.exec(query.get('months') ?? '') ?? []
  return count === undefined ? undefined : lastMonths(Number(count), currentMonth())
}

const parseReportChoices = (query: URLSearchParams): ReportChoices => ({
  currency: parseCurrency(query.get('amounts')),
  order: parseOrder(reportOrderFields, query.get('by')),
  chart: reportCharts.find(chart => chart === query.get('chart')),
})

export const reportRoute: ViewRoute = {
  paths: totalsViewPaths,
  read(route, query) {
    const months = route.filter.months ?? parseLastMonths(query)
    return { ...route, filter: { ...route.filter, ...(months && { months }) }, report: parseReportChoices(query) }
  },
  write({ report = {} }, query) {
    if (report.currency !== undefined) query.set('amounts', formatCurrency(report.currency))
    if (report.order) query.set('by', formatOrder(report.order))
    if (report.chart) query.set('chart', report.chart)
    return String(query)
  },
}
