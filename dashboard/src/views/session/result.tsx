import { useEffect, useRef, useState } from 'preact/hooks'
import type { UndefinedReason } from '../../../../src/domain/calculator'
import { monthOf } from '../../../../src/domain/months'
import { ratioBar } from '../../../../src/rest/pages/ratio-bar'
import { totalInNote } from '../../costs-line'
import { currencyFormats, formatDateTime, formatMonthAndYear, formatPeriod, formatValue, type Unit } from '../../format'
import { numberNames, parseFigure, rangeNames } from '../../inputs'
import type { Inputs, Numbers, Outputs, Result } from '../../types'
import { words } from '../../words'
import { BreakEvenChart, pictureWidth } from '../break-even-chart'
import { Figure } from '../figure'
import { ValueAndCost } from '../value-and-cost'
import type { Preview } from './calculator'
import './result.css'

interface ResultCardProps {
  result: Result | null
  preview: Preview | null
  /** The page's heading. If the heading is the result's label, the result card omits the label. */
  name?: string
}

/** Shows the current result, or a preview that is calculated from the form's numbers. */
export function ResultCard({ result, preview, name }: ResultCardProps) {
  const shown = preview ?? result
  if (!shown) {
    return (
      <section class="card result empty" aria-label={words.result.heading}>
        <h2>{words.result.heading}</h2>
        <p class="soft">{words.result.empty}</p>
      </section>
    )
  }
  const { inputs, outputs } = shown
  const former = preview && result ? result.outputs : null
  const { benefitCostRatio: ratio, netBenefit } = outputs
  const { label, currency, period, valueSource, note, costPerHourRange } = inputs
  const formats = currencyFormats(currency)
  const { money, difference } = formats
  const month = monthOf(period, preview || !result ? new Date().toISOString() : result.computedAt)
  const entered = enteredCosts(inputs, outputs)
  const { low, high } = outputs.range ?? {}
  const ratios = { low: low?.benefitCostRatio, stated: ratio, high: high?.benefitCostRatio }
  const bar = ratioBar(ratios, formats, words.ratioBar, pictureWidth)
  return (
    <section class="card result" aria-label={words.result.heading} data-preview={preview !== null}>
      <div class="title">
        <h2>{preview ? words.result.whatIf : words.result.heading}</h2>
        {preview ? (
          <span class="tag">{words.result.notSaved}</span>
        ) : (
          result && <span class="soft">{formatDateTime(result.computedAt)}</span>
        )}
      </div>
      <p class="result-details">
        {label && label !== name && (
          <strong>
            <bdi>{label}</bdi>
          </strong>
        )}
        <span class="soft">
          {period ? formatPeriod(period) : words.calculator.countsIn(formatMonthAndYear(month))}
          {currency && `, ${words.result.amountsIn(currency)}`}
        </span>
      </p>
      <p class="headline" data-testid="headline">
        {ratio === null
          ? words.result.noRatio(<span class="soft">{reasonFor('benefitCostRatio', outputs)}</span>)
          : words.spent(<strong>{money(ratio)}</strong>, money(1))}
      </p>
      <ValueAndCost currency={currency} timeValue={outputs.timeValue} programmeCost={outputs.programmeCost}>
        {entered !== null && (
          <>
            <dt class="soft">{words.result.entered}</dt>
            <dd class="soft">{entered}</dd>
          </>
        )}
        <dt class="sum">{words.netBenefit}</dt>
        <dd class={`sum ${netBenefit < 0 ? 'loss' : ''}`} data-testid="result-net">
          {former && former.netBenefit !== netBenefit && (
            <span class="difference">{difference(Math.round((netBenefit - former.netBenefit) * 100) / 100)}</span>
          )}{' '}
          {money(netBenefit)}
        </dd>
      </ValueAndCost>
      {bar && <Figure {...bar} />}
      <BreakEvenChart inputs={inputs} currency={currency} breakEven={outputs.breakEvenMinutes} />
      {/* On screen, the form already shows these inputs. */}
      <div class="on-paper">
        <dl class="measures">
          {numberNames.map(name => (
            <div key={name}>
              <dt>{words.calculator[name]}</dt>
              <dd>{formatValue(inputs[name], inputUnits[name], currency)}</dd>
            </div>
          ))}
          {costPerHourRange &&
            rangeNames.map(name => (
              <div key={name}>
                <dt>{words.calculator[name]}</dt>
                <dd>{formatValue(costPerHourRange[name], 'price', currency)}</dd>
              </div>
            ))}
        </dl>
      </div>
      {(valueSource || note) && (
        <dl class="result-texts">
          {valueSource && (
            <div>
              <dt>{words.calculator.valueSource}</dt>
              <dd>
                <bdi>{valueSource}</bdi>
              </dd>
            </div>
          )}
          {note && (
            <div>
              <dt>{words.calculator.note}</dt>
              <dd>
                <bdi>{note}</bdi>
              </dd>
            </div>
          )}
        </dl>
      )}
      <dl class="measures">
        {outputNames.map(output => {
          const { name, unit, isInCard } = shownOutputs[output]
          const value = outputs[output]
          return (
            isInCard && (
              <div key={output}>
                <dt>{name}</dt>
                <dd>
                  {value === null ? (
                    <span class="soft">{words.result.noneBecause(reasonFor(output, outputs))}</span>
                  ) : (
                    formatValue(value, unit, currency)
                  )}
                </dd>
              </div>
            )
          )
        })}
      </dl>
      {result && !preview && (
        <p class="caveat soft">
          {words.result.caveat(result.caveat, result.method)} {words.result.method(<code>{result.method}</code>)}
        </p>
      )}
    </section>
  )
}

