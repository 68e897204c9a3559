import { useState } from 'preact/hooks'
import { inSeconds, number, timeOf } from '../format'
import { type Connection, connection } from '../live/connection'
import { clock, useStore } from '../store'
import { words } from '../words'
import { Popover } from './popover'
import { Pulse } from './pulse'
import './connection.css'

/** How long a recovery is shown, in ms. */
const healedShownMs = 12_000

function says({ state, offline, retryAt, healed }: Connection, now: number): { text: string; detail: string } {
  const said = words.connection
  if (offline && state !== 'live') return { text: said.offline, detail: '' }
  if (state === 'connecting') return { text: said.connecting, detail: '' }
  if (state === 'lost') {
    const seconds = Math.max(0, Math.ceil((retryAt - now) / 1_000))
    return { text: said.reconnecting, detail: seconds > 0 ? inSeconds(seconds) : said.now }
  }
  if (!healed || now - healed.at > healedShownMs) return { text: said.live, detail: '' }
  if (healed.kind === 'reread') return { text: said.live, detail: said.reread }
  return { text: said.live, detail: healed.events === 0 ? said.nothingMissed : said.caughtUp(healed.events) }
}

/** State of the connection. Its popover shows the recoveries and the rate of calculations. */
export function ConnectionState() {
  const current = useStore(connection)
  const now = useStore(clock)
  const [isOpen, setOpen] = useState(false)
  const { text, detail } = says(current, now)
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
      {isOpen && <Pulse />}
      <Account of={current} />
    </Popover>
  )
}

function Account({ of: { cursor, events, resumed, reread, lastEventAt } }: { of: Connection }) {
  const said = words.connection
  return (
    <dl>
      <dt>{said.events}</dt>
      <dd>{number(events)}</dd>
      <dt>{said.lastEvent}</dt>
      <dd>{lastEventAt ? timeOf(new Date(lastEventAt).toISOString()) : said.noneYet}</dd>
      <dt>{said.resumed}</dt>
      <dd>{said.times(resumed)}</dd>
      <dt>{said.rereads}</dt>
      <dd>{said.times(reread)}</dd>
      <dt>{said.cursor}</dt>
      <dd>
        <code data-testid="cursor">{cursor ?? said.noneYet}</code>
      </dd>
    </dl>
  )
}
