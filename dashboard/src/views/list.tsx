import { sessions } from '../live/list'
import { summary } from '../live/summary'
import { route } from '../route'
import { useStore } from '../store'
import { words } from '../words'
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
          {complete ? (filtered ? words.list.nothingFound : words.list.nothing) : words.list.reading}
        </p>
      )}
      {more && <p class="soft">{words.list.newest(rows.length, total)}</p>}
    </section>
  )
}