/**
 * Returns the yearly total that the note states, if it differs from the programme cost only because the cost per
 * session is rounded. Returns null if the total equals the programme cost, or if it is for a different number of
 * sessions.
 */
function enteredCosts({ sessions, note }: Inputs, { programmeCost }: Outputs): string | null {
  const noted = totalInNote(note ?? '')
  if (!noted) return null
  const [total, count] = [parseFigure('costPerSession', noted.total), parseFigure('sessions', noted.sessions)]
  const isOfTheseSessions = count.status === 'valid' && Number(count.text) === sessions
  if (!isOfTheseSessions || total.status !== 'valid') return null
  const difference = Math.abs(Number(total.text) - programmeCost)
  return difference >= 0.005 && difference <= sessions * maxRoundingError + 0.005 ? noted.total : null
}

/** Maximum rounding error of a cost per session with 4 decimals. */
const maxRoundingError = 0.00005

export const inputUnits = {
  sessions: 'count',
  avgMinutes: 'minute',
  costPerSession: 'price',
  costPerHour: 'price',
} as const satisfies Record<keyof Numbers, Unit>

/** On a phone, shows the previewed net benefit while the result card's net benefit is scrolled out of view. */
export function PreviewBar({ inputs, outputs }: Preview) {
  const bar = useRef<HTMLDivElement>(null)
  const [isInSight, setInSight] = useState(true)
  useEffect(() => {
    const sum = bar.current?.parentElement?.querySelector('.result dd.sum')
    if (!sum) return
    const observer = new IntersectionObserver(([entry]) => setInSight(entry?.isIntersecting ?? false), {
      rootMargin: '-45px 0px -60px',
    })
    observer.observe(sum)
    return () => observer.disconnect()
  }, [])
  return (
    <div class="preview-bar" aria-hidden="true" ref={bar}>
      {!isInSight && <p>{words.result.announcedWhatIf(currencyFormats(inputs.currency).money(outputs.netBenefit))}</p>}
    </div>
  )
}

interface ShownOutput {
  name: string
  unit: Unit
  /** Whether the card lists this output below the totals of value and cost. */
  isInCard: boolean
  /** Whether the comparison with an older result includes this output. */
  isCompared: boolean
}

type OutputName = Exclude<keyof Outputs, 'totalMinutes' | 'range' | 'undefinedBecause'>

/** Outputs in display order. The type requires an entry for each output. */
export const shownOutputs: Record<OutputName, ShownOutput> = {
  benefitCostRatio: { name: words.list.columns.ratio, unit: 'ratio', isInCard: false, isCompared: true },
  timeValue: { name: words.timeValue, unit: 'money', isInCard: false, isCompared: true },
  programmeCost: { name: words.programmeCost, unit: 'money', isInCard: false, isCompared: true },
  netBenefit: { name: words.netBenefit, unit: 'money', isInCard: false, isCompared: true },
  totalHours: { name: words.result.totalHours, unit: 'hour', isInCard: true, isCompared: true },
  roiPercent: { name: words.result.roiPercent, unit: 'percent', isInCard: true, isCompared: true },
  costPerHourDelivered: { name: words.result.costPerHourDelivered, unit: 'money', isInCard: true, isCompared: false },
  valuePerSession: { name: words.result.valuePerSession, unit: 'money', isInCard: true, isCompared: false },
  netPerSession: { name: words.result.netPerSession, unit: 'money', isInCard: true, isCompared: false },
  breakEvenMinutes: { name: words.result.breakEvenMinutes, unit: 'minute', isInCard: true, isCompared: true },
}

export const outputNames = Object.keys(shownOutputs) as OutputName[]

function reasonFor(output: keyof Outputs, { undefinedBecause }: Outputs): string {
  const undefinedOutput = undefinedBecause.find(entry => entry.output === output)
  return undefinedOutput
    ? words.undefinedBecause[undefinedOutput.reason.toLowerCase() as UndefinedReason]
    : words.notKnown
}
