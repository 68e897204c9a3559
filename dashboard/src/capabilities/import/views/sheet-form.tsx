import { useId, useState } from 'preact/hooks'
import { commonCurrencies, currencyName } from '../../../format'
import { words } from '../../../words'
import { columnNames } from '../check'
import { type Column, columns, type Decision, headerCandidates, isNamed } from '../columns'
import { type Reading, setColumn, setHeader, setNotation, setReading } from '../import'
import type { Notation } from '../notation'
import { duplicates, type Source } from '../state'
import { importWords } from '../words'
import './sheet-form.css'

/** Returns the name that a column has in a spreadsheet: A to Z, AA, AB and so on. */
const columnLetter = (at: number): string =>
  (at < 26 ? '' : columnLetter(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26))

/** Returns the common currencies, and the chosen currency if it is not one of them. */
const offeredCurrencies = (chosen: string): string[] =>
  chosen === '' || commonCurrencies.includes(chosen) ? commonCurrencies : [...commonCurrencies, chosen]

/** Maximum number of characters of a header row that the select shows. */
const shownCharacters = 60

function headerOption(cells: readonly string[], at: number): [value: string, name: string] {
  const text = cells.filter(cell => cell !== '').join(', ')
  const shown = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text
  return [String(at), importWords.headerRow(at + 1, shown)]
}

interface SheetFormProps {
  source: Source
  notation: Notation
  /** Columns with ambiguous dates or numbers about which the page does not ask the user. */
  readings: readonly Reading[]
  /** Number of rows whose currency is unknown. */
  withoutCurrency: number
}

/**
 * Form that lets the user choose the header row, and asks about columns that only the user can identify. Identified
 * columns are collapsed, unless they were guessed from their content.
 */
export function SheetForm({ source, notation, readings, withoutCurrency }: SheetFormProps) {
  const { cells, table, mapping, decisions } = source
  const [open] = useState(!isNamed(table) || duplicates().ofIds.size > 0)
  const names = table.header ?? table.rows[0] ?? []
  const optionOf = (at: number): [string, string] => [String(at), importWords.column(columnLetter(at), names[at] ?? '')]
  const asked = decisions.flatMap(decision => (decision.kind === 'unknown' ? [] : decision.column))
  const choose =
    (column: Column) =>
    (value: string): void =>
      setColumn(column, value === '' ? null : Number(value))
  const decide = (decision: Decision) => {
    if (decision.kind === 'unknown') return <UnknownColumn key={decision.at} at={decision.at} source={source} />
    const { column, options } = decision
    return (
      <Select
        key={column}
        label={importWords.whichColumn(columnNames[column])}
        value={String(mapping[column] ?? '')}
        options={[['', importWords.noColumn], ...options.map(optionOf)]}
        choose={choose(column)}
      />
    )
  }
  return (
    <section class="card sheet-form" aria-label={importWords.how}>
      <div class="fields">
        <Select
          label={importWords.headers}
          value={String(table.headerAt ?? '')}
          options={[
            ['', importWords.noHeader],
            ...headerCandidates(cells).map(at => headerOption(cells[at] ?? [], at)),
          ]}
          choose={value => setHeader(value === '' ? null : Number(value))}
        />
        {(withoutCurrency > 0 || notation.currency !== '') && (
          <Select
            label={importWords.currency(withoutCurrency)}
            value={notation.currency}
            options={[
              ['', words.list.noCurrency],
              ...offeredCurrencies(notation.currency).map((code): [string, string] => [
                code,
                `${code}, ${currencyName(code)}`,
              ]),
            ]}
            choose={currency => setNotation({ ...notation, currency })}
          />
        )}
        {decisions.map(decide)}
      </div>
      <details open={open}>
        <summary>{importWords.recognised(columns.filter(column => mapping[column] !== null).length)}</summary>
        <div class="fields">
          {columns
            .filter(column => !asked.includes(column))
            .map(column => (
              <Select
                key={column}
                label={columnNames[column]}
                value={String(mapping[column] ?? '')}
                options={[['', importWords.noColumn], ...names.map((_, at) => optionOf(at))]}
                choose={choose(column)}
              />
            ))}
          {readings.map(({ columns: [column], example, options, chosen }) => (
            <Select
              key={`reading ${column}`}
              label={importWords.meaning(columnNames[column as Column], example)}
              value={chosen ?? ''}
              options={options}
              choose={value => setReading([column as Column], value as (typeof options)[number][0])}
            />
          ))}
        </div>
      </details>
    </section>
  )
}

/** Asks the user which field is in a column whose name is unknown. */
function UnknownColumn({ at, source: { table, mapping } }: { at: number; source: Source }) {
  const chosen = columns.find(column => mapping[column] === at)
  const offered = columns.filter(column => mapping[column] === null || column === chosen)
  const example = table.rows.find(row => row[at])?.[at] ?? ''
  return (
    <Select
      label={importWords.whatIs(columnLetter(at), table.header?.[at] ?? '', example)}
      value={chosen ?? ''}
      options={[
        ['', importWords.leaveOut],
        ...offered.map((column): [string, string] => [column, columnNames[column]]),
      ]}
      choose={column => {
        if (chosen) setColumn(chosen, null)
        if (column !== '') setColumn(column as Column, at)
      }}
    />
  )
}

interface SelectProps {
  label: string
  value: string
  options: readonly (readonly [value: string, name: string])[]
  choose(value: string): void
}

function Select({ label, value, options, choose }: SelectProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  )
}
