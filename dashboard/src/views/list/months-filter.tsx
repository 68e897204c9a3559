import { useEffect, useState } from 'preact/hooks'
import { lengthOf, monthAfter, monthsIn, trendMonths } from '../../../../src/domain/months'
import { formatMonthAndYear, formatMonthRange } from '../../format'
import {
  currentMonth,
  isFinancial,
  isSameRange,
  type MonthRange,
  type Preset,
  presetRanges,
  presets,
} from '../../months'
import type { Filter } from '../../route'
import { route } from '../../router'
import { useStore } from '../../store'
import { words } from '../../words'
import { yearStart } from '../../year-start'
import { ErrorMessage } from '../error-message'
import './months-filter.css'

const texts = words.months

/** Control that selects the filter's range of months. `apply` opens the list with the new filter. */
export function MonthsFilter({ apply }: { apply(filter: Filter): void }) {
  const { filter } = useStore(route)
  const { months, ...others } = filter
  const start = useStore(yearStart)
  /**
   * The chosen preset. The choice is stored to distinguish presets with the same range, such as "last 12 months" and
   * "this year" in December.
   */
  const [chosen, setChosen] = useState<Preset | 'other' | null>(null)
  const ranges = presetRanges(currentMonth(), start)
  const matching = presets.filter(preset => isSameRange(ranges[preset], months))
  const preset = matching.find(preset => preset === chosen) ?? matching[0]
  const shown = months && chosen !== 'other' ? preset : undefined

  const applyMonths = (months: MonthRange | undefined): void => apply({ ...others, ...(months && { months }) })

  const choose = (value: string): void => {
    const choice = value === 'other' ? 'other' : (presets.find(preset => preset === value) ?? null)
    setChosen(choice)
    if (choice === 'other') applyMonths(months ?? ranges.last12)
    else applyMonths(choice ? ranges[choice] : undefined)
  }
  // If the selected range is a financial year, update the range when the user changes the start of the financial year.
  const [startBefore, setStartBefore] = useState(start)
  useEffect(() => {
    if (startBefore === start) return
    setStartBefore(start)
    const before = presetRanges(currentMonth(), startBefore)
    const selected = presets.find(preset => isFinancial(preset) && isSameRange(before[preset], months))
    if (selected) applyMonths(ranges[selected])
  })

  return (
    <>
      <label class="range">
        <span>{texts.label}</span>
        <select
          value={months ? (shown ?? 'other') : 'all'}
          onChange={({ currentTarget }) => choose(currentTarget.value)}
        >
          <option value="all">{texts.all}</option>
          {presets.map(preset => (
            <option key={preset} value={preset}>
              {words.labelled(texts.presets[preset], formatMonthRange(ranges[preset]))}
            </option>
          ))}
          <option value="other">{texts.other}</option>
        </select>
      </label>
      {months && !shown && (
        <EndSelects
          months={months}
          apply={months => {
            setChosen('other')
            applyMonths(months)
          }}
        />
      )}
    </>
  )
}

interface EndSelectsProps {
  months: MonthRange
  apply(months: MonthRange | undefined): void
}

/**
 * Controls that select the first and last month of a range. A range that is too long is not applied yet, because the
 * user may be about to change its other end.
 */
function EndSelects({ months, apply }: EndSelectsProps) {
  const [tooLong, setTooLong] = useState<MonthRange | null>(null)
  useEffect(() => setTooLong(null), [months.from, months.to])
  const range = tooLong ?? months
  const change = (from: string | undefined, to: string | undefined): void => {
    const next = { ...(from && { from }), ...(to && { to }) }
    const isTooLong = Boolean(from && to) && lengthOf(next) > trendMonths
    setTooLong(isTooLong ? next : null)
    if (!isTooLong) apply(from || to ? next : undefined)
  }
  /**
   * Changes the first or last month of the range. If the chosen month is beyond the other end, the range becomes just
   * the chosen month.
   */
  const changeEnd = {
    from: (month: string | undefined): void => change(month, month && range.to && month > range.to ? month : range.to),
    to: (month: string | undefined): void =>
      change(month && range.from && month < range.from ? month : range.from, month),
  }
  const years = yearsWith(range)
  return (
    <>
      {(['from', 'to'] as const).map(end => (
        <label key={end} class={end}>
          <span>{texts[end]}</span>
          <select
            value={range[end] ?? ''}
            aria-invalid={tooLong ? 'true' : undefined}
            onChange={({ currentTarget }) => changeEnd[end](currentTarget.value || undefined)}
          >
            <option value="">{texts.any}</option>
            {years.map(year => (
              <optgroup key={year} label={year}>
                {monthsIn({ from: `${year}-01`, to: `${year}-12` }).map(month => (
                  <option key={month} value={month}>
                    {formatMonthAndYear(month)}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
      ))}
      <ErrorMessage text={tooLong && texts.tooMany(trendMonths)} />
    </>
  )
}

/** Number of past years that the user can choose from. */
const yearsBack = 20

/**
 * Returns the years that the user can choose from, latest first. The years of the selected range are always included.
 */
function yearsWith({ from, to }: MonthRange): string[] {
  const next = monthAfter(currentMonth(), 12)
  const offered = Array.from({ length: yearsBack + 2 }, (_, i) => monthAfter(next, -12 * i))
  const years = [...offered, from, to].flatMap(month => month?.slice(0, 4) ?? [])
  return [...new Set(years)].toSorted().reverse()
}
