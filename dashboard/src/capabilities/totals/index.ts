import type { Capability } from '../../capability'
import { lazy } from '../../views/lazy'
import { KeyFigures } from './key-figures'
import { reportRoute } from './report/route'
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
  extensions: { aboveList: KeyFigures },
  viewOf: filter => ({ path: '/report', filter }),
  figures: { known: summary, follow: followSummary },
}
