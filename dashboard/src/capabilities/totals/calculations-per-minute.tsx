import { useState } from 'preact/hooks'
import { formatMinute, formatNumber } from '../../format'
import { useStore } from '../../store'
import { summary } from './summary'
import { figuresWords } from './words'
import './calculations-per-minute.css'

export function CalculationsPerMinute() {
  const calculations = useStore(summary)?.calculations
  const [pointed, point] = useState<number | null>(null)
  if (!calculations) return null
  const total = calculations.reduce((sum, { count }) => sum + count, 0)
  const most = Math.max(...calculations.map(({ count }) => count))
  const top = Math.max(most * 1.05, 4)
  const percent = (count: number): string => `${(100 * count) / top}%`
  const at = pointed === null ? undefined : calculations[pointed]
  return (
    <div class="calculations-per-minute">
      <h2>{figuresWords.aMinute}</h2>
      <p class="soft">
        {at
          ? figuresWords.at(<strong>{formatNumber(at.count)}</strong>, formatMinute(Date.parse(at.minute)))
          : figuresWords.inLastMinutes(
              <strong data-testid="calculations">{formatNumber(total)}</strong>,
              calculations.length,
            )}
      </p>
      <div
        class="minutes"
        role="img"
        aria-label={figuresWords.minutes(calculations.length, total, most)}
        onPointerLeave={() => point(null)}
      >
        {levels(top).map(count => (
          <span key={count} class="level" style={{ bottom: percent(count) }}>
            <small>{formatNumber(count)}</small>
          </span>
        ))}
        {calculations.map(({ minute, count }, i) => (
          <span key={minute} class="minute" onPointerEnter={() => point(i)}>
            <span style={{ height: percent(count) }} />
            {new Date(minute).getMinutes() % 10 === 0 && <small>{formatMinute(Date.parse(minute))}</small>}
          </span>
        ))}
      </div>
    </div>
  )
}

/** Returns round counts up to `top`, about three of them above zero. */
function levels(top: number): number[] {
  const power = 10 ** Math.floor(Math.log10(top / 3))
  const step = Math.max(1, ([1, 2, 5, 10].find(times => times * power >= top / 3) ?? 10) * power)
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step)
}
