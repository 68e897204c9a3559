import { useId, useMemo } from 'preact/hooks'
import { currencies } from '../../../../../src/domain/limits'
import { commonCurrencies, currencyName, isCurrencyUnit } from '../../../format'
import { type Reading, setNotation, setReading, setSign } from '../import'
import type { Notation } from '../notation'
import { importWords } from '../words'
import './questions.css'

/** Returns the currencies that use a symbol, divided into common currencies and others. */
function currenciesOf(sign: string): { common: string[]; others: string[] } {
  const isMeant = (code: string): boolean => isCurrencyUnit(sign, code)
  const isOther = (code: string): boolean => isMeant(code) && !commonCurrencies.includes(code)
  return { common: commonCurrencies.filter(isMeant), others: [...currencies].filter(isOther) }
}

interface SignQuestionProps {
  sign: string
  /** Number of rows that use the symbol. */
  count: number
  chosen: string
}

/** Asks which currency an ambiguous symbol stands for in all rows. */
export function SignQuestion({ sign, count, chosen }: SignQuestionProps) {
  const name = useId()
  const { common, others } = useMemo(() => currenciesOf(sign), [sign])
  return (
    <fieldset class="card question">
      <legend>{importWords.signMeaning(sign, count)}</legend>
      {common.map(code => (
        <label key={code} class="check">
          <input type="radio" name={name} checked={chosen === code} onChange={() => setSign(sign, code)} />
          {currencyName(code)}
        </label>
      ))}
      {others.length > 0 && (
        <select
          aria-label={importWords.anotherCurrency}
          value={others.includes(chosen) ? chosen : ''}
          onChange={({ currentTarget }) => setSign(sign, currentTarget.value)}
        >
          <option value="">{importWords.anotherCurrency}</option>
          {others.map(code => (
            <option key={code} value={code}>
              {code}, {currencyName(code)}
            </option>
          ))}
        </select>
      )}
    </fieldset>
  )
}

/** Asks how to read ambiguous dates or numbers in all rows. */
export function ReadingQuestion({ reading }: { reading: Reading }) {
  const { kind, columns, example, count, options, chosen } = reading
  const name = useId()
  return (
    <fieldset class="card question">
      <legend>{importWords.questions[kind](example, count)}</legend>
      {options.map(([value, shown]) => (
        <label key={value} class="check">
          <input type="radio" name={name} checked={chosen === value} onChange={() => setReading(columns, value)} />
          {shown}
        </label>
      ))}
    </fieldset>
  )
}

/** Number of example texts in a question. */
const examples = 3

interface ElsewhereQuestionProps {
  /** Numbers as they are written in the rows, each with its value. */
  texts: readonly (readonly [text: string, value: string])[]
  notation: Notation
}

/** Asks whether to accept numbers in another locale's notation in all rows. */
export function ElsewhereQuestion({ texts, notation }: ElsewhereQuestionProps) {
  const shown = new Map(texts)
  return (
    <fieldset class="card question">
      <legend>{importWords.elsewhere(texts.length)}</legend>
      <label class="check">
        <input
          type="checkbox"
          checked={notation.acceptsElsewhere}
          onChange={({ currentTarget }) => setNotation({ ...notation, acceptsElsewhere: currentTarget.checked })}
        />
        {importWords.readAs([...shown].slice(0, examples))}
        {shown.size > examples && ' …'}
      </label>
    </fieldset>
  )
}
