// biome-ignore-all lint/a11y/useSemanticElements: positioned rows would lose a table element's semantics.
// biome-ignore-all lint/a11y/useFocusableInteractive: in a grid, only one cell at a time can have the focus.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { deletedRows } from '../../deleted'
import { requestRows } from '../../live/follow-route'
import { listState, maxRows } from '../../live/list'
import { clearSelectedRows, maxSelected, selectedRows, selectLoadedRows, selectRow } from '../../live/selected-rows'
import type { OrderField } from '../../route'
import { navigate, route } from '../../router'
import { clock, useStore } from '../../store'
import { words } from '../../words'
import { restoreScroll, rowToRestore } from '../scroll-restoration'
import { SessionRow } from './row'
import { nextOrder } from './sort-controls'
import './table.css'

const narrowWindow = matchMedia('(max-width: 47.5rem)')
const rowHeight = (): number => (narrowWindow.matches ? 96 : 52)

/** Number of rows that are rendered above and below the part of the list that is in the window. */
const rowsBeyondEdge = 8

/**
 * Height in pixels of the bar at the bottom of the window, which is the selection bar, the undo bar or, on a phone, the
 * tab bar.
 */
const barHeight = 64

/** Number of rows below the window that are requested in advance. */
const rowsAhead = 20

const columns: { name: keyof typeof words.list.columns; by: OrderField }[] = [
  { name: 'calculation', by: 'LABEL' },
  { name: 'period', by: 'PERIOD' },
  { name: 'hours', by: 'TOTAL_HOURS' },
  { name: 'cost', by: 'PROGRAMME_COST' },
  { name: 'value', by: 'TIME_VALUE' },
  { name: 'ratio', by: 'BENEFIT_COST_RATIO' },
  { name: 'updated', by: 'UPDATED' },
]

/**
 * Number of columns in a row: the checkbox column and the columns with a header. The link to the session is in the
 * second column.
 */
const columnCount = columns.length + 1
const linkColumn = 1

/**
 * The list as a virtual table, which renders only the rows in the window and a few above and below. The rendering cost
 * therefore does not grow with the number of rows.
 */
