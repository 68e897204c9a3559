import { useEffect, useRef, useState } from 'preact/hooks'
import { type ChangeResponse, ConnectionError, type RequestOptions } from '../../../../packages/client/src/index.js'
import { slowMs } from '../../store'
import { words } from '../../words'

/**
 * Maximum time in ms that a change waits for an unreachable server. A change that takes effect later would surprise the
 * user.
 */
const maxWaitMs = 120_000

/** Time in ms without a response after which the page says that a change is not made yet. */
const unansweredMs = 1_000

/**
 * Sends changes to a session, one at a time. While the server does not respond, a change waits, until it is cancelled
 * or too late.
 */
export function useChange() {
  const [state, setState] = useState<'idle' | 'sending' | 'unanswered' | 'waiting'>('idle')
  /** Cancels the current change. */
  const current = useRef<AbortController | null>(null)

  const stop = (): void => {
    current.current?.abort()
    current.current = null
    setState('idle')
  }
  useEffect(() => stop, [])

  /**
   * Sends a change. Resolves to null if it was cancelled, or if another one is in progress. Throws ApiError, or
   * ConnectionError after `maxWaitMs`.
   */
  async function send(change: (options: RequestOptions) => Promise<ChangeResponse>): Promise<ChangeResponse | null> {
    if (current.current !== null) return null
    const controller = new AbortController()
    current.current = controller
    setState('sending')
    const isCurrent = (): boolean => current.current === controller
    const wait = (): void => {
      if (isCurrent()) setState('waiting')
    }
    const unanswered = setTimeout(() => {
      if (isCurrent()) setState(state => (state === 'sending' ? 'unanswered' : state))
    }, unansweredMs)
    const slow = setTimeout(wait, slowMs)
    const timeout = AbortSignal.timeout(maxWaitMs)
    try {
      const response = await change({
        maxAttempts: Number.POSITIVE_INFINITY,
        signal: AbortSignal.any([controller.signal, timeout]),
        onRetry: wait,
      })
      return isCurrent() ? response : null
    } catch (error) {
      if (isCurrent()) throw error === timeout.reason ? new ConnectionError(words.unreachable) : error
      return null
    } finally {
      clearTimeout(unanswered)
      clearTimeout(slow)
      if (isCurrent()) stop()
    }
  }

  return {
    isSending: state !== 'idle',
    /** There is no response yet, neither after a second nor, if it is also waiting, after 5 seconds or a retry. */
    isLate: state === 'unanswered' || state === 'waiting',
    isWaiting: state === 'waiting',
    send,
    stop,
  }
}
