import { useId, useState } from 'preact/hooks'
import { monthAt, monthOf } from '../../../../src/domain/months'
import { formatMonthAndYear, formatMonthRange, formatPeriod } from '../../format'
import type { Fault, FieldName, FieldValues } from '../../inputs'
import { currentMonth } from '../../months'
import { periodInName, quickPeriods, quickPeriodsIn } from '../../periods'
import { useStore } from '../../store'
import type { Period, Result } from '../../types'
import { locale, words } from '../../words'
import { yearStart } from '../../year-start'
import { Field } from '../field'

const texts = words.calculator

interface PeriodFieldProps {
  values: FieldValues
  setValues(values: FieldValues): void
  /** The saved result, if the form's values are saved. */
  saved: Result | null
  disabled: boolean
  faultOf(name: FieldName): Fault | undefined
}

/**
 * Selects the period of a calculation: one of the usual periods, or any first and last day. Says in which month the
 * calculation counts, and proposes the period that the calculation's name contains.
 */
export function PeriodField({ values, setValues, saved, disabled, faultOf }: PeriodFieldProps) {
  const id = useId()
  const start = useStore(yearStart)
  const [isOther, setOther] = useState(false)
  const { from, to, label } = values
  const periods = quickPeriodsIn(currentMonth(), start)
  const isSame = (period: Period): boolean => period.from === from && period.to === to
  const isEmpty = from === '' && to === ''
  const quick = isOther ? undefined : quickPeriods.find(name => isSame(periods[name]))
  const shown = quick ?? (isEmpty && !isOther ? 'none' : 'other')
  const named = disabled || !isEmpty ? null : periodInName(label, start, locale)

  const setPeriod = (period: Period): void => {
    setOther(false)
    setValues({ ...values, ...period })
  }
  const choose = (choice: string): void => {
    const name = quickPeriods.find(name => name === choice)
    if (choice === 'other') setOther(true)
    else setPeriod(name ? periods[name] : { from: '', to: '' })
  }
  const day = (name: 'from' | 'to', hint: string) => (
    <Field
      label={texts[name]}
      hint={hint}
      fault={faultOf(name)?.message}
      input={{
        type: 'date',
        name,
        value: values[name],
        disabled,
        onInput: ({ currentTarget }) => {
          setOther(true)
          setValues({ ...values, [name]: currentTarget.value })
        },
      }}
    />
  )
  const isComplete = from !== '' && from <= to
  const month = formatMonthAndYear(monthOf(isComplete ? { to } : null, saved?.computedAt ?? new Date().toISOString()))
  return (
    <div class="period">
      <div class="field">
        <label for={id}>{words.list.columns.period}</label>
        <select
          id={id}
          value={shown}
          disabled={disabled}
          aria-describedby={`${id}-month`}
          onChange={({ currentTarget }) => choose(currentTarget.value)}
        >
          <option value="none">{texts.noPeriod}</option>
          {quickPeriods.map(name => {
            const { from, to } = periods[name]
            const range = formatMonthRange({ from: monthAt(from), to: monthAt(to) })
            const text = name === 'lastMonth' ? texts.lastMonth : words.months.presets[name]
            return (
              <option key={name} value={name}>
                {words.labelled(text, range)}
              </option>
            )
          })}
          <option value="other">{texts.otherPeriod}</option>
        </select>
        <small id={`${id}-month`}>
          {isComplete ? texts.countsIn(month) : saved ? texts.countedIn(month) : texts.countsNow(month)}
        </small>
        {named && (
          <button type="button" class="suggestion" onClick={() => setPeriod(named)}>
            {texts.periodOfName(formatPeriod(named))}
          </button>
        )}
      </div>
      {shown === 'other' && (
        <div class="fields">
          {day('from', texts.fromHint)}
          {day('to', texts.toHint)}
        </div>
      )}
    </div>
  )
}
