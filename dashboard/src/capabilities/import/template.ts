import { exampleInputs, formatInput } from '../../inputs'
import { locale, words } from '../../words'
import { columnNames } from './check'
import { type Column, columns } from './columns'
import { separatorOf } from './notation'
import { importWords } from './words'

const example: Record<Column, string> = {
  mentorId: importWords.exampleMentor,
  organisationId: importWords.exampleOrganisation,
  label: words.calculator.labelExample,
  currency: importWords.exampleCurrency(),
  from: '2026-01-19',
  to: '2026-03-27',
  sessions: formatInput(exampleInputs.sessions),
  avgMinutes: formatInput(exampleInputs.avgMinutes),
  costPerSession: formatInput(exampleInputs.costPerSession),
  costPerHour: formatInput(exampleInputs.costPerHour),
  valueSource: words.calculator.valueSourceExample,
  low: formatInput(25),
  high: formatInput(35.5),
  note: '',
  externalId: '',
}

/**
 * Returns a CSV template for Excel with the column names and an example row. The delimiter is a semicolon if the
 * locale's decimal separator is a comma. A byte order mark identifies the file as UTF-8.
 */
export function templateCsv(): string {
  const delimiter = separatorOf(locale) === ',' ? ';' : ','
  const line = (cells: string[]): string => `${cells.map(cell => quoted(cell, delimiter)).join(delimiter)}\r\n`
  return `\uFEFF${line(columns.map(column => columnNames[column]))}${line(columns.map(column => example[column]))}`
}

const quoted = (cell: string, delimiter: string): string =>
  cell.includes(delimiter) || cell.includes('"') ? `"${cell.replaceAll('"', '""')}"` : cell
