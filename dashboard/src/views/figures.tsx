import { useMemo, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { minuteOf, money, number, stateNames } from '../format'
import { summary } from '../live'
import { font, type Ink, Plot } from '../plot'
import { statesAtRest } from '../route'
import { useStore } from '../store'
import type { Summary } from '../types'

/** What the sessions under the filter come to, now. */
export function Figures() {
  const figures = useStore(summary)
  return (
    <section class="figures" aria-label="Figures" aria-busy={figures === null}>
      <NetBenefit figures={figures} />
      <States figures={figures} />
      <Calculations figures={figures} />
    </section>
  )
}

function NetBenefit({ figures }: { figures: Summary | null }) {
  const { netBenefit = 0, timeValue = 0, programmeCost = 0, benefitCostRatio = null, results = 0 } = figures ?? {}
  return (
    <div class="figure net">
      <h2>Net benefit</h2>
      <p class={`amount ${netBenefit < 0 ? 'loss' : ''}`} data-testid="net-benefit">
        {figures ? money(netBenefit) : '–'}
      </p>
      <dl class="statement">
        <dt>
          <span class="swatch value" aria-hidden="true" />
          Time value
        </dt>
        <dd data-testid="time-value">{money(timeValue)}</dd>
        <dt>
          <span class="swatch cost" aria-hidden="true" />
          Programme cost
        </dt>
        <dd data-testid="programme-cost">− {money(programmeCost)}</dd>
      </dl>
      <p class="soft">
        {benefitCostRatio === null
          ? `of ${number(results)} current results`
          : `${money(benefitCostRatio)} for every ${money(1)} spent, ${number(results)} ${results === 1 ? 'result' : 'results'}`}
      </p>
    </div>
  )
}

function States({ figures }: { figures: Summary | null }) {
  const count = (state: string): number => figures?.states.find(found => found.state === state)?.count ?? 0
  const total = figures?.sessions ?? 0
  return (
    <div class="figure">
      <h2>Sessions</h2>
      <p class="amount" data-testid="session-count">
        {figures ? number(total) : '–'}
      </p>
      <div class="bar" aria-hidden="true">
        {statesAtRest.map(state => (
          <span key={state} data-state={state} style={{ flexGrow: count(state) }} />
        ))}
      </div>
      <dl class="legend">
        {statesAtRest.map(state => (
          <div key={state}>
            <dt>
              <span class="swatch" data-state={state} aria-hidden="true" />
              {stateNames[state]}
            </dt>
            <dd data-testid={`count-${state}`}>{number(count(state))}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

const minutes = 30
const none: Summary['calculations'] = Array.from({ length: minutes }, (_, i) => ({
  minute: new Date(Math.floor(Date.now() / 60_000 - minutes + 1 + i) * 60_000).toISOString(),
  count: 0,
}))

function Calculations({ figures }: { figures: Summary | null }) {
  const calculations = figures?.calculations ?? none
  const [pointed, point] = useState<number | null>(null)
  const data = useMemo<uPlot.AlignedData>(
    () => [calculations.map(({ minute }) => Date.parse(minute) / 1_000), calculations.map(({ count }) => count)],
    [calculations],
  )
  const total = calculations.reduce((sum, { count }) => sum + count, 0)
  const most = Math.max(...calculations.map(({ count }) => count))
  const at = pointed === null ? undefined : calculations[pointed]
  return (
    <div class="figure plotted">
      <h2>Calculations a minute</h2>
      <p class="soft">
        {at ? (
          <>
            <strong>{number(at.count)}</strong> at {minuteOf(Date.parse(at.minute))}
          </>
        ) : (
          <>
            <strong data-testid="calculations">{number(total)}</strong> in the last {minutes} minutes
          </>
        )}
      </p>
      <Plot
        label={`Calculations in each of the last ${minutes} minutes: ${number(total)} in all, ${number(most)} at most in a minute.`}
        data={data}
        height={128}
        options={ink => bars(ink, point)}
      />
    </div>
  )
}

const bars = (ink: Ink, point: (index: number | null) => void): Omit<uPlot.Options, 'width' | 'height'> => ({
  padding: [8, 6, 0, 0],
  scales: {
    x: { time: true, range: (_plot, first, last) => [first - 40, last + 40] },
    y: { range: (_plot, _least, most) => [0, Math.max(most * 1.05, 4)] },
  },
  cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
  hooks: { setCursor: [plot => point(plot.cursor.idx ?? null)] },
  axes: [
    {
      stroke: ink.soft,
      font,
      size: 24,
      gap: 4,
      space: 90,
      grid: { show: false },
      ticks: { show: false },
      values: (_plot, splits) => splits.map(seconds => minuteOf(seconds * 1_000)),
    },
    {
      stroke: ink.soft,
      font,
      size: 36,
      gap: 6,
      space: 34,
      grid: { stroke: ink.line, width: 1 },
      ticks: { show: false },
      values: (_plot, splits) => splits.map(count => (Number.isInteger(count) ? number(count) : '')),
    },
  ],
  series: [
    {},
    {
      fill: ink.value,
      width: 0,
      points: { show: false },
      ...(uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.7, 14], radius: 0.25 }) }),
    },
  ],
})
