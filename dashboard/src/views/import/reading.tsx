import { useId, useState } from 'preact/hooks'
import { columnNames } from '../../import/check'
import { columns } from '../../import/columns'
import type { Order } from '../../import/dates'
import { type Source, setColumn, setHead, write } from '../../import/imported'
import type { Mark, Writing } from '../../import/writing'
import { words } from '../../words'
import './reading.css'

/** Returns the name of a column as in a spreadsheet: A to Z, AA, AB and so on. */
const letterOf = (at: number): string =>
  (at < 26 ? '' : letterOf(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26))

const marks: Record<Mark, string> = { '.': '1,234.5', ',': '1.234,5' }

/** Shows the detected columns and notation. Opens by itself if some are not known. */
export function Reading({ source, writing, unsure }: { source: Source; writing: Writing; unsure: boolean }) {
  const { cells, table, mapping } = source
  const found = cells[0] ?? []
  const [open] = useState(unsure)
  return (
    <details class="card reading" open={open}>
      <summary>{words.import.how}</summary>
      <label class="check">
        <input
          type="checkbox"
          checked={table.head !== null}
          onChange={({ currentTarget }) => setHead(currentTarget.checked)}
        />
        {words.import.head}
      </label>
      <div class="fields">
        {columns.map(column => (
          <Choice
            key={column}
            label={columnNames[column]}
            value={String(mapping[column] ?? '')}
            options={[
              ['', words.import.noColumn],
              ...found.map((cell, at): [string, string] => [String(at), words.import.column(letterOf(at), cell)]),
            ]}
            choose={value => setColumn(column, value === '' ? null : Number(value))}
          />
        ))}
        <Choice
          label={words.import.numbers}
          value={writing.mark}
          options={Object.entries(marks)}
          choose={value => write({ ...writing, mark: value as Mark })}
        />
        <Choice
          label={words.import.dates}
          value={writing.order ?? ''}
          options={[
            ...(writing.order === null ? [['', words.import.undecided] as [string, string]] : []),
            ...Object.entries(words.import.orders),
          ]}
          choose={value => value !== '' && write({ ...writing, order: value as Order })}
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

function Choice({ label, value, options, choose }: ChoiceProps) {
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
