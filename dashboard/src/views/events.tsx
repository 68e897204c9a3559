import { useRef, useState } from 'preact/hooks'
import { closeMutation, dispatchMutation } from '../graphql/documents'
import { ask, change } from '../graphql/requests'
import { go } from '../route'
import { announce } from '../store'
import type { Session, SessionEvent } from '../types'
import { words } from '../words'
import { RefusalText } from './refusal'
import './events.css'

const offered = ['SHARE_REQUESTED', 'SHARE_REVOKE_REQUESTED', 'RESET_REQUESTED', 'RETRY_REQUESTED'] as const

/** The events that the session can be sent; those that it refuses as it is are shown, and say so. */
export function Events({ session }: { session: Session }) {
  const { id, state, allowedEvents } = session
  const [said, say] = useState<{ text: string; refused: boolean } | null>(null)
  const dispatch = async (event: SessionEvent): Promise<void> => {
    if (!allowedEvents.includes(event)) {
      say({ text: words.notNow[event], refused: true })
      return
    }
    try {
      const { dispatchEvent } = await change<{ dispatchEvent: { transitions: unknown[] } }>(dispatchMutation, {
        sessionId: id,
        event,
      })
      const text = dispatchEvent.transitions.length > 0 ? words.done[event] : words.unchanged[event]
      say({ text, refused: false })
      announce(text)
    } catch (error) {
      say({ text: (error as Error).message, refused: true })
    }
  }
  return (
    <div class="events">
      <div class="buttons">
        {offered.map(event => (
          <button
            type="button"
            key={event}
            aria-disabled={!allowedEvents.includes(event)}
            title={allowedEvents.includes(event) ? undefined : words.notNow[event]}
            onClick={() => dispatch(event)}
          >
            {words.actions[event]}
          </button>
        ))}
        {state !== 'CLOSED' && <CloseSession id={id} />}
      </div>
      <p role="alert" class="refusal">
        {state === 'CLOSED' ? words.close.closed : said?.refused && said.text}
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
      announce(words.close.done)
      go({ session: null })
    } catch (error) {
      setFailure((error as Error).message)
    }
  }
  return (
    <>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        {words.close.open}
      </button>
      <dialog ref={dialog} aria-labelledby="close-heading">
        <h2 id="close-heading">{words.close.heading}</h2>
        <p>{words.close.what}</p>
        <RefusalText text={failure} />
        <div class="buttons">
          <button type="button" class="danger filled" onClick={close}>
            {words.close.open}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {words.close.keep}
          </button>
        </div>
      </dialog>
    </>
  )
}
