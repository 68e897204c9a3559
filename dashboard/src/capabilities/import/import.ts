import { createIdempotencyKey } from '../../../../packages/client/src/index.js'
import { formatDecimal } from '../../decimals'
import { currencyOfUnit, formatPeriod, isCurrencyUnit } from '../../format'
import { locale } from '../../words'
import { type Cells, maxRows } from './cells'
import { type Column, columns, detectMapping, detectTable, type Mapping, type Table } from './columns'
import type { DateOrder } from './dates'
import {
  type DecimalSeparator,
  datesIn,
  detectNotation,
  isDateColumn,
  isNumberColumn,
  type Notation,
  numbersIn,
} from './notation'
import { newRow, type Row, textsOf, withText } from './rows'
import {
  checkRow,
  forgetChecks,
  importState,
  noExisting,
  noImport,
  replaceRows,
  reportFailure,
  saveAll,
  update,
} from './state'
import { deleteImport } from './storage'
import { importWords } from './words'

/** Reads pasted cells, which replace any earlier ones. Does nothing while rows are sent or undone. */
export function readCells(cells: Cells, separator?: DecimalSeparator): void {
  readTable(cells, detectTable(cells), separator)
}

/** Sets whether the first row names the columns. */
export function setHasHeader(hasHeader: boolean): void {
  const { source } = importState.value
  if (!source) return
  const [header = [], ...rest] = source.cells
  const table = hasHeader ? { header, rows: rest } : { header: null, rows: source.cells }
  readTable(source.cells, table, source.separator)
}

function readTable(cells: Cells, table: Table, separator: DecimalSeparator | undefined): void {
  if (importState.value.run) return
  const mapping = detectMapping(table)
  const count = table.rows.length
  if (count === 0 || count > maxRows) {
    reportFailure(count === 0 ? importWords.nothing : importWords.tooMany(count, maxRows))
    return
  }
  const rows = table.rows.map((row, at) => newRow(at + 1, textsOf(row, mapping)))
  update({
    id: createIdempotencyKey(),
    source: { cells, table, mapping, separator },
    rows,
    generation: importState.value.generation + 1,
    existing: noExisting(),
    isComparing: false,
    includesDuplicates: false,
    includesExisting: false,
    failure: null,
  })
  setNotation({ ...detectNotation(table, mapping, locale, separator), currency: currencyOfNames(table, mapping) })
}

/** Matches a sign, a code in brackets, and a code at the end: Cost (£), Cost [GBP], Cost in GBP. */
const currencyInName = /\p{Lu}{0,3}\p{Sc}|(?<=[([]\s*)[A-Z]{3}(?=\s*[)\]])|(?<=\s)[A-Z]{3}$/gu

/** Returns the currency named in the columns of amounts, or '' if they name none or several. */
function currencyOfNames({ header }: Table, mapping: Mapping): string {
  const names = (['costPerSession', 'costPerHour', 'low', 'high'] as const).map(
    column => header?.[mapping[column] ?? -1] ?? '',
  )
  const units = names.flatMap(name => name.match(currencyInName) ?? [])
  const currencies = new Set(units.flatMap(unit => currencyOfUnit(unit) ?? []))
  return (currencies.size === 1 && [...currencies][0]) || ''
}

/** Sets which pasted column contains a member. */
export function setColumn(column: Column, at: number | null): void {
  const { source, rows } = importState.value
  if (!source) return
  const mapping = { ...source.mapping, [column]: at }
  const remapped = rows.map(row => {
    const texts = textsOf(source.table.rows[row.id - 1] ?? [], mapping)
    return { ...row, texts: { ...row.texts, [column]: texts[column] } }
  })
  update({ source: { ...source, mapping }, rows: remapped })
  setNotation(
    withColumn(importState.value.notation, detectNotation(source.table, mapping, locale, source.separator), column),
  )
}

/** Returns a notation that uses another notation for one column. */
function withColumn(notation: Notation, other: Notation, column: Column): Notation {
  const asked = [...notation.asked.filter(name => name !== column), ...other.asked.filter(name => name === column)]
  if (isNumberColumn(column)) {
    return { ...notation, asked, separators: { ...notation.separators, [column]: other.separators[column] } }
  }
  if (!isDateColumn(column)) return notation
  return { ...notation, asked, dateOrders: { ...notation.dateOrders, [column]: other.dateOrders[column] } }
}

/** A column with a text that could mean two dates or two numbers, and its current reading. */
export interface Reading {
  column: Column
  example: string
  options: readonly (readonly [value: DateOrder | DecimalSeparator, shown: string])[]
  chosen: DateOrder | DecimalSeparator | null
}

/** Returns the columns with texts that could mean two dates or two numbers, each with its first such text. */
export function findReadings(rows: readonly Row[], { separators, dateOrders }: Notation): Reading[] {
  return columns.flatMap((column): Reading | Reading[] => {
    for (const { texts } of rows) {
      const example = texts[column]
      if (isDateColumn(column)) {
        const dates = datesIn(example, locale)
        if (!dates) continue
        const shown = (day: string): string => formatPeriod({ from: day, to: day })
        const options = [['day', shown(dates.day)] as const, ['month', shown(dates.month)] as const]
        return { column, example, options, chosen: dateOrders[column] }
      }
      const numbers = isNumberColumn(column) && numbersIn(column, example, locale)
      if (!numbers) continue
      const shown = (text: string): string => formatDecimal(text, locale, { decimals: 2 })
      const options = [['.', shown(numbers['.'])] as const, [',', shown(numbers[','])] as const]
      return { column, example, options, chosen: separators[column] }
    }
    return []
  })
}

/** Returns the signs beside amounts that may mean several currencies, unless the currency of all amounts decides. */
export function findSigns(rows: readonly Row[], { currency, signs }: Notation): string[] {
  const found = new Set(rows.flatMap(row => checkRow(row).sign ?? []))
  return [...found].filter(sign => signs[sign] || !isCurrencyUnit(sign, currency))
}

/** Sets which currency a sign means, or '' for unknown. */
export function setSign(sign: string, currency: string): void {
  const { notation } = importState.value
  setNotation({ ...notation, signs: { ...notation.signs, [sign]: currency } })
}

/** Sets how all cells of a column are read. */
export function setReading(column: Column, chosen: DateOrder | DecimalSeparator): void {
  const { notation } = importState.value
  if (isDateColumn(column)) setNotation({ ...notation, dateOrders: { ...notation.dateOrders, [column]: chosen } })
  else setNotation({ ...notation, separators: { ...notation.separators, [column]: chosen } })
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

/** Sets whether rows with the same content as an earlier row are imported too. */
export function setIncludesDuplicates(includesDuplicates: boolean): void {
  update({ includesDuplicates, revision: importState.value.revision + 1 })
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
