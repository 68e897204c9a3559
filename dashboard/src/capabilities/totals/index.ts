import type { Capability } from '../../capability'
import { lazy } from '../../views/lazy'
import { KeyFigures } from './key-figures'
import { reportRoute } from './report/route'
import { ReportLink } from './report-link'
import { Search } from './search'
import { suggestNames } from './suggest-names'
import { followSummary, summary } from './summary'

export const totals: Capability = {
  views: [{ ...reportRoute, Component: lazy(() => import('./report/report').then(({ ReportView }) => ReportView)) }],
  places: {
    aboveList: KeyFigures,
    listControls: Search,
    listActions: ReportLink,
  },
  viewOf: filter => ({ path: '/report', filter }),
  figures: { known: summary, follow: followSummary },
  suggestNames,
}
