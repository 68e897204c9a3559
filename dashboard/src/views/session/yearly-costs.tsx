import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { currencies, noteCharacters } from '../../../../src/domain/limits'
import { type CostName, costNames, costsInLine, costsLine, noAmounts, noteWithCosts } from '../../costs-line'
import { currencyOfUnit, formatExactAmount, isCurrencyUnit } from '../../format'
import {
  currencyAt,
  currencyOf,
  type Fault,
  type FieldValues,
  fieldLimits,
  figureFault,
  formatInput,
  interpretationOf,
  parseFigure,
} from '../../inputs'
import { announce } from '../../store'
import { locale, words } from '../../words'
import { divideCosts } from '../../yearly-costs'
import { afterClick } from '../after-click'
import { ErrorMessage } from '../error-message'
import { Field } from '../field'
import './yearly-costs.css'

const texts = words.yearlyCosts

/** Maximum amount of a yearly cost item, which is the highest programme cost that the calculator accepts. */
const maxAmount = fieldLimits.sessions.maximum * fieldLimits.costPerSession.maximum

interface Costs {
  amounts: Record<CostName, string>
  sessions: string
}

interface YearlyCostsProps {
  isOpen: boolean
  values: FieldValues
  /** Called with the form's values, in which the cost per session and the note have been replaced. */
  onFill(values: FieldValues): void
  onClose(): void
}

/**
 * A dialog that calculates the cost per session from yearly costs. The costs that the user has entered are kept while
 * the calculation page is open.
 */
export function YearlyCosts({ isOpen, values, onFill, onClose }: YearlyCostsProps) {
  const [amounts, setAmounts] = useState(noAmounts)
  /** Number of sessions that the user entered in this dialog, or null to use the form's number of sessions. */
  const [ownSessions, setSessions] = useState<string | null>(null)
  const costs = { amounts, sessions: ownSessions ?? values.sessions }
  const [settled, setSettled] = useState(costs)
  /**
   * Whether the user has tried to apply the entered costs. Missing values are shown as errors only after the first
   * attempt to apply the costs.
   */
  const [tried, setTried] = useState(false)
  /** The costs line that was last read from the session's note or written to the note. */
  const knownLine = useRef<string | null>(null)
  const dialog = useRef<HTMLDialogElement>(null)
  const form = useRef<HTMLFormElement>(null)
  const id = useId()

  useLayoutEffect(() => {
    if (!isOpen) return
    const line = costsLine(values.note)
    // If the note has no costs line, keep the entered costs.
    if (line !== null && line !== knownLine.current) {
      knownLine.current = line
      const noted = costsInLine(line, texts, locale)
      setAmounts(noted?.amounts ?? noAmounts)
      setSessions(noted && !isSameCount(noted.sessions, values.sessions) ? noted.sessions : null)
      setTried(false)
    }
    dialog.current?.showModal()
  }, [isOpen])

  const { currency, faults, outcome } = evaluate(costs, values)
  const inCurrency = { ...values, currency }
  const faultOf = (name: CostName | 'sessions'): Fault | undefined => {
    const isSettled =
      name === 'sessions' ? settled.sessions === costs.sessions : settled.amounts[name] === amounts[name]
    const fault = faults[name]
    return fault && (tried || !(fault.incomplete || (fault.tentative && !isSettled))) ? fault : undefined
  }
  const excess = outcome ? [...outcome.values.note.trim()].length - noteCharacters : 0

  const submit = (event: Event): void => {
    event.preventDefault()
    setTried(true)
    const faulty = [...costNames, 'sessions' as const].find(name => faults[name]) ?? (outcome ? null : costNames[0])
    if (faulty) form.current?.querySelector<HTMLElement>(`[name="${faulty}"]`)?.focus()
    if (!outcome || excess > 0) return
    dialog.current?.close()
    knownLine.current = costsLine(outcome.values.note)
    onFill(outcome.values)
    announce(texts.filled(outcome.cost))
  }

  const field = (name: CostName | 'sessions', text: string, set: (text: string) => void) => {
    const fault = faultOf(name)
    const of = name === 'sessions' ? 'sessions' : 'costPerSession'
    const asField = { ...inCurrency, [of]: text }
    return (
      <Field
        key={name}
        label={name === 'sessions' ? texts.sessions : texts.names[name]}
        unit={currencyAt(of, asField)}
        hint=""
        interpretation={interpretationOf(of, asField)}
        fault={fault?.message}
        suggestion={
          fault?.suggestion === undefined
            ? undefined
            : { text: fault.suggestion, accept: () => set(fault.suggestion ?? '') }
        }
        input={{
          name,
          value: text,
          inputmode: name === 'sessions' ? 'numeric' : 'decimal',
          autocomplete: 'off',
          onInput: ({ currentTarget }) => set(currentTarget.value),
          onBlur: () => afterClick(() => setSettled(costs)),
        }}
      />
    )
  }

  return (
    <dialog class="yearly-costs" ref={dialog} aria-labelledby={`${id}-heading`} onClose={onClose}>
      <h2 id={`${id}-heading`}>{texts.heading}</h2>
      <p class="soft">{texts.lead}</p>
      <form ref={form} onSubmit={submit} noValidate>
        <div class="fields">
          {costNames.map(name => field(name, amounts[name], text => setAmounts({ ...amounts, [name]: text })))}
        </div>
        {field('sessions', costs.sessions, setSessions)}
        {outcome && (
          <p class="sum" id={`${id}-sum`}>
            {outcome.sum}
          </p>
        )}
        <ErrorMessage
          text={
            excess > 0
              ? texts.noRoom(excess, noteCharacters)
              : tried && !outcome && Object.keys(faults).length === 0
                ? texts.nothing
                : null
          }
        />
        <div class="buttons">
          <button type="submit" class="primary" aria-describedby={outcome ? `${id}-sum` : undefined}>
            {texts.fill}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {words.cancel}
          </button>
        </div>
      </form>
    </dialog>
  )
}

