import { useRef } from 'preact/hooks'
import { client } from '../graphql/client'
import { madeHere } from '../live/own'
import { announce } from '../store'
import type { Session, SessionEvent } from '../types'
import { words } from '../words'
import { useFailure } from './refusal'

type Dispatched = Exclude<SessionEvent, 'CALCULATE_REQUESTED'>

/** Dispatches events without numbers, one at a time, based on the version that the user sees. */
export function useDispatch({ id, version }: Session) {
  const [failure, fail] = useFailure()
  const busy = useRef(false)
  /** Resolves to whether the server accepted the event. */
  const dispatch = async (event: Dispatched, based = version): Promise<boolean> => {
    if (busy.current) return false
    busy.current = true
    fail(null)
    try {
      const { session, transitions } = await client.dispatch({ id, version: based }, event)
      madeHere(id, session.version)
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
