import { useId, useState } from 'preact/hooks'
import { commonCurrencies, currencyName } from '../../format'
import { columnNames } from '../../import/check'
import { columns } from '../../import/columns'
import type { DateOrder } from '../../import/dates'
import { type Source, setColumn, setHasHeader, setNotation } from '../../import/import'
import type { DecimalSeparator, Notation } from '../../import/notation'
import { words } from '../../words'
import './notation-form.css'

/** Returns the name of a column as in a spreadsheet: A to Z, AA, AB and so on. */
const columnLetter = (at: number): string =>
  (at < 26 ? '' : columnLetter(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26))

const separatorExamples: Record<DecimalSeparator, string> = { '.': '1,234.5', ',': '1.234,5' }

/** Returns the common currencies, and the chosen one. */
const offeredCurrencies = (chosen: string): string[] =>
  chosen === '' || commonCurrencies.includes(chosen) ? commonCurrencies : [...commonCurrencies, chosen]

/** Shows the detected columns and notation. Opens by itself if some are not known. */
export function NotationForm({ source, notation, unsure }: { source: Source; notation: Notation; unsure: boolean }) {
  const { cells, table, mapping } = source
  const firstRow = cells[0] ?? []
  const [open] = useState(unsure)
  return (
    <details class="card notation-form" open={open}>
      <summary>{words.import.how}</summary>
      <label class="check">
        <input
          type="checkbox"
          checked={table.header !== null}
          onChange={({ currentTarget }) => setHasHeader(currentTarget.checked)}
        />
        {words.import.head}
      </label>
      <div class="fields">
        {columns.map(column => (
          <Select
            key={column}
            label={columnNames[column]}
            value={String(mapping[column] ?? '')}
            options={[
              ['', words.import.noColumn],
              ...firstRow.map((cell, at): [string, string] => [
                String(at),
                words.import.column(columnLetter(at), cell),
              ]),
            ]}
            choose={value => setColumn(column, value === '' ? null : Number(value))}
          />
        ))}
        <Select
          label={words.import.numbers}
          value={notation.decimalSeparator}
          options={Object.entries(separatorExamples)}
          choose={value => setNotation({ ...notation, decimalSeparator: value as DecimalSeparator })}
        />
        <Select
          label={words.import.dates}
          value={notation.dateOrder ?? ''}
          options={[
            ...(notation.dateOrder === null ? [['', words.import.undecided] as [string, string]] : []),
            ...Object.entries(words.import.orders),
          ]}
          choose={value => value !== '' && setNotation({ ...notation, dateOrder: value as DateOrder })}
        />
        <Select
          label={words.import.currency}
          value={notation.currency}
          options={[
            ['', words.figures.noCurrency],
            ...offeredCurrencies(notation.currency).map((code): [string, string] => [
              code,
              `${code}, ${currencyName(code)}`,
            ]),
          ]}
          choose={currency => setNotation({ ...notation, currency })}
        />
      </div>
    </details>
  )
}

interface ChoiceProps {
  label: string
  value: string
  options: [value: string, name: string][]
  choose(value: string): void
}

function Select({ label, value, options, choose }: ChoiceProps) {
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
