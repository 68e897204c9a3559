import { useId, useMemo, useState } from 'preact/hooks'
import { currencies } from '../../../../../src/domain/limits'
import { commonCurrencies, currencyName, isCurrencyUnit } from '../../../format'
import { words } from '../../../words'
import { columnNames } from '../check'
import { columns } from '../columns'
import { type Reading, setColumn, setHasHeader, setNotation, setReading, setSign } from '../import'
import type { Notation } from '../notation'
import type { Source } from '../state'
import { importWords } from '../words'
import './notation-form.css'

/** Returns the name of a column as in a spreadsheet: A to Z, AA, AB and so on. */
const columnLetter = (at: number): string =>
  (at < 26 ? '' : columnLetter(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26))

/** Returns the common currencies, and the chosen one. */
const offeredCurrencies = (chosen: string): string[] =>
  chosen === '' || commonCurrencies.includes(chosen) ? commonCurrencies : [...commonCurrencies, chosen]

const currencyOption = (code: string): [string, string] => [code, `${code}, ${currencyName(code)}`]

/** Returns the currencies that a sign may mean, the common ones first. */
const currenciesOf = (sign: string): string[] =>
  [...new Set([...commonCurrencies, ...currencies])].filter(code => isCurrencyUnit(sign, code))

/** Asks once which currency a sign means. */
export function SignQuestion({ sign, chosen }: { sign: string; chosen: string }) {
  const options = useMemo(() => currenciesOf(sign).map(currencyOption), [sign])
  return (
    <div class="card reading">
      <Select
        label={importWords.signMeaning(sign)}
        value={chosen}
        options={[['', importWords.chooseCurrency], ...options]}
        choose={currency => setSign(sign, currency)}
      />
    </div>
  )
}

/** Asks once what a column's texts mean, if they could mean two dates or two numbers. */
export function ReadingQuestion({ reading: { column, example, options, chosen } }: { reading: Reading }) {
  const name = useId()
  return (
    <fieldset class="card reading">
      <legend>{importWords.meaning(columnNames[column], example)}</legend>
      {options.map(([value, shown]) => (
        <label key={value} class="check">
          <input type="radio" name={name} checked={chosen === value} onChange={() => setReading(column, value)} />
          {shown}
        </label>
      ))}
    </fieldset>
  )
}

interface NotationFormProps {
  source: Source
  notation: Notation
  /** Columns whose texts could mean something else. */
  readings: readonly Reading[]
  unsure: boolean
}

/** Shows the detected columns and notation. Opens by itself if some are not known. */
export function NotationForm({ source, notation, readings, unsure }: NotationFormProps) {
  const { cells, table, mapping } = source
  const firstRow = cells[0] ?? []
  const [open] = useState(unsure)
  return (
    <details class="card notation-form" open={open}>
      <summary>{importWords.how}</summary>
      <label class="check">
        <input
          type="checkbox"
          checked={table.header !== null}
          onChange={({ currentTarget }) => setHasHeader(currentTarget.checked)}
        />
        {importWords.head}
      </label>
      <div class="fields">
        {columns.map(column => (
          <Select
            key={column}
            label={columnNames[column]}
            value={String(mapping[column] ?? '')}
            options={[
              ['', importWords.noColumn],
              ...firstRow.map((cell, at): [string, string] => [String(at), importWords.column(columnLetter(at), cell)]),
            ]}
            choose={value => setColumn(column, value === '' ? null : Number(value))}
          />
        ))}
        {readings.map(({ column, example, options, chosen }) => (
          <Select
            key={`reading ${column}`}
            label={importWords.meaning(columnNames[column], example)}
            value={chosen ?? ''}
            options={options}
            choose={value => setReading(column, value as (typeof options)[number][0])}
          />
        ))}
        <Select
          label={importWords.currency}
          value={notation.currency}
          options={[['', words.list.noCurrency], ...offeredCurrencies(notation.currency).map(currencyOption)]}
          choose={currency => setNotation({ ...notation, currency })}
        />
      </div>
    </details>
  )
}

interface ChoiceProps {
  label: string
  value: string
  options: readonly (readonly [value: string, name: string])[]
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
