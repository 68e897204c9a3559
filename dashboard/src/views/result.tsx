import { datesOf, dateTimeOf, formatsIn } from '../format'
import { reasonFor } from '../names'
import type { Outputs, Result } from '../types'
import type { Preview } from './calculator'
import { CostAgainstValue } from './cost-against-value'
import { Statement } from './statement'
import './result.css'

/** The current result, or what the numbers in the form would make of it. */
export function ResultCard({ result, preview }: { result: Result | null; preview: Preview | null }) {
  const shown = preview ?? result
  if (!shown) {
    return (
      <section class="card result empty" aria-label="Result">
        <h2>Result</h2>
        <p class="soft">Nothing is computed yet. Fill in the four numbers: what they give shows here while you type.</p>
      </section>
    )
  }
  const { inputs, outputs } = shown
  const former = preview && result ? result.outputs : null
  const { benefitCostRatio: ratio, netBenefit } = outputs
  const { label, currency, period } = inputs
  const { money, difference, figure } = formatsIn(currency)
  return (
    <section class="card result" aria-label="Result" data-preview={preview !== null}>
      <div class="title">
        <h2>{preview ? 'What if' : 'Result'}</h2>
        {preview ? (
          <span class="tag">not saved</span>
        ) : (
          result && <span class="soft">{dateTimeOf(result.computedAt)}</span>
        )}
      </div>
      <p class="stated-of">
        {label && <strong>{label}</strong>}
        {(period || currency) && (
          <span class="soft">
            {period && datesOf(period)}
            {period && currency && ', '}
            {currency && `amounts in ${currency}`}
          </span>
        )}
      </p>
      <p class="headline" data-testid="headline">
        {ratio === null ? (
          <>
            No ratio: <span class="soft">{reasonFor('benefitCostRatio', outputs)}</span>
          </>
        ) : (
          <>
            <strong>{money(ratio)}</strong> for every {money(1)} spent
          </>
        )}
      </p>
      <Statement currency={currency} timeValue={outputs.timeValue} programmeCost={outputs.programmeCost}>
        <dt class="sum">Net benefit</dt>
        <dd class={`sum ${netBenefit < 0 ? 'loss' : ''}`} data-testid="result-net">
          {former && former.netBenefit !== netBenefit && (
            <span class="difference">{difference(Math.round((netBenefit - former.netBenefit) * 100) / 100)}</span>
          )}{' '}
          {money(netBenefit)}
        </dd>
      </Statement>
      <CostAgainstValue inputs={inputs} currency={currency} breakEven={outputs.breakEvenMinutes} />
      <dl class="measures">
        {measures.map(({ output, label, unit, isMoney }) => {
          const value = outputs[output]
          return (
            <div key={output}>
              <dt>{label}</dt>
              <dd>
                {value === null ? (
                  <span class="soft">none: {reasonFor(output, outputs)}</span>
                ) : (
                  <>
                    {isMoney ? money(value) : figure(value)}
                    {unit && <span class="soft"> {unit}</span>}
                  </>
                )}
              </dd>
            </div>
          )
        })}
      </dl>
      {result && !preview && (
        <p class="caveat soft">
          {result.caveat} Method <code>{result.method}</code>.
        </p>
      )}
    </section>
  )
}

const measures: { output: Exclude<keyof Outputs, 'undefinedBecause'>; label: string; unit?: string; isMoney?: true }[] =
  [
    { output: 'totalHours', label: 'Hours given', unit: 'h' },
    { output: 'roiPercent', label: 'Return on cost', unit: '%' },
    { output: 'costPerHourDelivered', label: 'Cost of an hour given', isMoney: true },
    { output: 'valuePerSession', label: 'Value of a session', isMoney: true },
    { output: 'netPerSession', label: 'Net benefit of a session', isMoney: true },
    { output: 'breakEvenMinutes', label: 'Break-even length', unit: 'min' },
  ]
