import { useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { afterClick } from '../../../views/after-click'
import { columnNames } from '../check'
import { type Column, columns, rareColumns } from '../columns'
import { discardImport } from '../import'
import type { Notation } from '../notation'
import type { Row } from '../rows'
import {
  checkRow,
  duplicateOf,
  isAsked,
  isDone,
  isDuplicate,
  isExisting,
  isPending,
  isReady,
  isStored,
  isToFix,
  isUncompared,
  matchOf,
  requiredColumns,
  type Source,
} from '../state'
import { importWords } from '../words'
import { ImportRow } from './row'
import './grid.css'

const pageRows = 50

const rowKinds = [
  'all',
  'ready',
  'faulty',
  'asked',
  'refused',
  'duplicate',
  'existing',
  'aside',
  'uncompared',
  'done',
  'kept',
] as const
export type RowKind = (typeof rowKinds)[number]

interface GridProps {
  source: Source | null
  notation: Notation
  rows: readonly Row[]
  running: boolean
  kind: RowKind
  setKind(kind: RowKind): void
}

/** Table columns that are hidden if all their cells are empty. */
const hiddenIfEmpty: readonly Column[] = [...rareColumns, 'label']

/** Returns the columns to show: the mentor column first, then the columns with errors, then all other columns. */
function orderedColumns(rows: readonly Row[]): Column[] {
  const shown = columns.filter(
    column => !hiddenIfEmpty.includes(column) || rows.some(({ texts }) => texts[column] !== ''),
  )
  const faulty = new Set<Column>()
  for (const row of rows.filter(isToFix)) {
    const { faults } = checkRow(row)
    for (const column of columns) if (faults[column] && !faults[column].isAsked) faulty.add(column)
  }
  // Show the first and the last day side by side, because they are easier to correct together.
  if (faulty.has('from') || faulty.has('to')) faulty.add('from').add('to')
  const rank = (column: Column): number => (column === 'mentorId' ? 0 : faulty.has(column) ? 1 : 2)
  return shown.toSorted((a, b) => rank(a) - rank(b))
}

/**
 * Table of the import's rows, divided into pages. While the grid shows only one kind of row, corrected rows stay
 * visible until the focus leaves the grid.
 */
export function Grid({ source, notation, rows, running, kind, setKind }: GridProps) {
  const [pinned, setPinned] = useState<ReadonlySet<number>>(new Set())
  const [page, setPage] = useState(0)
  // Keep the order of the columns while the user edits cells.
  const shownColumns = useMemo(() => orderedColumns(rows), [source, notation])
  const missing = useMemo(() => new Set(requiredColumns().filter(column => source?.mapping[column] === null)), [source])
  const body = useRef<HTMLTableSectionElement>(null)
  const isOf: Record<RowKind, (row: Row) => boolean> = {
    all: () => true,
    ready: isReady,
    faulty: isToFix,
    asked: isAsked,
    refused: ({ state }) => state === 'refused',
    duplicate: isDuplicate,
    existing: isExisting,
    aside: row => row.isAside && !isStored(row),
    uncompared: isUncompared,
    done: isDone,
    kept: ({ isKept }) => isKept,
  }
  const counts = rowKinds.map(kind => [kind, rows.filter(isOf[kind]).length] as const)
  const matching = rows.filter(row => isOf[kind](row) || pinned.has(row.id))
  const pages = Math.max(1, Math.ceil(matching.length / pageRows))
  const at = Math.min(page, pages - 1)
  const shown = matching.slice(at * pageRows, (at + 1) * pageRows)

  useLayoutEffect(() => {
    setPinned(new Set())
    setPage(0)
  }, [kind])
  const goToPage = (to: number): void => {
    setPinned(new Set())
    setPage(to)
  }

  /** Hides corrected rows, unless a cell of the grid has the focus. */
  const unpin = (): void => {
    if (!body.current?.contains(document.activeElement)) setPinned(new Set())
  }

  // After an import or undo, show only the rows that need attention.
  useLayoutEffect(() => {
    if (!running) setKind((['kept', 'refused'] as const).find(kind => rows.some(isOf[kind])) ?? 'all')
  }, [running])

  /** Moves the focus within a column, as in a spreadsheet: ↑ moves it up, and ↓ or Enter moves it down. */
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' || event.key === 'Enter' ? 1 : 0
    const input = event.target as HTMLInputElement | HTMLTextAreaElement
    if (step === 0 || !input.name) return
    event.preventDefault()
    const column = [...(body.current?.querySelectorAll<HTMLElement>(`[name="${input.name}"]`) ?? [])]
    column[column.indexOf(input) + step]?.focus()
  }

  return (
    <>
      <div class="tools">
        <fieldset class="kinds">
          <legend class="unseen">{importWords.shown}</legend>
          {counts.map(
            ([name, count]) =>
              (name === 'all' || name === kind || count > 0) && (
                <label key={name}>
                  <input type="radio" name="kind" checked={kind === name} onChange={() => setKind(name)} />
                  {importWords[name](count)}
                </label>
              ),
          )}
        </fieldset>
        {!running && <DiscardButton rows={rows} />}
      </div>
      {shown.length === 0 ? (
        <p class="nothing">{kind === 'faulty' || kind === 'refused' ? importWords.allFixed : importWords.noneShown}</p>
      ) : (
        <div class="grid">
          <table aria-label={importWords.rows}>
            <thead>
              <tr>
                <td class="number" />
                {shownColumns.map(column => (
                  <th key={column} scope="col" class={column}>
                    {columnNames[column]}
                  </th>
                ))}
                <td class="standing" />
              </tr>
            </thead>
            <tbody
              ref={body}
              onKeyDown={onKeyDown}
              onFocusIn={() => setPinned(new Set(shown.map(({ id }) => id)))}
              onFocusOut={({ relatedTarget }) => {
                if (body.current?.contains(relatedTarget as Node | null)) return
                afterClick(unpin)
              }}
            >
              {shown.map(row => (
                <ImportRow
                  key={row.id}
                  row={row}
                  columns={shownColumns}
                  missing={missing}
                  sameAs={duplicateOf(row)}
                  existing={isExisting(row)}
                  session={row.session ?? matchOf(row)}
                  uncompared={isUncompared(row)}
                  running={running}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {pages > 1 && (
        <nav class="pager">
          <button type="button" aria-disabled={at === 0} onClick={() => at > 0 && goToPage(at - 1)}>
            {importWords.earlier}
          </button>
          <span>{importWords.page(at + 1, pages)}</span>
          <button type="button" aria-disabled={at === pages - 1} onClick={() => at < pages - 1 && goToPage(at + 1)}>
            {importWords.later}
          </button>
        </nav>
      )}
    </>
  )
}

/** A button that discards all rows. The button asks for confirmation if some rows are not imported yet. */
function DiscardButton({ rows }: { rows: readonly Row[] }) {
  const [isAsking, setAsking] = useState(false)
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const pending = rows.filter(isPending)
  useLayoutEffect(() => {
    if (isAsking) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isAsking])
  return (
    <div class="buttons">
      <button type="button" onClick={() => (pending.length === 0 ? discardImport() : setAsking(true))}>
        {pending.length === 0 ? importWords.another : importWords.discard}
      </button>
      <dialog ref={dialog} aria-labelledby={heading} onClose={() => setAsking(false)}>
        <h2 id={heading}>{importWords.discardHeading}</h2>
        <p>{importWords.discardWhat(pending.length)}</p>
        <div class="buttons">
          <button type="button" onClick={() => setAsking(false)}>
            {importWords.keep}
          </button>
          <button type="button" class="danger" onClick={discardImport}>
            {importWords.discard}
          </button>
        </div>
      </dialog>
    </div>
  )
}
