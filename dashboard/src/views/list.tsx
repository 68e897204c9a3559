import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { ago, dateTimeOf, eventNames, money, number, stateNames } from '../format'
import { markedMs, type Row, sessions, summary } from '../live'
import { addressOf, follow, go, route, statesAtRest } from '../route'
import { clock, useStore } from '../store'

const narrow = matchMedia('(max-width: 46rem)')
const rowHeight = (): number => (narrow.matches ? 84 : 52)

/** Rows that are rendered beyond either edge of the window. */
const beyond = 8

export function List() {
  const { rows, complete, more, refusal } = useStore(sessions)
  const { filter } = useStore(route)
  const figures = useStore(summary)
  const filtered = Object.keys(filter).length > 0
  const total = Math.max(figures?.sessions ?? 0, rows.length)
  return (
    <section class="list" aria-labelledby="sessions-heading">
      <Filters rows={rows} />
      {refusal && (
        <p role="alert" class="refusal">
          {refusal}
        </p>
      )}
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

const known = (rows: Row[], member: 'organisationId' | 'mentorId'): string[] => {
  const values = new Set<string>()
  for (const row of rows) {
    const value = row[member]
    if (value !== null) values.add(value)
    if (values.size === 100) break
  }
  return [...values].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))
}

function Filters({ rows }: { rows: Row[] }) {
  const { filter } = useStore(route)
  const { state, ...others } = filter
  return (
    <div class="filters">
      <h2 id="sessions-heading">All sessions</h2>
      <search>
        <TextFilter member="organisationId" label="Organisation" values={known(rows, 'organisationId')} />
        <TextFilter member="mentorId" label="Mentor" values={known(rows, 'mentorId')} />
        <label>
          <span>State</span>
          <select
            value={state ?? ''}
            onChange={({ currentTarget }) => {
              const chosen = statesAtRest.find(state => state === currentTarget.value)
              go({ filter: { ...others, ...(chosen && { state: chosen }) } }, { replace: true })
            }}
          >
            <option value="">Any</option>
            {statesAtRest.map(state => (
              <option key={state} value={state}>
                {stateNames[state]}
              </option>
            ))}
          </select>
        </label>
        {Object.keys(filter).length > 0 && (
          <button type="button" class="quiet" onClick={() => go({ filter: {} }, { replace: true })}>
            Clear
          </button>
        )}
      </search>
    </div>
  )
}

function TextFilter(props: { member: 'organisationId' | 'mentorId'; label: string; values: string[] }) {
  const { member, label, values } = props
  const { filter } = useStore(route)
  const timer = useRef<ReturnType<typeof setTimeout>>()
  const apply = (value: string): void => {
    const { [member]: _, ...others } = route.value.filter
    go({ filter: value ? { ...others, [member]: value } : others }, { replace: true })
  }
  return (
    <label>
      <span>{label}</span>
      <input
        list={`known-${member}`}
        value={filter[member] ?? ''}
        placeholder="Any"
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => {
          const { value } = currentTarget
          clearTimeout(timer.current)
          timer.current = setTimeout(() => apply(value), 300)
        }}
      />
      <datalist id={`known-${member}`}>
        {values.map(value => (
          <option key={value} value={value} />
        ))}
      </datalist>
    </label>
  )
}

/** The rows within the window and a few beyond it: thousands cost no more than a screenful. */
function Table({ rows, total }: { rows: Row[]; total: number }) {
  const now = useStore(clock)
  const body = useRef<HTMLDivElement>(null)
  const [[first, last], setRange] = useState([0, 30])
  const [active, setActive] = useState<string | null>(null)
  const [toFocus, setToFocus] = useState<string | null>(null)
  const anchor = useRef<{ id: string; index: number } | null>(null)
  const height = rowHeight()

  const look = (): void => {
    const top = body.current?.getBoundingClientRect().top ?? 0
    const from = Math.max(0, Math.floor(-top / rowHeight()) - beyond)
    const to = Math.ceil((innerHeight - top) / rowHeight()) + beyond
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
  const tabbable = shown.find(({ id }) => id === active)?.id ?? shown[Math.min(beyond, first)]?.id

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
    <div class="table" role="table" aria-label={`${number(total)} sessions, newest first`} aria-rowcount={rows.length + 1}>
      <div class="head" role="rowgroup">
        <div class="row" role="row" aria-rowindex={1}>
          <span role="columnheader">Session</span>
          <span role="columnheader">State</span>
          <span role="columnheader">Last event</span>
          <span role="columnheader" class="right">
            Ratio
          </span>
          <span role="columnheader" class="right">
            Net benefit
          </span>
          <span role="columnheader" class="right">
            Age
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
          <SessionRow key={row.id} row={row} index={first + i} top={(first + i) * height} now={now} tabbable={row.id === tabbable} />
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
  const mark = marked ? (row.started ? 'new' : 'changed') : undefined
  const to = { session: id }
  return (
    <div class="row" role="row" aria-rowindex={index + 2} data-id={id} data-mark={mark} style={{ transform: `translateY(${top}px)` }}>
      <span role="cell" class="who">
        <a href={addressOf({ ...route.value, ...to })} onClick={follow(to)} tabIndex={tabbable ? 0 : -1}>
          {id}
        </a>
        {mark && <span class="mark">{mark}</span>}
        <span class="soft clipped">{organisationId === null ? mentorId : `${mentorId} · ${organisationId}`}</span>
      </span>
      <span role="cell" class="state">
        <State state={state} />
      </span>
      <span role="cell" class="event">
        <span class="clipped">{lastEvent === null ? eventNames.SESSION_STARTED : eventNames[lastEvent]}</span>
        <span class="soft">{ago(updatedAt, now)}</span>
      </span>
      <span role="cell" class="ratio right">
        {outputs?.benefitCostRatio == null ? <None /> : money(outputs.benefitCostRatio)}
      </span>
      <span role="cell" class={`benefit right ${outputs && outputs.netBenefit < 0 ? 'loss' : ''}`}>
        {outputs ? money(outputs.netBenefit) : <None />}
      </span>
      <span role="cell" class="age right soft" title={dateTimeOf(createdAt)}>
        {ago(createdAt, now)}
      </span>
    </div>
  )
}

const None = () => (
  <span class="soft">
    <span aria-hidden="true">–</span>
    <span class="unseen">none</span>
  </span>
)

export const State = ({ state }: { state: Row['state'] }) => (
  <span class="chip" data-state={state}>
    {stateNames[state]}
  </span>
)