export function SessionTable({ total }: { total: number }) {
  const { selection, rows, complete, stale } = useStore(listState)
  const selected = useStore(selectedRows)
  const now = useStore(clock)
  const body = useRef<HTMLDivElement>(null)
  const [[first, last], setRange] = useState([0, 30])
  const [restored] = useState(rowToRestore)
  const [active, setActive] = useState<{ id: string; column: number } | null>(
    restored && { id: restored.id, column: linkColumn },
  )
  const [toFocus, setToFocus] = useState<number | null>(null)
  const anchor = useRef<{ id: string; index: number } | null>(null)
  const height = rowHeight()
  /** Number of rows in the list, including rows that have not been read yet. */
  const rowCount = complete ? rows.length : Math.min(Math.max(total, rows.length), maxRows)

  const updateRange = (): void => {
    const top = body.current?.getBoundingClientRect().top ?? 0
    const from = Math.max(0, Math.floor(-top / rowHeight()) - rowsBeyondEdge)
    const to = Math.ceil((innerHeight - top) / rowHeight()) + rowsBeyondEdge
    setRange(([a, b]) => (a === from && b === to ? [a, b] : [from, to]))
  }
  useEffect(() => {
    updateRange()
    addEventListener('scroll', updateRange, { passive: true })
    addEventListener('resize', updateRange)
    return () => {
      removeEventListener('scroll', updateRange)
      removeEventListener('resize', updateRange)
    }
  }, [])
  useEffect(() => requestRows(Math.min(last, rowCount) + rowsAhead), [last, selection])

  // After the filter or the order has changed, scroll to the top of the list.
  useLayoutEffect(() => {
    anchor.current = null
    const top = body.current?.getBoundingClientRect().top ?? 0
    if (top < 0) scrollBy({ top: top - 96, behavior: 'instant' })
  }, [selection])

  // If inserted rows push down the rows in view, scroll by the same distance, so that the rows in view stay in place.
  useLayoutEffect(() => {
    const top = body.current?.getBoundingClientRect().top ?? 0
    const before = anchor.current
    if (before && rows[before.index]?.id !== before.id) {
      const index = rows.findIndex(({ id }) => id === before.id)
      if (index >= 0) scrollBy({ top: (index - before.index) * height, behavior: 'instant' })
    }
    const reading = top < 0 ? Math.floor(-top / height) : -1
    const row = rows[reading]
    anchor.current = row ? { id: row.id, index: reading } : null
  })

  useLayoutEffect(() => {
    const row = restored && cellOf(restored.id, linkColumn)?.closest('[data-id]')
    if (!row) return
    restoreScroll(row, restored)
    anchor.current = null
    updateRange()
  }, [])

  useLayoutEffect(() => {
    if (toFocus === null) return
    const row = rows[Math.min(toFocus, complete ? rows.length - 1 : toFocus)]
    const cell = row && cellOf(row.id, active?.column ?? linkColumn)
    if (!row || !cell) return
    cell.focus({ preventScroll: true })
    setActive({ id: row.id, column: active?.column ?? linkColumn })
    setToFocus(null)
  })

  const cellOf = (id: string, column: number): HTMLElement | null | undefined =>
    body.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"] [data-column="${column}"]`)

  /** Scrolls a row into the window and focuses it. */
  const moveTo = (index: number): void => {
    if (!body.current) return
    const at = Math.max(0, Math.min(index, rowCount - 1))
    const top = body.current.getBoundingClientRect().top + at * height
    const hasBar = selected.size > 0 || deletedRows.value.length > 0 || narrowWindow.matches
    const [header, footer] = [96, hasBar ? barHeight : 0]
    if (top < header) scrollBy({ top: top - header, behavior: 'instant' })
    else if (top + height > innerHeight - footer) {
      scrollBy({ top: top + height - innerHeight + footer + 8, behavior: 'instant' })
    }
    anchor.current = null
    updateRange()
    setToFocus(at)
  }

  const steps: Record<string, (index: number) => number> = {
    ArrowDown: index => index + 1,
    ArrowUp: index => index - 1,
    PageDown: index => index + 10,
    PageUp: index => index - 10,
    'Control+Home': () => 0,
    'Control+End': () => rowCount - 1,
  }
  const cellSteps: Record<string, (column: number) => number> = {
    ArrowRight: column => Math.min(column + 1, columnCount - 1),
    ArrowLeft: column => Math.max(column - 1, 0),
    Home: () => 0,
    End: () => columnCount - 1,
  }
  const select = (index: number, extend: boolean): void => {
    const row = rows[index]
    if (row) selectRow(row.id, { extend })
  }
  const extendTo = (index: number): void => {
    moveTo(index)
    select(index, true)
  }
  const selections: Record<string, (index: number) => void> = {
    ' ': index => select(index, false),
    'Shift+ ': index => select(index, true),
    'Shift+ArrowDown': index => extendTo(Math.min(index + 1, rows.length - 1)),
    'Shift+ArrowUp': index => extendTo(Math.max(index - 1, 0)),
    'Control+a': selectLoadedRows,
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.metaKey || event.altKey || !active) return
    const key = `${event.ctrlKey ? 'Control+' : ''}${event.shiftKey ? 'Shift+' : ''}${event.key}`
    const index = rows.findIndex(row => row.id === active.id)
    if (index < 0 || !(steps[key] || cellSteps[key] || selections[key])) return
    event.preventDefault()
    if (selections[key]) selections[key](index)
    else if (steps[key]) moveTo(steps[key](index))
    else cellOf(active.id, cellSteps[key]?.(active.column) ?? 0)?.focus()
  }
  const onFocusIn = ({ target }: FocusEvent): void => {
    const id = (target as Element).closest<HTMLElement>('[data-id]')?.dataset.id
    const column = Number((target as HTMLElement).dataset.column ?? linkColumn)
    if (id) setActive({ id, column })
  }

  // Firefox toggles a checkbox when the space bar is released, even if `keydown` was prevented.
  const onKeyUp = (event: KeyboardEvent): void => {
    if (event.key === ' ') event.preventDefault()
  }

  const shown = indexesOf(first, Math.min(last, rowCount))
  const isShown = (index: number): boolean => index >= first && index < last
  // Keep the focused row rendered even when it is scrolled out of view.
  const focusedIndex = active ? rows.findIndex(({ id }) => id === active.id) : -1
  if (focusedIndex >= 0 && !isShown(focusedIndex)) shown.push(focusedIndex)
  const tabbable =
    focusedIndex >= 0 ? focusedIndex : Math.min(first === 0 ? 0 : first + rowsBeyondEdge, rows.length - 1)

  return (
    <div
      class={`table ${selected.size > 0 ? 'selecting' : ''}`}
      role="grid"
      aria-multiselectable="true"
      aria-label={words.list.count(rowCount)}
      aria-rowcount={rowCount + 1}
      aria-colcount={columnCount}
      aria-busy={stale}
    >
      <div class="head" role="rowgroup">
        <div class="row" role="row" aria-rowindex={1}>
          <span role="columnheader" class="select">
            <SelectAll />
          </span>
          {columns.map(({ name, by }) => (
            <Header key={name} name={words.list.columns[name]} by={by} />
          ))}
        </div>
      </div>
      <div
        class="rows"
        role="rowgroup"
        ref={body}
        style={{ '--height': `${rowCount * height}px` }}
        onKeyDown={onKeyDown}
        onKeyUp={onKeyUp}
        onFocusIn={onFocusIn}
      >
        {shown.map(index => {
          const row = rows[index]
          const top = index * height
          if (!row) return <div key={index} class="row waiting" style={{ '--top': `${top}px` }} />
          const column = index === tabbable ? (active?.id === row.id ? active.column : linkColumn) : null
          const isSelected = selected.has(row.id)
          return <SessionRow key={row.id} {...{ row, index, top, now, isSelected }} tabbable={column} />
        })}
      </div>
    </div>
  )
}

const indexesOf = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)

/** A checkbox that selects all loaded rows, or clears the selection. */
export function SelectAll() {
  const { rows } = useStore(listState)
  const selected = useStore(selectedRows)
  const isFull = selected.size === maxSelected || rows.every(({ id }) => selected.has(id))
  return (
    <input
      type="checkbox"
      aria-label={words.selected.selectAll}
      checked={isFull}
      indeterminate={selected.size > 0 && !isFull}
      onClick={() => (isFull ? clearSelectedRows() : selectLoadedRows())}
    />
  )
}

/** A column header. Clicking the header sorts the list by its column. */
function Header({ name, by }: { name: string; by: OrderField }) {
  const { order } = useStore(route)
  const isSorted = order.by === by
  const sorted = isSorted ? (order.descending ? 'descending' : 'ascending') : undefined
  return (
    <span role="columnheader" aria-sort={sorted} class={by === 'LABEL' || by === 'PERIOD' ? '' : 'right'}>
      <button type="button" onClick={() => navigate({ order: nextOrder(by, order) })}>
        {name}
        <span class="arrow" aria-hidden="true">
          {isSorted && (order.descending ? '↓' : '↑')}
        </span>
      </button>
    </span>
  )
}
