import { changeOf } from '../../../../src/domain/change'
import { currencyFormats, formatFigure, formatSigned, formatSignedShare } from '../../format'
import { words } from '../../words'
import type { Amounts } from './types'
import { figuresWords } from './words'
import './figure-strip.css'

interface FigureStripProps {
  /** Totals in one currency. Null while unknown. */
  sums: Amounts | null
  /** Totals of months that are over, and of the same months a year earlier. The strip shows the change. */
  compared: Compared
}

/** Totals in the same currency that can be compared, if they are known. */
export interface Compared {
  now: Amounts | undefined
  before: Amounts | undefined
}

/** Shows the value, cost, net benefit, ratio and hours, each with its change from the year before. */
export function FigureStrip({ sums, compared }: FigureStripProps) {
  const { money, difference } = currencyFormats(sums?.currency ?? null)
  return (
    <dl class="figure-strip">
      <Figure name={words.timeValue} {...{ sums, compared }} of="timeValue" format={money} signed={difference} />
      <Figure
        name={words.programmeCost}
        {...{ sums, compared }}
        of="programmeCost"
        format={money}
        signed={difference}
      />
      <Figure name={words.netBenefit} {...{ sums, compared }} of="netBenefit" format={money} signed={difference} />
      <Figure name={figuresWords.ratio} {...{ sums, compared }} of="benefitCostRatio" />
      <Figure name={words.list.columns.hours} {...{ sums, compared }} of="totalHours" />
    </dl>
  )
}

interface FigureProps extends FigureStripProps {
  name: string
  of: 'timeValue' | 'programmeCost' | 'netBenefit' | 'benefitCostRatio' | 'totalHours'
  format?: (value: number) => string
  signed?: (difference: number) => string
}

function Figure({
  name,
  sums,
  compared: { now, before },
  of,
  format = formatFigure,
  signed = formatSigned,
}: FigureProps) {
  const value = sums?.[of] ?? null
  const change = changeOf(now?.[of], before?.[of])
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
