import { useEffect, useRef } from 'preact/hooks'
import { maxRows, sessions } from '../live/list'
import { summary } from '../live/summary'
import { go, route } from '../route'
import { announce, useStore } from '../store'
import { words } from '../words'
import { Filters } from './filters'
import { RefusalText } from './refusal'
import { Table } from './table'
import './list.css'

export function List() {
  const { of, rows, complete, full, stale, refusal } = useStore(sessions)
  const { filter } = useStore(route)
  const figures = useStore(summary)
  const filtered = Object.keys(filter).length > 0
  const total = complete ? rows.length : Math.max(figures?.sessions ?? 0, rows.length)
  const said = useRef(of)
  const isCounted = complete || figures !== null
  useEffect(() => {
    // Does not announce the first list, nor a number of rows before the total is known.
    if (said.current && said.current !== of && !stale && isCounted) announce(words.list.count(total))
    if (isCounted) said.current = of
  }, [of, stale, isCounted])
  return (
    <section class={`list ${stale && rows.length > 0 ? 'stale' : ''}`} aria-labelledby="sessions-heading">
      <Filters />
      <RefusalText text={refusal?.message ?? null} />
      {rows.length > 0 ? (
        <Table total={total} />
      ) : (
        <p class="nothing">
          {stale ? words.list.reading : filtered ? words.list.nothingFound : words.list.nothing}{' '}
          {filtered && !stale && (
            <button type="button" class="quiet" onClick={() => go({ filter: {} })}>
              {words.list.clear}
            </button>
          )}
        </p>
      )}
      {full && <p class="soft more">{words.list.full(maxRows, total)}</p>}
    </section>
  )
}
