import type { UndefinedReason } from '../../../src/domain/calculator'
import { datesOf, dateTimeOf, figureIn, formatsIn } from '../format'
import type { Outputs, Result } from '../types'
import { words } from '../words'
import type { Preview } from './calculator'
import { CostAgainstValue } from './cost-against-value'
import { Statement } from './statement'
import './result.css'

/** The current result, or a preview of the numbers in the form. */
export function ResultCard({ result, preview }: { result: Result | null; preview: Preview | null }) {
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
  const { label, currency, period } = inputs
  const { money, difference } = formatsIn(currency)
  return (
    <section class="card result" aria-label={words.result.heading} data-preview={preview !== null}>
      <div class="title">
        <h2>{preview ? words.result.whatIf : words.result.heading}</h2>
        {preview ? (
          <span class="tag">{words.result.notSaved}</span>
        ) : (
          result && <span class="soft">{dateTimeOf(result.computedAt)}</span>
        )}
      </div>
      <p class="stated-of">
        {label && (
          <strong>
            <bdi>{label}</bdi>
          </strong>
        )}
        {(period || currency) && (
          <span class="soft">
            {period && datesOf(period)}
            {period && currency && ', '}
            {currency && words.result.amountsIn(currency)}
          </span>
        )}
      </p>
      <p class="headline" data-testid="headline">
        {ratio === null
          ? words.result.noRatio(<span class="soft">{reasonFor('benefitCostRatio', outputs)}</span>)
          : words.spent(<strong>{money(ratio)}</strong>, money(1))}
      </p>
      <Statement currency={currency} timeValue={outputs.timeValue} programmeCost={outputs.programmeCost}>
        <dt class="sum">{words.netBenefit}</dt>
        <dd class={`sum ${netBenefit < 0 ? 'loss' : ''}`} data-testid="result-net">
          {former && former.netBenefit !== netBenefit && (
            <span class="difference">{difference(Math.round((netBenefit - former.netBenefit) * 100) / 100)}</span>
          )}{' '}
          {money(netBenefit)}
        </dd>
      </Statement>
      <CostAgainstValue inputs={inputs} currency={currency} breakEven={outputs.breakEvenMinutes} />
      <dl class="measures">
        {measures.map(({ output, unit }) => {
          const value = outputs[output]
          return (
            <div key={output}>
              <dt>{words.result[output]}</dt>
              <dd>
                {value === null ? (
                  <span class="soft">{words.result.noneBecause(reasonFor(output, outputs))}</span>
                ) : unit ? (
                  figureIn(value, unit)
                ) : (
                  money(value)
                )}
              </dd>
            </div>
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

/** `unit: null` formats an amount of money. */
const measures = [
  { output: 'totalHours', unit: 'hour' },
  { output: 'roiPercent', unit: 'percent' },
  { output: 'costPerHourDelivered', unit: null },
  { output: 'valuePerSession', unit: null },
  { output: 'netPerSession', unit: null },
  { output: 'breakEvenMinutes', unit: 'minute' },
] as const

/** Returns why an output is null. */
function reasonFor(output: keyof Outputs, { undefinedBecause }: Outputs): string {
  const found = undefinedBecause.find(missing => missing.output === output)
  return found ? words.undefinedBecause[found.reason.toLowerCase() as UndefinedReason] : words.notKnown
}
