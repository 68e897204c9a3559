import { createIdempotencyKey } from '../../../../packages/client/src/index.js'
import type { DateOrder } from '../../dates'
import { formatDecimal } from '../../decimals'
import { currencyOfUnit, formatPeriod, isCurrencyUnit } from '../../format'
import { locale } from '../../words'
import { type Cells, maxRows } from './cells'
import {
  type Column,
  columns,
  detectMapping,
  detectTable,
  findDecisions,
  type Mapping,
  type Table,
  tableOf,
} from './columns'
import {
  type DecimalSeparator,
  datesIn,
  detectNotation,
  isDateColumn,
  isNumberColumn,
  type Notation,
  numbersIn,
} from './notation'
import { isAside, newRow, type Row, textsOf, withText } from './rows'
import {
  checkRow,
  forgetChecks,
  type ImportState,
  importState,
  isPending,
  noExisting,
  noImport,
  replaceRows,
  reportFailure,
  requiredColumns,
  saveAll,
  update,
} from './state'
import { deleteImport } from './storage'
import { importWords } from './words'

/**
 * Starts an import from pasted cells, which replace any earlier rows. Does nothing while an import or undo is running.
 */
export function readCells(cells: Cells, separator?: DecimalSeparator): void {
  readTable(cells, detectTable(cells), separator)
}

/** Sets the index of the header row, or null if the sheet has no header row. */
export function setHeader(at: number | null): void {
  const { source } = importState.value
  if (source) readTable(source.cells, tableOf(source.cells, at), source.separator)
}

function readTable(cells: Cells, table: Table, separator: DecimalSeparator | undefined): void {
  if (importState.value.run) return
  const mapping = detectMapping(table)
  const count = table.rows.length
  if (count === 0 || count > maxRows) {
    reportFailure(count === 0 ? importWords.nothing : importWords.tooMany(count, maxRows))
    return
  }
  const rows = table.rows.map((row, at) => rowOf(row, Number(table.indexes[at]) + 1, mapping, table.header))
  update({
    id: createIdempotencyKey(),
    source: { cells, table, mapping, decisions: findDecisions(table, mapping, requiredColumns()), separator },
    rows,
    generation: importState.value.generation + 1,
    existing: noExisting(),
    isComparing: false,
    includesDuplicates: false,
    includesExisting: false,
    includesAsides: false,
    undone: null,
    failure: null,
  })
  setNotation({ ...detectNotation(table, mapping, locale, separator), currency: currencyOfNames(table, mapping) })
}

const rowOf = (cells: readonly string[], id: number, mapping: Mapping, header: Table['header']): Row => ({
  ...newRow(id, textsOf(cells, mapping)),
  isAside: isAside(cells, mapping, header),
})

/**
 * Matches the currency in a column name such as Cost (£), Cost [GBP] or Cost in GBP. The currency can be a symbol, a
 * code in brackets, or a code at the end.
 */
const currencyInName = /\p{Lu}{0,3}\p{Sc}|(?<=[([]\s*)[A-Z]{3}(?=\s*[)\]])|(?<=\s)[A-Z]{3}$/gu

/** Returns the currency that the names of the amount columns state, or '' if they state no currency or several. */
function currencyOfNames({ header }: Table, mapping: Mapping): string {
  const names = (['costPerSession', 'costPerHour', 'low', 'high'] as const).map(
    column => header?.[mapping[column] ?? -1] ?? '',
  )
  const units = names.flatMap(name => name.match(currencyInName) ?? [])
  const currencies = new Set(units.flatMap(unit => currencyOfUnit(unit) ?? []))
  return (currencies.size === 1 && [...currencies][0]) || ''
}

/** Sets which column of the pasted table contains a field, or null if no column contains it. */
export function setColumn(column: Column, at: number | null): void {
  const { source, rows } = importState.value
  if (!source) return
  const mapping = { ...source.mapping, [column]: at }
  const remapped = rows.map(row => {
    const { texts, isAside } = rowOf(source.cells[row.id - 1] ?? [], row.id, mapping, source.table.header)
    return { ...row, isAside, texts: { ...row.texts, [column]: texts[column] } }
  })
  update({ source: { ...source, mapping }, rows: remapped })
  setNotation(
    withColumn(importState.value.notation, detectNotation(source.table, mapping, locale, source.separator), column),
  )
}

/** Returns `notation`, but with the settings for one column taken from `other`. */
function withColumn(notation: Notation, other: Notation, column: Column): Notation {
  const asked = [...notation.asked.filter(name => name !== column), ...other.asked.filter(name => name === column)]
  if (isNumberColumn(column)) {
    return { ...notation, asked, separators: { ...notation.separators, [column]: other.separators[column] } }
  }
  if (!isDateColumn(column)) return notation
  const { isOneDay } = other
  return { ...notation, asked, isOneDay, dateOrders: { ...notation.dateOrders, [column]: other.dateOrders[column] } }
}

