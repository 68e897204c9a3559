import { useEffect, useRef, useState } from 'preact/hooks'
import { type CalculationInputs, type Session, Unreachable } from '../../../packages/client/src/index.js'
import { client } from '../graphql/client'
import { words } from '../words'

/**
 * Maximum time in ms that saving waits for an unreachable server. A result that appears later would surprise the user.
 */
const waitMs = 120_000

type Left = Pick<Session, 'state' | 'version'>

/**
 * Saves a result, once for each submit. While the server is unreachable, the save waits, until it is cancelled or too
 * late.
 */
export function useSaving(sessionId: string) {
  const [state, setState] = useState<'resting' | 'asking' | 'waiting'>('resting')
  /** Cancels the current save. */
  const wanted = useRef<AbortController | null>(null)

  const stop = (): void => {
    wanted.current?.abort()
    wanted.current = null
    setState('resting')
  }
  useEffect(() => stop, [])

  /**
   * Returns state and version after the save, or null if it was cancelled. Throws Refusal, or Unreachable after
   * `waitMs`.
   */
  async function save(inputs: CalculationInputs, version: number): Promise<Left | null> {
    if (wanted.current !== null) return null
    const press = new AbortController()
    wanted.current = press
    setState('asking')
    const isWanted = (): boolean => wanted.current === press
    const late = AbortSignal.timeout(waitMs)
    try {
      const { session } = await client.calculate({ id: sessionId, version }, inputs, {
        attempts: Number.POSITIVE_INFINITY,
        signal: AbortSignal.any([press.signal, late]),
        waits: () => isWanted() && setState('waiting'),
      })
      return isWanted() ? session : null
    } catch (error) {
      if (isWanted()) throw error === late.reason ? new Unreachable(words.unreachable) : error
      return null
    } finally {
      if (isWanted()) stop()
    }
  }

  return { saving: state !== 'resting', waits: state === 'waiting', save, stop }
}
