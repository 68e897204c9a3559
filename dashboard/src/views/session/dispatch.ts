import type { ChangeResponse, RequestOptions } from '../../../../packages/client/src/index.js'
import { client } from '../../graphql/client'
import { noteOwnTransition } from '../../live/session'
import { announce } from '../../store'
import type { EventWithoutPayload, Session } from '../../types'
import { words } from '../../words'
import { useError } from '../error-message'

type Send = (change: (options?: RequestOptions) => Promise<ChangeResponse>) => Promise<ChangeResponse | null>

/**
 * Dispatches events without a payload to the session version that the user sees. The default `send` does not retry
 * while the server is unreachable.
 */
export function useDispatch({ id, version }: Session, send: Send = change => change()) {
  const [failure, fail] = useError()
  /** Resolves to whether the server accepted the event. */
  const dispatch = async (event: EventWithoutPayload, based = version): Promise<boolean> => {
    fail(null)
    try {
      const response = await send(options => client.dispatchEvent({ id, version: based }, event, options))
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
