import { useRef } from 'preact/hooks'
import { type EventWithoutPayload, isApiError } from '../../../../packages/client/src/index.js'
import { currencyFormats } from '../../format'
import { client } from '../../graphql/client'
import { noteOwnTransition } from '../../live/session'
import { navigate } from '../../router'
import { announce } from '../../store'
import type { Session } from '../../types'
import { words } from '../../words'
import { ConfirmButton } from '../confirm-button'
import { ErrorMessage, useError } from '../error-message'
import { forgetOpenedRow } from '../scroll-restoration'
import './events.css'

/** Dispatches events without numbers, one at a time, based on the version that the user sees. */
export function useDispatch({ id, version }: Session) {
  const [failure, fail] = useError()
  const busy = useRef(false)
  /** Resolves to whether the server accepted the event. */
  const dispatch = async (event: EventWithoutPayload, based = version): Promise<boolean> => {
    if (busy.current) return false
    busy.current = true
    fail(null)
    try {
      const { session, transitions } = await client.dispatch({ id, version: based }, event)
      noteOwnTransition(id, session.version)
      announce(transitions.length > 0 ? words.done[event] : words.unchanged[event])
      return true
    } catch (error) {
      fail(error as Error)
      return false
    } finally {
      busy.current = false
    }
  }
  return { dispatch, failure }
}

interface EventButtonsProps {
  session: Session
  /** Moves the focus, because the pressed button may be gone. */
  onDone(at: 'heading' | 'share'): void
}

/** Buttons for the events that the session accepts now. */
export function EventButtons({ session, onDone }: EventButtonsProps) {
  const { state, allowedEvents, result, shares } = session
  const isShared = shares.some(({ resultId }) => resultId === result?.id)
  const { dispatch, failure } = useDispatch(session)
  return (
    <div class="events">
      <div class="buttons">
        {allowedEvents.includes('SHARE_REQUESTED') && result && !isShared && (
          <button type="button" onClick={async () => (await dispatch('SHARE_REQUESTED')) && onDone('share')}>
            {words.actions.SHARE_REQUESTED}
          </button>
        )}
        {allowedEvents.includes('RETRY_REQUESTED') && (
          <button type="button" onClick={async () => (await dispatch('RETRY_REQUESTED')) && onDone('heading')}>
            {words.actions.RETRY_REQUESTED}
          </button>
        )}
        {allowedEvents.includes('RESET_REQUESTED') && state !== 'INITIAL' && (
          <ResetButton session={session} onDone={() => onDone('heading')} />
        )}
        <CloseButton session={session} />
      </div>
      <ErrorMessage text={failure} />
    </div>
  )
}

/** Lists the result and the share links that the event ends. */
function Consequences({ session: { result, shares } }: { session: Session }) {
  return (
    <ul class="consequences">
      {result && (
        <li>
          {words.ends.result(
            <strong>{currencyFormats(result.inputs.currency).money(result.outputs.netBenefit)}</strong>,
          )}{' '}
          {result.inputs.label && <bdi class="soft">{result.inputs.label}</bdi>}
        </li>
      )}
      <li>{words.ends.links(shares.length)}</li>
    </ul>
  )
}

function ResetButton({ session, onDone }: { session: Session; onDone(): void }) {
  const { dispatch, failure } = useDispatch(session)
  const reset = async (version: number): Promise<boolean> => {
    const isDone = await dispatch('RESET_REQUESTED', version)
    if (isDone) setTimeout(onDone)
    return isDone
  }
  return (
    <ConfirmButton
      action={words.actions.RESET_REQUESTED}
      keep={words.reset.keep}
      heading={words.reset.heading}
      failure={failure}
      version={session.version}
      onConfirm={reset}
    >
      <p>{words.reset.what}</p>
      <Consequences session={session} />
      <p class="soft">{words.reset.numbersStay}</p>
    </ConfirmButton>
  )
}

function CloseButton({ session }: { session: Session }) {
  const [failure, fail] = useError()
  const close = async (version: number): Promise<boolean> => {
    fail(null)
    try {
      await client.close({ id: session.id, version })
    } catch (error) {
      // Somebody else has already closed it.
      if (!isApiError(error, 'SESSION_NOT_FOUND')) {
        fail(error as Error)
        return false
      }
    }
    announce(words.close.done)
    forgetOpenedRow()
    navigate({ session: null })
    return true
  }
  return (
    <ConfirmButton
      action={words.close.open}
      keep={words.close.keep}
      heading={words.close.heading}
      failure={failure}
      version={session.version}
      onConfirm={close}
    >
      <p>{words.close.what}</p>
      <Consequences session={session} />
    </ConfirmButton>
  )
}
