// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed one by one would lose a table element's semantics.
// biome-ignore-all lint/a11y/useFocusableInteractive: a row of a table is not interactive; the link in it is focused.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { age, ago, dateTimeOf, figure, formatsIn } from '../format'
import { markedMs, type Row } from '../live/list'
import { addressOf, followLink, route } from '../route'
import { clock, useStore } from '../store'
import { words } from '../words'
import { State } from './state'
import './table.css'

const narrowWindow = matchMedia('(max-width: 46rem)')
const rowHeight = (): number => (narrowWindow.matches ? 84 : 52)

/** Rows that are rendered beyond either edge of the window. */
const rowsBeyondEdge = 8

/** The rows within the window and a few beyond it: thousands cost no more than a screenful. */
export function Table({ rows, total }: { rows: Row[]; total: number }) {
  const now = useStore(clock)
  const body = useRef<HTMLDivElement>(null)
  const [[first, last], setRange] = useState([0, 30])
  const [active, setActive] = useState<string | null>(null)
  const [toFocus, setToFocus] = useState<string | null>(null)
  const anchor = useRef<{ id: string; index: number } | null>(null)
  const height = rowHeight()

  const look = (): void => {
    const top = body.current?.getBoundingClientRect().top ?? 0
    const from = Math.max(0, Math.floor(-top / rowHeight()) - rowsBeyondEdge)
    const to = Math.ceil((innerHeight - top) / rowHeight()) + rowsBeyondEdge
    setRange(([a, b]) => (a === from && b === to ? [a, b] : [from, to]))
  }
  useEffect(() => {
    look()
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [])

  // Rows that come in above what is being read push it down: the page scrolls along with it.
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
    if (toFocus === null) return
    body.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(toFocus)}"] a`)?.focus({ preventScroll: true })
    setToFocus(null)
  }, [toFocus, first])

  const shown = rows.slice(first, last)
  const tabbable = shown.find(({ id }) => id === active)?.id ?? shown[Math.min(rowsBeyondEdge, first)]?.id

  /** Brings a row into the window and the focus to it. */
  const moveTo = (index: number): void => {
    const row = rows[Math.max(0, Math.min(index, rows.length - 1))]
    if (!row || !body.current) return
    const at = rows.indexOf(row)
    const top = body.current.getBoundingClientRect().top + at * height
    const header = 96
    if (top < header) scrollBy({ top: top - header, behavior: 'instant' })
    else if (top + height > innerHeight) scrollBy({ top: top + height - innerHeight + 8, behavior: 'instant' })
    anchor.current = null
    look()
    setActive(row.id)
    setToFocus(row.id)
  }

  const steps: Record<string, (index: number) => number> = {
    ArrowDown: index => index + 1,
    ArrowUp: index => index - 1,
    PageDown: index => index + 10,
    PageUp: index => index - 10,
    Home: () => 0,
    End: () => rows.length - 1,
  }
  const pressed = (event: KeyboardEvent): void => {
    const step = steps[event.key]
    const id = (event.target as Element).closest<HTMLElement>('[data-id]')?.dataset.id
    if (!step || !id || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    moveTo(step(rows.findIndex(row => row.id === id)))
  }

  return (
    <div class="table" role="table" aria-label={words.list.newestFirst(total)} aria-rowcount={rows.length + 1}>
      <div class="head" role="rowgroup">
        <div class="row" role="row" aria-rowindex={1}>
          <span role="columnheader">{words.list.calculation}</span>
          <span role="columnheader">{words.state}</span>
          <span role="columnheader">{words.list.lastEvent}</span>
          <span role="columnheader" class="right">
            {words.list.ratio}
          </span>
          <span role="columnheader" class="right">
            {words.netBenefit}
          </span>
          <span role="columnheader" class="right">
            {words.list.age}
          </span>
        </div>
      </div>
      <div
        class="rows"
        role="rowgroup"
        ref={body}
        style={{ height: `${rows.length * height}px` }}
        onKeyDown={pressed}
        onFocusIn={({ target }) =>
          setActive((target as Element).closest<HTMLElement>('[data-id]')?.dataset.id ?? active)
        }
      >
        {shown.map((row, i) => (
          <SessionRow
            key={row.id}
            row={row}
            index={first + i}
            top={(first + i) * height}
            now={now}
            tabbable={row.id === tabbable}
          />
        ))}
      </div>
    </div>
  )
}

function SessionRow(props: { row: Row; index: number; top: number; now: number; tabbable: boolean }) {
  const { row, index, top, now, tabbable } = props
  const { id, mentorId, organisationId, state, lastEvent, result, createdAt, updatedAt } = row
  const outputs = result?.outputs
  const marked = now - row.touched < markedMs
  const mark = marked ? (row.started ? words.list.isNew : words.list.isChanged) : undefined
  const to = { session: id }
  return (
    <div
      class="row"
      role="row"
      aria-rowindex={index + 2}
      data-id={id}
      data-mark={marked || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell" class="who">
        <a href={addressOf({ ...route.value, ...to })} onClick={followLink(to)} tabIndex={tabbable ? 0 : -1}>
          {id}
        </a>
        {mark && <span class="mark">{mark}</span>}
        <span class="soft clipped">
          <bdi>{mentorId}</bdi>
          {organisationId !== null && (
            <>
              {' · '}
              <bdi>{organisationId}</bdi>
            </>
          )}
        </span>
      </span>
      <span role="cell" class="state">
        <State state={state} />
      </span>
      <span role="cell" class="event">
        <span class="clipped">{words.events[lastEvent ?? 'SESSION_STARTED']}</span>
        <span class="soft">{ago(updatedAt, now)}</span>
      </span>
      <span role="cell" class="ratio right">
        {outputs?.benefitCostRatio == null ? <None /> : figure(outputs.benefitCostRatio)}
      </span>
      <span role="cell" class={`benefit right ${outputs && outputs.netBenefit < 0 ? 'loss' : ''}`}>
        {result ? formatsIn(result.inputs.currency).money(result.outputs.netBenefit) : <None />}
      </span>
      <span role="cell" class="age right soft" title={dateTimeOf(createdAt)}>
        {age(createdAt, now)}
      </span>
    </div>
  )
}

const None = () => (
  <span class="soft">
    <span aria-hidden="true">–</span>
    <span class="unseen">{words.none}</span>
  </span>
)
