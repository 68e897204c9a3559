import { useRef } from 'preact/hooks'
import { dispatchMutation } from '../graphql/documents'
import { change } from '../graphql/requests'
import { madeHere } from '../live/own'
import { announce } from '../store'
import type { Session, SessionEvent } from '../types'
import { words } from '../words'
import { useFailure } from './refusal'

/** Dispatches events without numbers, one at a time, each on the version that is seen. */
export function useDispatch({ id, version }: Session) {
  const [failure, fail] = useFailure()
  const busy = useRef(false)
  /** Whether it was done. */
  const dispatch = async (event: SessionEvent, expectedVersion = version): Promise<boolean> => {
    if (busy.current) return false
    busy.current = true
    fail(null)
    try {
      const { dispatchEvent } = await change<{
        dispatchEvent: { session: { version: number }; transitions: unknown[] }
      }>(dispatchMutation, {
        sessionId: id,
        event,
        expectedVersion,
      })
      madeHere(id, dispatchEvent.session.version)
      announce(dispatchEvent.transitions.length > 0 ? words.done[event] : words.unchanged[event])
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
