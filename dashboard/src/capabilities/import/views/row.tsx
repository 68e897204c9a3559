import type { TargetedEvent } from 'preact'
import { useMemo } from 'preact/hooks'
import { hrefOf, navigateOnClick, sessionRoute } from '../../../router'
import { caller } from '../../../sign-in/caller'
import { words } from '../../../words'
import { columnNames, type Fault } from '../check'
import { type Column, columnKinds } from '../columns'
import { editCell, removeRow } from '../import'
import { isEditable, type Row } from '../rows'
import { checkRow, isAsked, isSkipped, isStored } from '../state'
import { importWords } from '../words'

interface RowProps {
  row: Row
  columns: readonly Column[]
  /**
   * Required fields for which the sheet has no column. Errors about missing columns are shown once, not in each row.
   */
  missing: ReadonlySet<Column>
  /** If this row is a duplicate, the number of the first row with the same content. Otherwise null. */
  sameAs: number | null
  /** Whether the row's calculation already existed before this import. */
  existing: boolean
  /** Session id of the row's calculation, or of the existing calculation that the row matches. */
  session: string | null
  /** Whether the row might match an existing calculation that was not read. */
  uncompared: boolean
  running: boolean
}

/** A row of the import, with its cells, errors and state. */
export function ImportRow({ row, columns, missing, sameAs, existing, session, uncompared, running }: RowProps) {
  const { faults, inputs } = checkRow(row)
  const { mentorId, organisationId } = caller.value
  const filledIn: Partial<Record<Column, string | null>> = {
    mentorId,
    organisationId,
    currency: inputs.currency,
    from: inputs.period?.from ?? null,
    to: inputs.period?.to ?? null,
  }
  const asked = isAsked(row)
  const skipped = isSkipped(row)
  const shownFaults = isStored(row)
    ? []
    : columns.flatMap(column => {
        const fault = faults[column]
        const isShown = fault && !fault.isAsked && !row.isAside && !(missing.has(column) && row.texts[column] === '')
        return isShown ? { column, ...fault } : []
      })
  return useMemo(
    () => (
      <>
        <tr data-state={row.state} data-skipped={skipped}>
          <th scope="row">
            <span class="unseen">{importWords.row(row.id)}</span>
            <span aria-hidden="true">{row.id}</span>
          </th>
          {columns.map(column => (
            <Cell
              key={column}
              row={row}
              column={column}
              fault={row.isAside ? undefined : faults[column]}
              isDescribed={shownFaults.some(fault => fault.column === column)}
              filledIn={filledIn[column] ?? undefined}
            />
          ))}
          <td class="standing">
            <RowStatus
              row={row}
              asked={asked}
              sameAs={sameAs}
              existing={existing}
              session={session}
              uncompared={uncompared}
              running={running}
            />
            {!running && isEditable(row) && (
              <button
                type="button"
                class="quiet"
                aria-label={importWords.skipRow(row.id)}
                onClick={({ currentTarget }) => {
                  nextFocus(currentTarget)?.focus()
                  removeRow(row.id)
                }}
              >
                {importWords.skip}
              </button>
            )}
          </td>
        </tr>
        {(shownFaults.length > 0 || row.refusal) && (
          <tr class="faults">
            <td colSpan={columns.length + 2}>
              <div>
                {row.refusal && <span>{row.refusal.message}</span>}
                {shownFaults.map(fault => (
                  <FaultText key={fault.column} row={row} {...fault} />
                ))}
              </div>
            </td>
          </tr>
        )}
      </>
    ),
    [row, columns, missing, faults, asked, skipped, sameAs, existing, session, uncompared, running],
  )
}

/** Returns the element that receives the focus when a row is removed. */
function nextFocus(button: HTMLElement): HTMLElement | null | undefined {
  const row = button.closest('tr')
  const rows = [...(row?.parentElement?.querySelectorAll('tr[data-state]') ?? [])]
  const at = rows.indexOf(row as Element)
  return (rows[at + 1] ?? rows[at - 1])?.querySelector<HTMLElement>('button, a, input, textarea')
}

