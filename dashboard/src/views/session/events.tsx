import {
  type ChangeResponse,
  type EventWithoutPayload,
  isApiError,
  type RequestOptions,
} from '../../../../packages/client/src/index.js'
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
import { useChange } from './change'
import { ShareResult } from './share-result'
import './events.css'

type Send = (change: (options?: RequestOptions) => Promise<ChangeResponse>) => Promise<ChangeResponse | null>

/**
 * Dispatches events without numbers, based on the version that the user sees. `send` sends them. By default, it does
 * not wait for an unreachable server.
 */
export function useDispatch({ id, version }: Session, send: Send = change => change()) {
  const [failure, fail] = useError()
  /** Resolves to whether the server accepted the event. `expiresInDays` is for a new share link. */
  const dispatch = async (event: EventWithoutPayload, based = version, expiresInDays?: number): Promise<boolean> => {
    fail(null)
    try {
      const session = { id, version: based }
      const response = await send(options =>
        expiresInDays === undefined
          ? client.dispatchEvent(session, event, options)
          : client.share(session, { ...options, expiresInDays }),
      )
      if (!response) return false
      noteOwnTransition(id, response.session.version)
      announce(response.transitions.length > 0 ? words.done[event] : words.unchanged[event])
      return true
    } catch (error) {
      fail(error as Error)
      return false
    }
  }
  return { dispatch, failure }
}

interface EventButtonsProps {
  session: Session
  /** Moves the focus, because the pressed button may be gone. */
  onDone(): void
}

/** Buttons for the events that the session accepts now. */
export function EventButtons({ session, onDone }: EventButtonsProps) {
  const { state, allowedEvents } = session
  const { isSending, isWaiting, send, stop } = useChange()
  const { dispatch, failure } = useDispatch(session, send)
  return (
    <div class="events">
      <div class="buttons">
        <ShareResult
          session={session}
          isSending={isSending}
          onShare={days => dispatch('SHARE_REQUESTED', session.version, days)}
        >
          {allowedEvents.includes('RETRY_REQUESTED') && (
            <button
              type="button"
              aria-disabled={isSending}
              onClick={async () => (await dispatch('RETRY_REQUESTED')) && onDone()}
            >
              {words.actions.RETRY_REQUESTED}
            </button>
          )}
        </ShareResult>
        {allowedEvents.includes('RESET_REQUESTED') && state !== 'INITIAL' && (
          <ResetButton session={session} onDone={onDone} />
        )}
        <CloseButton session={session} />
      </div>
      {isWaiting && (
        <p class="waits" role="status">
          {words.waits}{' '}
          <button type="button" class="quiet" onClick={stop}>
            {words.cancel}
          </button>
        </p>
      )}
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
      await client.closeSession({ id: session.id, version })
    } catch (error) {
      // Another user has already closed it.
      if (!isApiError(error, 'SESSION_NOT_FOUND')) {
        fail(error as Error)
        return false
      }
    }
    announce(words.close.done)
    forgetOpenedRow()
    navigate({})
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