/** Ambiguous dates or numbers in one or more columns, about which the page asks the user a single question. */
export interface Reading {
  kind: 'date' | 'number'
  columns: readonly Column[]
  example: string
  /** Number of ambiguous cells. */
  count: number
  options: readonly (readonly [value: DateOrder | DecimalSeparator, shown: string])[]
  chosen: DateOrder | DecimalSeparator | null
}

/** Returns the columns with ambiguous dates or numbers, each with its first ambiguous cell as an example. */
export function findReadings(rows: readonly Row[], { separators, dateOrders }: Notation): Reading[] {
  const textsByColumn = new Map<Column, string[]>()
  for (const row of rows) {
    for (const column of checkRow(row).ambiguous) {
      const texts = textsByColumn.get(column) ?? []
      textsByColumn.set(column, texts)
      texts.push(row.texts[column])
    }
  }
  return columns.flatMap((column): Reading | Reading[] => {
    const texts = textsByColumn.get(column) ?? []
    const [example] = texts
    if (example === undefined) return []
    const found = { columns: [column], example, count: texts.length }
    if (isDateColumn(column)) {
      const { day = '', month = '' } = datesIn(example, locale) ?? {}
      const shown = (day: string): string => formatPeriod({ from: day, to: day })
      const options = [['day', shown(day)] as const, ['month', shown(month)] as const]
      return { kind: 'date', ...found, options, chosen: dateOrders[column] }
    }
    if (!isNumberColumn(column)) return []
    const { '.': point = '', ',': comma = '' } = numbersIn(column, example, locale) ?? {}
    const shown = (text: string): string => formatDecimal(text, locale, { decimals: 2 })
    const options = [['.', shown(point)] as const, [',', shown(comma)] as const]
    return { kind: 'number', ...found, options, chosen: separators[column] }
  })
}

/** Returns the questions for the user: at most one about ambiguous dates, and at most one about ambiguous numbers. */
export function findQuestions(readings: readonly Reading[], { asked }: Notation): Reading[] {
  return (['date', 'number'] as const).flatMap(kind => {
    const alike = readings.filter(({ kind: other, columns }) => other === kind && asked.some(c => columns.includes(c)))
    const [first] = alike
    if (!first) return []
    return {
      ...first,
      columns: alike.flatMap(({ columns }) => columns),
      count: alike.reduce((sum, { count }) => sum + count, 0),
      chosen: alike.every(({ chosen }) => chosen === first.chosen) ? first.chosen : null,
    }
  })
}

/**
 * Returns the ambiguous currency symbols, each with the number of rows that contain it. Omits symbols whose meaning
 * follows from the chosen currency.
 */
export function findSigns(rows: readonly Row[], { currency, signs }: Notation): [sign: string, rows: number][] {
  const counts = new Map<string, number>()
  for (const row of rows) {
    const { sign } = checkRow(row)
    if (sign !== null && isPending(row)) counts.set(sign, (counts.get(sign) ?? 0) + 1)
  }
  return [...counts].filter(([sign]) => signs[sign] || !isCurrencyUnit(sign, currency))
}

/** Whether the currency of a row's amounts is unknown. */
export function hasNoCurrency(row: Row): boolean {
  const { sign, inputs } = checkRow(row)
  return sign === null && inputs.currency === null && isPending(row)
}

/**
 * Returns the numbers that are valid only in another locale's notation, each with the value that it has in that
 * notation.
 */
export const findElsewhere = (rows: readonly Row[]): (readonly [text: string, value: string])[] =>
  rows.flatMap(row => checkRow(row).elsewhere)

/** Sets which currency a symbol stands for. An empty string means that the currency is unknown. */
export function setSign(sign: string, currency: string): void {
  const { notation } = importState.value
  setNotation({ ...notation, signs: { ...notation.signs, [sign]: currency } })
}

/** Sets which of two possible meanings applies to all cells of these columns. */
export function setReading(columns: readonly Column[], chosen: DateOrder | DecimalSeparator): void {
  const { notation } = importState.value
  const all = Object.fromEntries(columns.map(column => [column, chosen]))
  const [first] = columns
  if (first && isDateColumn(first)) setNotation({ ...notation, dateOrders: { ...notation.dateOrders, ...all } })
  else setNotation({ ...notation, separators: { ...notation.separators, ...all } })
}

export function setNotation(notation: Notation): void {
  forgetChecks()
  update({ notation, revision: importState.value.revision + 1 })
  saveAll()
}

export function editCell(row: Row, column: Column, text: string): void {
  replaceRows([withText(row, column, text)])
  update({ revision: importState.value.revision + 1 })
}

/** Sets whether rows that are skipped by default are imported. */
export function setIncludes(
  includes: Partial<Pick<ImportState, 'includesDuplicates' | 'includesExisting' | 'includesAsides'>>,
): void {
  update({ ...includes, revision: importState.value.revision + 1 })
  saveAll()
}

export function removeRow(id: number): void {
  const { rows, revision } = importState.value
  update({ rows: rows.filter(row => row.id !== id), revision: revision + 1 })
  saveAll()
}

export function discardImport(): void {
  deleteImport()
  update({ ...noImport(), generation: importState.value.generation + 1 })
}