interface FaultTextProps extends Fault {
  row: Row
  column: Column
}

const faultId = (row: Row, column: Column): string => `fault-${row.id}-${column}`

/** A cell's error message, which is shown below the row with the column's name. */
function FaultText({ row, column, message, alternatives = [] }: FaultTextProps) {
  const name = columnNames[column]
  return (
    <span id={faultId(row, column)}>
      {message.toLowerCase().includes(name.toLowerCase()) ? message : words.labelled(name, message)}
      {alternatives.map(({ text, shown }) => (
        <button
          key={text}
          type="button"
          onClick={({ currentTarget }) => {
            const cells = currentTarget.closest('tr')?.previousElementSibling
            cells?.querySelector<HTMLElement>(`[name="${column}"]`)?.focus()
            editCell(row, column, text)
          }}
        >
          {shown}
        </button>
      ))}
    </span>
  )
}

interface CellProps {
  row: Row
  column: Column
  fault: Fault | undefined
  /** Whether the error message is displayed below the row. */
  isDescribed: boolean
  /** Value that applies while the cell is empty, and that is shown as the cell's placeholder. */
  filledIn: string | undefined
}

function Cell({ row, column, fault, isDescribed, filledIn }: CellProps) {
  const text = row.texts[column]
  const name = columnNames[column]
  // Only notes can have several lines.
  const Field = column === 'note' ? 'textarea' : 'input'
  return (
    <td class={column} data-number={columnKinds[column] === 'number'} data-asked={fault?.isAsked}>
      {isStored(row) ? (
        <bdi>{text || filledIn}</bdi>
      ) : (
        <Field
          name={column}
          dir="auto"
          value={text}
          placeholder={filledIn}
          readOnly={!isEditable(row)}
          autocomplete="off"
          spellcheck={false}
          rows={column === 'note' ? 1 : undefined}
          inputmode={columnKinds[column] === 'number' ? 'decimal' : 'text'}
          aria-label={importWords.cell(name, row.id)}
          aria-invalid={fault && !fault.isAsked ? 'true' : undefined}
          aria-describedby={isDescribed ? faultId(row, column) : undefined}
          onInput={({ currentTarget }: TargetedEvent<HTMLInputElement | HTMLTextAreaElement>) =>
            editCell(row, column, currentTarget.value)
          }
        />
      )}
    </td>
  )
}

interface RowStatusProps extends Omit<RowProps, 'columns' | 'missing'> {
  asked: boolean
}

function RowStatus({ row, asked, sameAs, existing, session, uncompared, running }: RowStatusProps) {
  const { id, state, refusal, isKept } = row
  return (
    <>
      {row.isAside && !isStored(row) && <small class="duplicate">{importWords.looksAside}</small>}
      {asked && <small class="soft">{importWords.waitsForAnswer}</small>}
      {sameAs !== null && <small class="duplicate">{importWords.sameAs(sameAs)}</small>}
      {existing && <small class="duplicate">{importWords.alreadyExists}</small>}
      {uncompared && <small class="soft">{importWords.notCompared}</small>}
      {isKept && <small class="duplicate">{importWords.changedSince}</small>}
      {state === 'sent' && running && <span class="soft">{importWords.sending}</span>}
      {state === 'sent' && !running && (
        <span class="soft" title={importWords.unansweredHint}>
          {importWords.unanswered}
        </span>
      )}
      {refusal?.holder && <OpenLink session={refusal.holder} label={importWords.showHolder(id)} />}
      {session !== null && (
        <OpenLink session={session} label={existing ? importWords.showExisting(id) : importWords.showRow(id)} />
      )}
    </>
  )
}

const OpenLink = ({ session, label }: { session: string; label: string }) => (
  <a
    href={hrefOf({ ...sessionRoute(session), filter: {} })}
    aria-label={label}
    onClick={navigateOnClick(sessionRoute(session))}
  >
    {importWords.show}
  </a>
)
