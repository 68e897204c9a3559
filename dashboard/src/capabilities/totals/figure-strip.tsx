import { changeOf } from '../../../../src/domain/change'
import { currencyFormats, formatFigure, formatSigned, formatSignedShare } from '../../format'
import { words } from '../../words'
import type { Amounts } from './types'
import { figuresWords } from './words'
import './figure-strip.css'

interface FigureStripProps {
  /** Totals in one currency. Null while unknown. */
  sums: Amounts | null
  /** Totals for the same months a year earlier in the same currency, if there are any. */
  before?: Amounts | undefined
}

/** Shows the value, cost, net benefit, ratio and hours, each with its change from the year before. */
export function FigureStrip({ sums, before }: FigureStripProps) {
  const { money, difference } = currencyFormats(sums?.currency ?? null)
  return (
    <dl class="figure-strip">
      <Figure name={words.timeValue} {...{ sums, before }} of="timeValue" format={money} signed={difference} />
      <Figure name={words.programmeCost} {...{ sums, before }} of="programmeCost" format={money} signed={difference} />
      <Figure name={words.netBenefit} {...{ sums, before }} of="netBenefit" format={money} signed={difference} />
      <Figure name={figuresWords.ratio} {...{ sums, before }} of="benefitCostRatio" />
      <Figure name={words.list.columns.hours} {...{ sums, before }} of="totalHours" />
    </dl>
  )
}

interface FigureProps extends FigureStripProps {
  name: string
  of: 'timeValue' | 'programmeCost' | 'netBenefit' | 'benefitCostRatio' | 'totalHours'
  format?: (value: number) => string
  signed?: (difference: number) => string
}

function Figure({ name, sums, before, of, format = formatFigure, signed = formatSigned }: FigureProps) {
  const value = sums?.[of] ?? null
  const change = changeOf(value, before?.[of])
  return (
    <div>
      <dt>{name}</dt>
      <dd class={value !== null && value < 0 ? 'loss' : ''} data-testid={of}>
        {value === null ? '–' : format(value)}
      </dd>
      {change && (
        <dd class="change soft">
          <span class="unseen">{figuresWords.change} </span>
          {signed(change.difference)}
          {change.share !== null && ` (${formatSignedShare(change.share)})`}
        </dd>
      )}
    </div>
  )
}
