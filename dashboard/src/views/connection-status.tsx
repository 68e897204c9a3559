import { useState } from 'preact/hooks'
import { formatMinute, formatNumber, formatSecondsUntil, formatTime } from '../format'
import { type Connection, connection } from '../live/feed'
import { summary } from '../capabilities/totals/summary'
import { clock, useStore } from '../store'
import { words } from '../words'
import { Popover } from './popover'
import './connection-status.css'

/** How long a recovery is shown, in ms. */
const recoveryShownMs = 12_000

function statusText({ state, offline, retryAt, recovery }: Connection, now: number): { text: string; detail: string } {
  const texts = words.connection
  if (offline && state !== 'live') return { text: texts.offline, detail: '' }
  if (state === 'connecting') return { text: texts.connecting, detail: '' }
  if (state === 'lost') {
    const seconds = Math.max(0, Math.ceil((retryAt - now) / 1_000))
    return { text: texts.reconnecting, detail: seconds > 0 ? formatSecondsUntil(seconds) : texts.now }
  }
  if (!recovery || now - recovery.at > recoveryShownMs) return { text: texts.live, detail: '' }
  if (recovery.kind === 'reloaded') return { text: texts.live, detail: texts.reloaded }
  return { text: texts.live, detail: recovery.events === 0 ? texts.nothingMissed : texts.caughtUp(recovery.events) }
}

/** State of the connection. Its popover explains it, and shows the rate of calculations. */
export function ConnectionStatus() {
  const current = useStore(connection)
  const now = useStore(clock)
  const [isOpen, setOpen] = useState(false)
  const { text, detail } = statusText(current, now)
  const button = (
    <span data-state={current.state}>
      <span class="dot" aria-hidden="true" />
      <span>
        {text}
        {detail && <span class="detail"> {detail}</span>}
      </span>
    </span>
  )
  return (
    <Popover class="connection" button={button} toggled={setOpen}>
      <p>{words.connection.what}</p>
      {isOpen && <CalculationsPerMinute />}
      {current.lastEventAt > 0 && (
        <p class="soft">{words.connection.lastEvent(formatTime(new Date(current.lastEventAt).toISOString()))}</p>
      )}
    </Popover>
  )
}

/** Chart of calculations per minute. */
function CalculationsPerMinute() {
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
      <h2>{words.figures.aMinute}</h2>
      <p class="soft">
        {at
          ? words.figures.at(<strong>{formatNumber(at.count)}</strong>, formatMinute(Date.parse(at.minute)))
          : words.figures.inLastMinutes(
              <strong data-testid="calculations">{formatNumber(total)}</strong>,
              calculations.length,
            )}
      </p>
      <div
        class="minutes"
        role="img"
        aria-label={words.figures.minutes(calculations.length, total, most)}
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

/** Returns round counts up to the top, about three of them above zero. */
function levels(top: number): number[] {
  const power = 10 ** Math.floor(Math.log10(top / 3))
  const step = Math.max(1, ([1, 2, 5, 10].find(times => times * power >= top / 3) ?? 10) * power)
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step)
}
