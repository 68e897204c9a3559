import type { TargetedEvent } from 'preact'
import { useMemo } from 'preact/hooks'
import { hrefOf, navigateOnClick, sessionRoute } from '../../../router'
import { caller } from '../../../sign-in/caller'
import { columnNames, type Fault } from '../check'
import { type Column, columnKinds } from '../columns'
import { editCell, removeRow } from '../import'
import { isEditable, type Row } from '../rows'
import { checkRow, isStored } from '../state'
import { importWords } from '../words'

interface RowProps {
  row: Row
  columns: readonly Column[]
  /** First row with the same content, if this row is a duplicate. */
  sameAs: number | null
  /** Whether the row's calculation exists, but was not made by this import. */
  existing: boolean
  /** The row's calculation, or the existing one that it matches. */
  session: string | null
  /** Whether the row was not compared with all existing calculations. */
  uncompared: boolean
  running: boolean
}

/** A row: its cells with their faults, and its state. */
export function ImportRow({ row, columns, sameAs, existing, session, uncompared, running }: RowProps) {
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
          <RowStatus
            row={row}
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
    ),
    [row, columns, faults, sameAs, existing, session, uncompared, running],
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
          aria-invalid={fault ? 'true' : undefined}
          aria-describedby={fault && faultId}
          onInput={({ currentTarget }: TargetedEvent<HTMLInputElement | HTMLTextAreaElement>) =>
            editCell(row, column, currentTarget.value)
          }
        />
      )}
      {fault && !isStored(row) && (
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

function RowStatus({ row, sameAs, existing, session, uncompared, running }: Omit<RowProps, 'columns'>) {
  const { id, state, refusal, isKept } = row
  return (
    <>
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
      {refusal && <small class="fault">{refusal.message}</small>}
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
