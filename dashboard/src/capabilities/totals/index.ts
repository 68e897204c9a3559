import type { Capability } from '../../capability'
import { lazy } from '../../views/lazy'
import { KeyFigures } from './key-figures'
import { reportRoute } from './report/route'
import { Search } from './search'
import { suggestNames } from './suggest-names'
import { followSummary, summary } from './summary'
import { figuresWords } from './words'

export const totals: Capability = {
  views: [
    {
      ...reportRoute,
      Component: lazy(() => import('./report/report').then(({ ReportView }) => ReportView)),
      tab: { text: figuresWords.report, position: 2 },
    },
  ],
  extensions: {
    aboveList: KeyFigures,
    listControls: Search,
  },
  viewOf: filter => ({ path: '/report', filter }),
  figures: { known: summary, follow: followSummary },
  suggestNames,
}
