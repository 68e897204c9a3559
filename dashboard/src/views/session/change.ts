import { useEffect, useRef, useState } from 'preact/hooks'
import { type ChangeResponse, ConnectionError, type RequestOptions } from '../../../../packages/client/src/index.js'
import { slowMs } from '../../store'
import { words } from '../../words'

/**
 * Maximum time in ms for which a change is retried while the server is unreachable. A change that took effect after
 * this time could surprise the user.
 */
const maxWaitMs = 120_000

/** Time in ms after which the page says that a change without a response is still pending. */
const unansweredMs = 1_000

/**
 * Sends changes to a session, one at a time. While the server is unreachable, a change is retried until the user
 * cancels it or `maxWaitMs` has passed.
 */
export function useChange() {
  const [state, setState] = useState<'idle' | 'sending' | 'unanswered' | 'waiting'>('idle')
  /** Aborts the change in progress. */
  const current = useRef<AbortController | null>(null)

  const stop = (): void => {
    current.current?.abort()
    current.current = null
    setState('idle')
  }
  useEffect(() => stop, [])

  /**
   * Sends a change. Resolves to null if the user cancelled the change, or if another change is in progress. Throws
   * ApiError or, after `maxWaitMs`, ConnectionError.
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
    /** Whether the response is late. A response is late after one second, or as soon as the request is retried. */
    isLate: state === 'unanswered' || state === 'waiting',
    isWaiting: state === 'waiting',
    send,
    stop,
  }
}
