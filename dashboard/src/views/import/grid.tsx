import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { columnNames } from '../../import/check'
import { columns } from '../../import/columns'
import { isDone, isReady } from '../../import/imported'
import type { Row } from '../../import/rows'
import { words } from '../../words'
import { Discard } from './discard'
import { RowView } from './row'
import './grid.css'

/** Rows per page. */
const pageRows = 50

const kinds = ['all', 'ready', 'faulty', 'refused', 'doubled', 'done'] as const
type Kind = (typeof kinds)[number]

interface GridProps {
  rows: readonly Row[]
  /** Maps each duplicate row to the first row with the same content. */
  doubled: ReadonlyMap<number, number>
  running: boolean
}

/**
 * The rows, one page at a time. While a kind is selected, its rows stay in view when they are corrected, until the
 * focus leaves the grid.
 */
export function Grid({ rows, doubled, running }: GridProps) {
  const [kind, setKind] = useState<Kind>('all')
  const [kept, setKept] = useState<ReadonlySet<number>>(new Set())
  const [page, setPage] = useState(0)
  const body = useRef<HTMLTableSectionElement>(null)
  const isOf: Record<Kind, (row: Row) => boolean> = {
    all: () => true,
    ready: isReady,
    faulty: row => !isReady(row) && !isDone(row),
    refused: ({ state }) => state === 'refused',
    doubled: row => !isDone(row) && doubled.has(row.id),
    done: isDone,
  }
  const counts = kinds.map(kind => [kind, rows.filter(isOf[kind]).length] as const)
  const found = rows.filter(row => isOf[kind](row) || kept.has(row.id))
  const pages = Math.max(1, Math.ceil(found.length / pageRows))
  const at = Math.min(page, pages - 1)
  const shown = found.slice(at * pageRows, (at + 1) * pageRows)

  const choose = (kind: Kind): void => {
    setKind(kind)
    setKept(new Set())
    setPage(0)
  }
  const turn = (to: number): void => {
    setKept(new Set())
    setPage(to)
  }

  // After sending, shows the refused rows.
  useLayoutEffect(() => {
    if (!running) choose(rows.some(isOf.refused) ? 'refused' : 'all')
  }, [running])

  /** As in a spreadsheet, the up and down keys move the focus within the column. */
  const walk = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' || event.key === 'Enter' ? 1 : 0
    const input = event.target as HTMLInputElement
    if (step === 0 || !input.name) return
    event.preventDefault()
    const column = [...(body.current?.querySelectorAll<HTMLInputElement>(`[name="${input.name}"]`) ?? [])]
    column[column.indexOf(input) + step]?.focus()
  }

  return (
    <>
      <div class="tools">
        <fieldset class="kinds">
          <legend class="unseen">{words.import.shown}</legend>
          {counts.map(
            ([name, count]) =>
              (name === 'all' || name === kind || count > 0) && (
                <label key={name}>
                  <input type="radio" name="kind" checked={kind === name} onChange={() => choose(name)} />
                  {words.import[name](count)}
                </label>
              ),
          )}
        </fieldset>
        {!running && <Discard rows={rows} doubled={doubled} />}
      </div>
      {shown.length === 0 ? (
        <p class="nothing">
          {kind === 'faulty' || kind === 'refused' ? words.import.allFixed : words.import.noneShown}
        </p>
      ) : (
        <div class="grid">
          <table aria-label={words.import.rows}>
            <thead>
              <tr>
                <td />
                {columns.map(column => (
                  <th key={column} scope="col" class={column}>
                    {columnNames[column]}
                  </th>
                ))}
                <td class="standing" />
              </tr>
            </thead>
            <tbody
              ref={body}
              onKeyDown={walk}
              onFocusIn={() => setKept(new Set(shown.map(({ id }) => id)))}
              onFocusOut={({ relatedTarget }) => {
                if (!body.current?.contains(relatedTarget as Node | null)) setKept(new Set())
              }}
            >
              {shown.map(row => (
                <RowView key={row.id} row={row} sameAs={doubled.get(row.id) ?? null} running={running} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {pages > 1 && (
        <nav class="pager">
          <button type="button" aria-disabled={at === 0} onClick={() => at > 0 && turn(at - 1)}>
            {words.import.earlier}
          </button>
          <span>{words.import.page(at + 1, pages)}</span>
          <button type="button" aria-disabled={at === pages - 1} onClick={() => at < pages - 1 && turn(at + 1)}>
            {words.import.later}
          </button>
        </nav>
      )}
    </>
  )
}
