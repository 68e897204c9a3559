import { useRef, useState } from 'preact/hooks'
import { closeMutation, dispatchMutation } from '../graphql/documents'
import { ask, change } from '../graphql/requests'
import { stateNames } from '../names'
import { go } from '../route'
import { announce } from '../store'
import type { Session, SessionEvent } from '../types'
import { RefusalText } from './refusal'
import './events.css'

const actions: { event: Exclude<SessionEvent, 'CALCULATE_REQUESTED'>; label: string; done: string }[] = [
  { event: 'SHARE_REQUESTED', label: 'Share result', done: 'Result shared.' },
  { event: 'SHARE_REVOKE_REQUESTED', label: 'Revoke share', done: 'Share link revoked.' },
  { event: 'RESET_REQUESTED', label: 'Reset', done: 'Session reset.' },
  { event: 'RETRY_REQUESTED', label: 'Retry', done: 'Calculation repeated.' },
]

/** What it means that an accepted event changed nothing. */
const unchanged: Record<SessionEvent, string> = {
  CALCULATE_REQUESTED: 'These numbers are saved already.',
  SHARE_REQUESTED: 'This result is shared already: the link is below.',
  SHARE_REVOKE_REQUESTED: 'There was no live share link to revoke.',
  RESET_REQUESTED: 'There was nothing to reset.',
  RETRY_REQUESTED: 'There was nothing to retry.',
}

/** The events that the session can be sent; those that it refuses as it is are shown, and say so. */
export function Events({ session }: { session: Session }) {
  const { id, state, allowedEvents } = session
  const [said, say] = useState<{ text: string; refused: boolean } | null>(null)
  const dispatch = async (event: SessionEvent, label: string, done: string): Promise<void> => {
    if (!allowedEvents.includes(event)) {
      say({ text: `${label} is refused while the session is ${stateNames[state].toLowerCase()}.`, refused: true })
      return
    }
    try {
      const { dispatchEvent } = await change<{ dispatchEvent: { transitions: unknown[] } }>(dispatchMutation, {
        sessionId: id,
        event,
      })
      const text = dispatchEvent.transitions.length > 0 ? done : unchanged[event]
      say({ text, refused: false })
      announce(text)
    } catch (error) {
      say({ text: (error as Error).message, refused: true })
    }
  }
  return (
    <div class="events">
      <div class="buttons">
        {actions.map(({ event, label, done }) => (
          <button
            type="button"
            key={event}
            aria-disabled={!allowedEvents.includes(event)}
            title={
              allowedEvents.includes(event)
                ? undefined
                : `Refused while the session is ${stateNames[state].toLowerCase()}`
            }
            onClick={() => dispatch(event, label, done)}
          >
            {label}
          </button>
        ))}
        {state !== 'CLOSED' && <CloseSession id={id} />}
      </div>
      <p role="alert" class="refusal">
        {state === 'CLOSED'
          ? 'This session is closed: its results and share links are gone.'
          : said?.refused && said.text}
      </p>
      <p class="soft">{state !== 'CLOSED' && said && !said.refused && said.text}</p>
    </div>
  )
}

function CloseSession({ id }: { id: string }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const close = async (): Promise<void> => {
    try {
      await ask(closeMutation, { input: { sessionId: id } })
      dialog.current?.close()
      announce('Session closed.')
      go({ session: null })
    } catch (error) {
      setFailure((error as Error).message)
    }
  }
  return (
    <>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        Close session
      </button>
      <dialog ref={dialog} aria-labelledby="close-heading">
        <h2 id="close-heading">Close this session?</h2>
        <p>Its results and share links are deleted for good.</p>
        <RefusalText text={failure} />
        <div class="buttons">
          <button type="button" class="danger filled" onClick={close}>
            Close session
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Keep it
          </button>
        </div>
      </dialog>
    </>
  )
}