/** Whether two texts mean the same number of sessions, even if they are written differently. */
function isSameCount(a: string, b: string): boolean {
  const [one, other] = [parseFigure('sessions', a), parseFigure('sessions', b)]
  return one.status === 'valid' && other.status === 'valid' && one.text === other.text
}

interface Evaluation {
  /** Currency of the amounts, or '' if neither the form nor a currency symbol states it. */
  currency: string
  faults: Partial<Record<CostName | 'sessions', Fault>>
  /** The result, or null if there are validation errors or no amounts. */
  outcome: { cost: string; sum: string; values: FieldValues } | null
}

/** Parses the yearly costs by the same rules as the form's numbers, and divides them by the number of sessions. */
function evaluate({ amounts, sessions }: Costs, values: FieldValues): Evaluation {
  const read = costNames.flatMap(name => {
    if (amounts[name].trim() === '') return []
    const parsed = parseFigure('costPerSession', amounts[name])
    return [{ name, field: texts.names[name], ...(parsed.status === 'valid' ? parsed : { text: '', unit: '' }) }]
  })
  // The currency symbol in the form's cost per session has the lowest priority, because this dialog replaces that
  // field.
  const formCurrency = currencyOf({ ...values, costPerSession: '' })
  const former = parseFigure('costPerSession', values.costPerSession)
  const ownUnit = read.find(({ unit }) => unit !== '')?.unit ?? (former.status === 'valid' ? former.unit : '')
  const currency = currencies.has(formCurrency) ? formCurrency : (currencyOfUnit(ownUnit) ?? '')
  const isOther = (unit: string): boolean => (currency === '' ? unit !== ownUnit : !isCurrencyUnit(unit, currency))

  const faults: Evaluation['faults'] = {}
  for (const { name, field, unit } of read) {
    const rules = { field, maximum: maxAmount, decimals: fieldLimits.costPerSession.decimals }
    const fault = figureFault('costPerSession', amounts[name], rules)
    if (fault) faults[name] = fault
    else if (unit !== '' && isOther(unit)) {
      const message = texts.otherCurrency(field, currency || ownUnit)
      faults[name] = { name: 'costPerSession', message, tentative: true }
    }
  }
  const held = parseFigure('sessions', sessions)
  const fault = figureFault('sessions', sessions, { field: texts.sessions, ...fieldLimits.sessions })
  if (fault) faults.sessions = fault
  else if (held.status === 'valid' && Number(held.text) === 0)
    faults.sessions = { name: 'sessions', message: texts.noSessions }
  if (Object.keys(faults).length > 0 || read.length === 0 || held.status !== 'valid') {
    return { currency, faults, outcome: null }
  }

  const { total, perSession, isRounded } = divideCosts(
    read.map(({ text }) => text),
    held.text,
  )
  const short = (text: string): string => formatExactAmount(text.replace(/\.0+$/, ''), currency, { wholeDecimals: 0 })
  const cost = formatExactAmount(perSession, currency)
  const items = read.map(({ field, text }) => ({ name: field, amount: short(text) }))
  const count = Number(held.text)
  const line = texts.line(items, short(total), count, isRounded ? cost : null)
  const figure = formatInput(perSession)
  return {
    currency,
    faults,
    outcome: {
      cost,
      sum: texts.sum(short(total), count, cost, isRounded),
      values: {
        ...values,
        // Keep the currency symbol of the cost if nothing else states the currency.
        costPerSession: formCurrency === '' ? `${ownUnit} ${figure}`.trim() : figure,
        note: noteWithCosts(values.note, line),
      },
    },
  }
}
