import { formatSecondsUntil, formatTime } from '../format'
import { type Connection, connection } from '../live/feed'
import { clock, slowMs, useStore } from '../store'
import { words } from '../words'
import { Popover } from './popover'
import './connection-status.css'

/** How long, in ms, the page shows that the connection has recovered. */
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

const openedAt = Date.now()

/**
 * A dot with a popover that explains the state of the connection. If there is a connection problem, a text next to the
 * dot describes it.
 */
export function ConnectionStatus() {
  const current = useStore(connection)
  const now = useStore(clock)
  const { text, detail } = statusText(current, now)
  const isOpening = current.state === 'connecting' && !current.offline && now - openedAt < slowMs
  const isUsual = isOpening || (current.state === 'live' && !detail)
  const button = (
    <span data-state={current.state}>
      <span class="dot" aria-hidden="true" />
      <span class={isUsual ? 'unseen' : ''}>
        {text}
        {detail && <span class="detail"> {detail}</span>}
      </span>
    </span>
  )
  return (
    <Popover class={`connection ${isUsual ? '' : 'unusual'}`} button={button}>
      <p>
        <strong>{text}.</strong> {words.connection.what}
      </p>
      {current.lastEventAt > 0 && (
        <p class="soft">{words.connection.lastEvent(formatTime(new Date(current.lastEventAt).toISOString()))}</p>
      )}
    </Popover>
  )
}
