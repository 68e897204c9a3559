import { number } from '../format'
import { sessions } from '../live/list'
import { summary } from '../live/summary'
import { route } from '../route'
import { useStore } from '../store'
import { Filters } from './filters'
import { RefusalText } from './refusal'
import { Table } from './table'
import './list.css'

export function List() {
  const { rows, complete, more, refusal } = useStore(sessions)
  const { filter } = useStore(route)
  const figures = useStore(summary)
  const filtered = Object.keys(filter).length > 0
  const total = Math.max(figures?.sessions ?? 0, rows.length)
  return (
    <section class="list" aria-labelledby="sessions-heading">
      <Filters rows={rows} />
      <RefusalText text={refusal} />
      {rows.length > 0 ? (
        <Table rows={rows} total={total} />
      ) : (
        <p class="nothing">
          {complete ? (filtered ? 'No session matches this filter.' : 'No sessions.') : 'Reading the sessions…'}
        </p>
      )}
      {more && (
        <p class="soft">
          The newest {number(rows.length)} of {number(total)} sessions are listed here. Filter by organisation or mentor
          to see the others.
        </p>
      )}
    </section>
  )
}
