import { useEffect, useRef } from 'preact/hooks'
import { ExtensionPoint, useFigures } from '../../capability'
import { listState, maxRows } from '../../live/list'
import { navigate, previousRoute, route } from '../../router'
import { announce, useStore } from '../../store'
import { words } from '../../words'
import { ErrorMessage } from '../error-message'
import { Welcome } from '../welcome'
import { DeletedBar } from './deleted-bar'
import { Filters } from './filters'
import { PrintedList } from './printed-list'
import { SelectionBar } from './selection-bar'
import { SessionTable } from './table'
import './list.css'

/** The list of sessions, or an introduction if there are no sessions. */
export function ListView() {
  const { rows, complete, stale } = useStore(listState)
  const { filter } = useStore(route)
  // If the user comes from another view, focus the heading, unless a row already has the focus.
  useEffect(() => {
    if (!previousRoute || document.activeElement?.closest('.rows')) return
    document.querySelector<HTMLElement>('main :is(#welcome, #sessions-heading)')?.focus()
  }, [])
  // Preload the session view, so that it opens immediately even while the server is unreachable.
  useEffect(() => {
    if (rows.length > 0) import('../session/session').catch(() => {})
  }, [rows.length > 0])
  const isEmpty = complete && !stale && rows.length === 0 && Object.keys(filter).length === 0
  if (isEmpty) {
    return (
      <>
        <Welcome />
        <DeletedBar />
      </>
    )
  }
  return (
    <>
      <h1 class="unseen">{words.page.name}</h1>
      <ExtensionPoint name="aboveList" props={{}} />
      <SessionList />
    </>
  )
}

function SessionList() {
  const { selection, rows, complete, full, stale, error } = useStore(listState)
  const { filter } = useStore(route)
  const figures = useFigures()
  const filtered = Object.keys(filter).length > 0
  const total = complete ? rows.length : Math.max(figures?.sessions ?? 0, rows.length)
  const announced = useRef(selection)
  const isCounted = complete || figures !== null
  useEffect(() => {
    // Do not announce the initial list to screen readers, and announce no row count before the total is known.
    if (announced.current && announced.current !== selection && !stale && isCounted) announce(words.list.count(total))
    if (isCounted) announced.current = selection
  }, [selection, stale, isCounted])
  return (
    <section class={`list ${stale && rows.length > 0 ? 'stale' : ''}`} aria-labelledby="sessions-heading">
      <Filters />
      <ErrorMessage text={error?.message ?? null} />
      {rows.length > 0 ? (
        <SessionTable total={total} />
      ) : (
        <p class="nothing">
          {stale ? words.list.reading : filtered ? words.list.nothingFound : words.list.nothing}{' '}
          {filtered && !stale && (
            <button type="button" class="quiet" onClick={() => navigate({ filter: {} })}>
              {words.list.clear}
            </button>
          )}
        </p>
      )}
      <SelectionBar />
      <DeletedBar />
      <PrintedList total={total} />
      {full && <p class="soft more">{words.list.full(maxRows, total)}</p>}
    </section>
  )
}
