import { number, timeOf } from '../format'
import { type Connection, connection } from '../live/connection'
import { clock, useStore } from '../store'
import './connection.css'

/** How long the page says that something was healed. */
const healedShownMs = 12_000

function says({ state, retryAt, healed }: Connection, now: number): { text: string; detail: string } {
  if (state === 'connecting') return { text: 'Connecting', detail: '' }
  if (state === 'lost') {
    const seconds = Math.max(0, Math.ceil((retryAt - now) / 1_000))
    return { text: 'Reconnecting', detail: seconds > 0 ? `in ${seconds} s` : 'now' }
  }
  if (!healed || now - healed.at > healedShownMs) return { text: 'Live', detail: '' }
  if (healed.kind === 'reread') return { text: 'Live', detail: 'read again after a gap' }
  const { events } = healed
  if (events === 0) return { text: 'Live', detail: 'nothing was missed' }
  return { text: 'Live', detail: `caught up after ${number(events)} ${events === 1 ? 'event' : 'events'}` }
}

/** Whether the page is live, and what it took to be. */
export function ConnectionState() {
  const current = useStore(connection)
  const now = useStore(clock)
  const { text, detail } = says(current, now)
  const { cursor, events, resumed, reread, lastEventAt } = current
  return (
    <details class="connection">
      <summary data-state={current.state}>
        <span class="dot" aria-hidden="true" />
        <span>
          {text}
          {detail && <span class="detail"> {detail}</span>}
        </span>
      </summary>
      <div class="popover">
        <p>
          This page follows the feed of all sessions, and what they come to, over one WebSocket. When the connection
          breaks it goes on after the last cursor, so that nothing is missed.
        </p>
        <dl>
          <dt>Events since opened</dt>
          <dd>{number(events)}</dd>
          <dt>Last event</dt>
          <dd>{lastEventAt ? timeOf(new Date(lastEventAt).toISOString()) : 'none yet'}</dd>
          <dt>Resumed from the cursor</dt>
          <dd>{number(resumed)}×</dd>
          <dt>Read again after a gap</dt>
          <dd>{number(reread)}×</dd>
          <dt>Cursor</dt>
          <dd>
            <code data-testid="cursor">{cursor ?? 'none yet'}</code>
          </dd>
        </dl>
      </div>
    </details>
  )
}
