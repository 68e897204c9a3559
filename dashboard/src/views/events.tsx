import { isRefusal } from '../../../packages/client/src/index.js'
import { formatsIn } from '../format'
import { client } from '../graphql/client'
import { go } from '../route'
import { announce } from '../store'
import type { Session } from '../types'
import { words } from '../words'
import { useDispatch } from './dispatching'
import { forgetRow } from './opened-row'
import { RefusalText, useFailure } from './refusal'
import { Sure } from './sure'
import './events.css'

interface EventsProps {
  session: Session
  /** Moves the focus, because the pressed button may be gone. */
  done(at: 'heading' | 'share'): void
}

/** Buttons for the events that the session accepts now. */
export function Events({ session, done }: EventsProps) {
  const { state, allowedEvents, result, shares } = session
  const isShared = shares.some(({ resultId }) => resultId === result?.id)
  const { dispatch, failure } = useDispatch(session)
  return (
    <div class="events">
      <div class="buttons">
        {allowedEvents.includes('SHARE_REQUESTED') && result && !isShared && (
          <button type="button" onClick={async () => (await dispatch('SHARE_REQUESTED')) && done('share')}>
            {words.actions.SHARE_REQUESTED}
          </button>
        )}
        {allowedEvents.includes('RETRY_REQUESTED') && (
          <button type="button" onClick={async () => (await dispatch('RETRY_REQUESTED')) && done('heading')}>
            {words.actions.RETRY_REQUESTED}
          </button>
        )}
        {allowedEvents.includes('RESET_REQUESTED') && state !== 'INITIAL' && (
          <Reset session={session} done={() => done('heading')} />
        )}
        <Close session={session} />
      </div>
      <RefusalText text={failure} />
    </div>
  )
}

/** Lists the result and the share links that the event ends. */
function Ends({ session: { result, shares } }: { session: Session }) {
  return (
    <ul class="ends">
      {result && (
        <li>
          {words.ends.result(<strong>{formatsIn(result.inputs.currency).money(result.outputs.netBenefit)}</strong>)}{' '}
          {result.inputs.label && <bdi class="soft">{result.inputs.label}</bdi>}
        </li>
      )}
      <li>{words.ends.links(shares.length)}</li>
    </ul>
  )
}

function Reset({ session, done }: { session: Session; done(): void }) {
  const { dispatch, failure } = useDispatch(session)
  const act = async (version: number): Promise<boolean> => {
    const isDone = await dispatch('RESET_REQUESTED', version)
    if (isDone) setTimeout(done)
    return isDone
  }
  return (
    <Sure
      action={words.actions.RESET_REQUESTED}
      keep={words.reset.keep}
      heading={words.reset.heading}
      failure={failure}
      version={session.version}
      act={act}
    >
      <p>{words.reset.what}</p>
      <Ends session={session} />
      <p class="soft">{words.reset.numbersStay}</p>
    </Sure>
  )
}

function Close({ session }: { session: Session }) {
  const [failure, fail] = useFailure()
  const act = async (version: number): Promise<boolean> => {
    fail(null)
    try {
      await client.close({ id: session.id, version })
    } catch (error) {
      // Somebody else has already closed it.
      if (!isRefusal(error, 'SESSION_NOT_FOUND')) {
        fail(error as Error)
        return false
      }
    }
    announce(words.close.done)
    forgetRow()
    go({ session: null })
    return true
  }
  return (
    <Sure
      action={words.close.open}
      keep={words.close.keep}
      heading={words.close.heading}
      failure={failure}
      version={session.version}
      act={act}
    >
      <p>{words.close.what}</p>
      <Ends session={session} />
    </Sure>
  )
}
