import { useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { afterClick } from '../../../views/after-click'
import { columnNames } from '../check'
import { columns, rareColumns } from '../columns'
import { discardImport } from '../import'
import type { Row } from '../rows'
import {
  duplicateOf,
  isDone,
  isDuplicate,
  isExisting,
  isFaulty,
  isPending,
  isReady,
  isStored,
  isUncompared,
  matchOf,
  type Source,
} from '../state'
import { importWords } from '../words'
import { ImportRow } from './row'
import './grid.css'

const pageRows = 50

const rowKinds = ['all', 'ready', 'faulty', 'refused', 'duplicate', 'existing', 'uncompared', 'done', 'kept'] as const
type RowKind = (typeof rowKinds)[number]

interface GridProps {
  source: Source | null
  rows: readonly Row[]
  running: boolean
}

/**
 * The rows, one page at a time. While a kind is selected, its rows stay in view when they are corrected, until the
 * focus leaves the grid.
 */
export function Grid({ source, rows, running }: GridProps) {
  const [kind, setKind] = useState<RowKind>('all')
  const [pinned, setPinned] = useState<ReadonlySet<number>>(new Set())
  const [page, setPage] = useState(0)
  // A column stays, even if its last cell is emptied.
  const shownColumns = useMemo(
    () => columns.filter(column => !rareColumns.includes(column) || rows.some(({ texts }) => texts[column] !== '')),
    [source],
  )
  const body = useRef<HTMLTableSectionElement>(null)
  const isOf: Record<RowKind, (row: Row) => boolean> = {
    all: () => true,
    ready: isReady,
    faulty: row => !isReady(row) && !isStored(row) && isFaulty(row),
    refused: ({ state }) => state === 'refused',
    duplicate: isDuplicate,
    existing: isExisting,
    uncompared: isUncompared,
    done: isDone,
    kept: ({ isKept }) => isKept,
  }
  const counts = rowKinds.map(kind => [kind, rows.filter(isOf[kind]).length] as const)
  const matching = rows.filter(row => isOf[kind](row) || pinned.has(row.id))
  const pages = Math.max(1, Math.ceil(matching.length / pageRows))
  const at = Math.min(page, pages - 1)
  const shown = matching.slice(at * pageRows, (at + 1) * pageRows)

  const choose = (kind: RowKind): void => {
    setKind(kind)
    setPinned(new Set())
    setPage(0)
  }
  const goToPage = (to: number): void => {
    setPinned(new Set())
    setPage(to)
  }

  /** Removes corrected rows from the view, unless the focus is in the rows. */
  const unpin = (): void => {
    if (!body.current?.contains(document.activeElement)) setPinned(new Set())
  }

  // After sending, show the rows that need attention.
  useLayoutEffect(() => {
    if (!running) choose((['kept', 'refused'] as const).find(kind => rows.some(isOf[kind])) ?? 'all')
  }, [running])

  /** As in a spreadsheet, the up and down keys move the focus within the column. */
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
                  <input type="radio" name="kind" checked={kind === name} onChange={() => choose(name)} />
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
          <table
            aria-label={importWords.rows}
            style={{ '--rare-columns': shownColumns.filter(column => rareColumns.includes(column)).length }}
          >
            <thead>
              <tr>
                <td />
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

/** Discards all rows. Asks first if some are not imported yet. */
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
