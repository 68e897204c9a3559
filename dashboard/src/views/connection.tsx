import { inSeconds, number, timeOf } from '../format'
import { type Connection, connection } from '../live/connection'
import { clock, useStore } from '../store'
import { words } from '../words'
import './connection.css'

/** How long the page says that something was healed. */
const healedShownMs = 12_000

function says({ state, retryAt, healed }: Connection, now: number): { text: string; detail: string } {
  const said = words.connection
  if (state === 'connecting') return { text: said.connecting, detail: '' }
  if (state === 'lost') {
    const seconds = Math.max(0, Math.ceil((retryAt - now) / 1_000))
    return { text: said.reconnecting, detail: seconds > 0 ? inSeconds(seconds) : said.now }
  }
  if (!healed || now - healed.at > healedShownMs) return { text: said.live, detail: '' }
  if (healed.kind === 'reread') return { text: said.live, detail: said.reread }
  return { text: said.live, detail: healed.events === 0 ? said.nothingMissed : said.caughtUp(healed.events) }
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
        <p>{words.connection.what}</p>
        <dl>
          <dt>{words.connection.events}</dt>
          <dd>{number(events)}</dd>
          <dt>{words.connection.lastEvent}</dt>
          <dd>{lastEventAt ? timeOf(new Date(lastEventAt).toISOString()) : words.connection.noneYet}</dd>
          <dt>{words.connection.resumed}</dt>
          <dd>{words.connection.times(resumed)}</dd>
          <dt>{words.connection.rereads}</dt>
          <dd>{words.connection.times(reread)}</dd>
          <dt>{words.connection.cursor}</dt>
          <dd>
            <code data-testid="cursor">{cursor ?? words.connection.noneYet}</code>
          </dd>
        </dl>
      </div>
    </details>
  )
}
