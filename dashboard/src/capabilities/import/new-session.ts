import { snakeCased, snakeName } from '../../../../packages/client/src/names.js'
import type { Outcome } from '../../../../src/capabilities/import/model'
import { errorOf } from '../../rest'
import { isOrganisationRefused } from '../../sign-in/caller'
import { words } from '../../words'
import { columnNames } from './check'
import { type Column, columns } from './columns'
import type { Row, RowRefusal } from './rows'
import { checkRow, importState } from './state'
import { importWords } from './words'

/** Whether the import generated the row's external id. No other import can have used a generated external id. */
export const hasMadeId = (row: Row): boolean => checkRow(row).externalId === null

/**
 * Returns the request body that starts and calculates a row's session. If the row has no external id, the body contains
 * a generated external id, so that the server recognises the row if it is sent again.
 */
export function newSessionOf(row: Row): object {
  const { mentorId, organisationId, externalId, inputs } = checkRow(row)
  return {
    mentor_id: mentorId,
    organisation_id: organisationId,
    external_id: externalId ?? `import-${importState.value.id}-${row.id}`,
    inputs: snakeCased(inputs),
  }
}

/**
 * Maps the input names in the server's error messages to columns. An input that has several columns is mapped to the
 * first column.
 */
const columnsByMember: Record<string, Column> = {
  ...Object.fromEntries(columns.map(column => [snakeName(column), column])),
  period: 'from',
  cost_per_hour_range: 'low',
}

/**
 * Returns the reason why the server refused a row, in the user's language. The details about individual cells are the
 * server's own messages.
 */
export function refusalOf(row: Row, problem: Partial<Outcome>): RowRefusal {
  const { code = '', session_id = null, errors = [] } = problem
  const details: RowRefusal['details'] = {}
  for (const { pointer = '', detail } of errors) {
    const column = columnsByMember[pointer.slice(pointer.lastIndexOf('/') + 1)]
    if (column) details[column] ??= importWords.refusedCell(columnNames[column], detail)
  }
  const error = errorOf(problem)
  const own: Record<string, string | undefined> = importWords.refusals
  const isOrganisation = isOrganisationRefused(error, checkRow(row).organisationId)
  const message = isOrganisation ? words.start.noOrganisation : (own[code] ?? error.message)
  if (code === 'external_id_taken' && !hasMadeId(row)) details.externalId = message
  return { message, details, holder: session_id }
}
