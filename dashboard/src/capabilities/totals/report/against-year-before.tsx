import { changeOf } from '../../../../../src/domain/change'
import {
  currencyFormats,
  formatFigure,
  formatList,
  formatMonthRange,
  formatNumber,
  formatSigned,
  formatSignedShare,
} from '../../../format'
import type { Live } from '../../../live/use-live'
import { ErrorMessage } from '../../../views/error-message'
import { NoValue, SumsTable } from '../../../views/sums-table'
import { words } from '../../../words'
import type { Amounts, Summary } from '../types'
import { nameOf } from './by-month'
import type { ShownMonths } from './queries'
import { NetBenefit } from './sums-columns'
import { chartsWords, reportWords } from './words'

interface AgainstYearBeforeProps {
  /** Totals of the compared months, or null if the report's totals are for other months. */
  figures: Summary | null
  read: Live<ShownMonths | null>
}

/** Compares the totals in each currency with the totals of the same months a year earlier. */
export function AgainstYearBefore({ figures, read: { value, isStale, error } }: AgainstYearBeforeProps) {
  if (!value?.yearBefore) return <ErrorMessage text={isStale ? null : error} />
  const { range, before, totals } = value.yearBefore
  const now = figures?.amounts ?? totals.now
  if (now.length + totals.before.length === 0) return null
  const currencies = totals.before.map(({ currency }) => currency)
  const others = now.map(({ currency }) => currency).filter(currency => !currencies.includes(currency))
  return (
    <section class="card against" aria-busy={isStale}>
      <h2>{reportWords.againstYearBefore}</h2>
      <ErrorMessage text={isStale ? null : error} />
      {totals.before.length === 0 ? (
        <p>{chartsWords.nothingBefore}</p>
      ) : (
        <>
          {currencies.map(currency => (
            <Comparison
              key={currency}
              currency={currency}
              isOneOfMany={currencies.length + others.length > 1}
              now={now.find(of => of.currency === currency)}
              before={totals.before.find(of => of.currency === currency)}
              names={[formatMonthRange(range), formatMonthRange(before)]}
            />
          ))}
          {others.length > 0 && <p class="soft">{reportWords.onlyNow(formatList(others.map(nameOf)))}</p>}
        </>
      )}
    </section>
  )
}

interface Measure {
  name: string
  of(sums: Amounts): number | null
  format(value: number): string
  /** Formats a difference with a plus or minus sign. */
  difference(value: number): string
}

interface ComparisonProps {
  currency: string | null
  isOneOfMany: boolean
  now: Amounts | undefined
  before: Amounts | undefined
  names: [now: string, before: string]
}

function Comparison({ currency, isOneOfMany, now, before, names }: ComparisonProps) {
  const { money, difference } = currencyFormats(currency)
  const amount = { format: money, difference }
  const figure = { format: formatFigure, difference: formatSigned }
  const measures: Measure[] = [
    { name: words.timeValue, of: sums => sums.timeValue, ...amount },
    { name: words.programmeCost, of: sums => sums.programmeCost, ...amount },
    { name: words.netBenefit, of: sums => sums.netBenefit, ...amount },
    { name: words.list.columns.ratio, of: sums => sums.benefitCostRatio, ...figure },
    { name: words.result.totalHours, of: sums => sums.totalHours, ...figure },
    { name: reportWords.held, of: sums => sums.sessionsHeld, format: formatNumber, difference: formatSigned },
  ]
  const cell = (sums: Amounts | undefined, { name, of, format }: Measure) => {
    const value = sums ? of(sums) : null
    if (!sums || value === null) return <NoValue />
    return name === words.netBenefit ? <NetBenefit of={sums} /> : format(value)
  }
  const changeIn = ({ of }: Measure) => changeOf(now && of(now), before && of(before))
  const label = isOneOfMany ? `${reportWords.againstYearBefore}, ${nameOf(currency)}` : reportWords.againstYearBefore
  return (
    <>
      {isOneOfMany && <h3>{nameOf(currency)}</h3>}
      <SumsTable
        label={label}
        columns={[
          { name: reportWords.figure, isText: true, cell: ({ name }: Measure) => name },
          { name: names[0], cell: measure => cell(now, measure) },
          { name: names[1], cell: measure => cell(before, measure) },
          {
            name: chartsWords.difference,
            cell(measure) {
              const change = changeIn(measure)
              return change ? measure.difference(change.difference) : <NoValue />
            },
          },
          {
            name: reportWords.percentage,
            cell(measure) {
              const share = changeIn(measure)?.share ?? null
              return share === null ? <NoValue /> : formatSignedShare(share)
            },
          },
        ]}
        rows={measures}
        keyOf={({ name }) => name}
      />
    </>
  )
}
