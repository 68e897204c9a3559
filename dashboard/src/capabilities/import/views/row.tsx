import type { TargetedEvent } from 'preact'
import { useMemo } from 'preact/hooks'
import { hrefOf, navigateOnClick, sessionRoute } from '../../../router'
import { caller } from '../../../sign-in/caller'
import { columnNames, type Fault } from '../check'
import { type Column, columnKinds } from '../columns'
import { editCell, removeRows } from '../import'
import { isEditable, type Row } from '../rows'
import { checkRow, isDone } from '../state'
import { importWords } from '../words'

interface RowProps {
  row: Row
  columns: readonly Column[]
  /** First row with the same content, if this one is a duplicate. */
  sameAs: number | null
  /** Existing calculation that the row matches. */
  existing: string | null
  /** Whether the row was not compared with all existing calculations. */
  uncompared: boolean
  running: boolean
}

/** A row: its cells with their faults, and its state. */
export function ImportRow({ row, columns, sameAs, existing, uncompared, running }: RowProps) {
  const { faults, inputs } = checkRow(row)
  const { mentor_id, organisation_id } = caller.value
  const filledIn: Partial<Record<Column, string | null>> = {
    mentorId: mentor_id,
    organisationId: organisation_id,
    currency: inputs.currency,
  }
  return useMemo(
    () => (
      <tr data-state={row.state}>
        <th scope="row">
          <span class="unseen">{importWords.row(row.id)}</span>
          <span aria-hidden="true">{row.id}</span>
        </th>
        {columns.map(column => (
          <Cell
            key={column}
            row={row}
            column={column}
            fault={faults[column]}
            filledIn={filledIn[column] ?? undefined}
          />
        ))}
        <td class="standing">
          <RowStatus row={row} sameAs={sameAs} existing={existing} uncompared={uncompared} />
          {!running && isEditable(row, 'label') && (
            <button
              type="button"
              class="quiet"
              aria-label={importWords.skipRow(row.id)}
              onClick={({ currentTarget }) => {
                nextFocus(currentTarget)?.focus()
                removeRows(new Set([row.id]))
              }}
            >
              {importWords.skip}
            </button>
          )}
        </td>
      </tr>
    ),
    [row, columns, faults, sameAs, existing, uncompared, running],
  )
}

/** Returns the element that gets the focus when a row is removed. */
function nextFocus(button: HTMLElement): HTMLElement | null | undefined {
  const row = button.closest('tr')
  return (row?.nextElementSibling ?? row?.previousElementSibling)?.querySelector('button, a, input, textarea')
}

interface CellProps {
  row: Row
  column: Column
  fault: Fault | undefined
  /** Value that applies while the cell is empty. */
  filledIn: string | undefined
}

function Cell({ row, column, fault, filledIn }: CellProps) {
  const text = row.texts[column]
  const name = columnNames[column]
  const faultId = `fault-${row.id}-${column}`
  // Only a note may have several lines.
  const Field = column === 'note' ? 'textarea' : 'input'
  return (
    <td class={column} data-number={columnKinds[column] === 'number'}>
      <span class="name" aria-hidden="true">
        {name}
      </span>
      {isDone(row) ? (
        <bdi>{text || filledIn}</bdi>
      ) : (
        <Field
          name={column}
          dir="auto"
          value={text}
          placeholder={filledIn}
          readOnly={!isEditable(row, column)}
          autocomplete="off"
          spellcheck={false}
          rows={column === 'note' ? 1 : undefined}
          inputmode={columnKinds[column] === 'number' ? 'decimal' : 'text'}
          aria-label={importWords.cell(name, row.id)}
          aria-invalid={fault ? 'true' : undefined}
          aria-describedby={fault && faultId}
          onInput={({ currentTarget }: TargetedEvent<HTMLInputElement | HTMLTextAreaElement>) =>
            editCell(row, column, currentTarget.value)
          }
        />
      )}
      {fault && !isDone(row) && (
        <small id={faultId} class="fault">
          {fault.message}
          {fault.alternatives?.map(({ text, shown }) => (
            <button
              key={text}
              type="button"
              onClick={({ currentTarget }) => {
                currentTarget.closest('td')?.querySelector<HTMLElement>('input, textarea')?.focus()
                editCell(row, column, text)
              }}
            >
              {shown}
            </button>
          ))}
        </small>
      )}
    </td>
  )
}

/** State of a row. */
function RowStatus({ row, sameAs, existing, uncompared }: Omit<RowProps, 'columns' | 'running'>) {
  const { id, state, session, refusal, isKept } = row
  return (
    <>
      {sameAs !== null && !isDone(row) && <small class="duplicate">{importWords.sameAs(sameAs)}</small>}
      {existing !== null && (
        <>
          <small class="duplicate">{importWords.alreadyExists}</small>
          <OpenLink session={existing} label={importWords.showExisting(id)} />
        </>
      )}
      {uncompared && <small class="soft">{importWords.notCompared}</small>}
      {isKept && <small class="duplicate">{importWords.changedSince}</small>}
      {state === 'sending' && <span class="soft">{importWords.sending}</span>}
      {state === 'unanswered' && (
        <span class="soft" title={importWords.unansweredHint}>
          {importWords.unanswered}
        </span>
      )}
      {refusal && <small class="fault">{refusal.message}</small>}
      {session !== null && <OpenLink session={session} label={importWords.showRow(id)} />}
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
