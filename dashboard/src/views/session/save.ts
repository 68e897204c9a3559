import { useEffect, useRef, useState } from 'preact/hooks'
import { type CalculationInputs, ConnectionError, type Session } from '../../../../packages/client/src/index.js'
import { client } from '../../graphql/client'
import { words } from '../../words'

/**
 * Maximum time in ms that saving waits for an unreachable server. A result that appears later would surprise the user.
 */
const maxWaitMs = 120_000

type SavedSession = Pick<Session, 'state' | 'version'>

/**
 * Saves a result, once for each submit. While the server is unreachable, the save waits, until it is cancelled or too
 * late.
 */
export function useSave(sessionId: string) {
  const [state, setState] = useState<'idle' | 'saving' | 'waiting'>('idle')
  /** Cancels the current save. */
  const currentSave = useRef<AbortController | null>(null)

  const stop = (): void => {
    currentSave.current?.abort()
    currentSave.current = null
    setState('idle')
  }
  useEffect(() => stop, [])

  /**
   * Returns state and version after the save, or null if it was cancelled. Throws ApiError, or ConnectionError after
   * `maxWaitMs`.
   */
  async function save(inputs: CalculationInputs, version: number): Promise<SavedSession | null> {
    if (currentSave.current !== null) return null
    const controller = new AbortController()
    currentSave.current = controller
    setState('saving')
    const isCurrent = (): boolean => currentSave.current === controller
    const timeout = AbortSignal.timeout(maxWaitMs)
    try {
      const { session } = await client.calculate({ id: sessionId, version }, inputs, {
        maxAttempts: Number.POSITIVE_INFINITY,
        signal: AbortSignal.any([controller.signal, timeout]),
        onRetry: () => isCurrent() && setState('waiting'),
      })
      return isCurrent() ? session : null
    } catch (error) {
      if (isCurrent()) throw error === timeout.reason ? new ConnectionError(words.unreachable) : error
      return null
    } finally {
      if (isCurrent()) stop()
    }
  }

  return { saving: state !== 'idle', waiting: state === 'waiting', save, stop }
}
