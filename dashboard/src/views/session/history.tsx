import { useState } from 'preact/hooks'
import { words } from '../../words'
import { lazy } from '../lazy'
import type { HistoryProps } from './history-list'

const HistoryList = lazy(() => import('./history-list').then(({ HistoryList }) => HistoryList))

/** A collapsible list of a session's transitions and older results. */
export function History(props: HistoryProps) {
  const [wasOpened, setWasOpened] = useState(false)
  const { results, result } = props.session
  const older = results.filter(({ id }) => id !== result?.id).length
  return (
    <section class="card history" aria-label={words.timeline.heading}>
      <details onToggle={() => setWasOpened(true)}>
        <summary>
          <h2>{words.timeline.heading}</h2>
          {older > 0 && <span class="soft"> {words.older.count(older)}</span>}
        </summary>
        {wasOpened && <HistoryList {...props} />}
      </details>
    </section>
  )
}
