import type { Filter } from '../../route'
import { hrefOf, navigateOnClick } from '../../router'
import { figuresWords } from './words'

export function ReportLink({ filter }: { filter: Filter }) {
  const to = { path: '/report', filter } as const
  return (
    <a class="button" href={hrefOf(to)} onClick={navigateOnClick(to)}>
      {figuresWords.report}
    </a>
  )
}
