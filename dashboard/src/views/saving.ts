import { useEffect, useRef, useState } from 'preact/hooks'
import { dispatchMutation } from '../graphql/documents'
import { change, newKey } from '../graphql/requests'
import type { Session } from '../types'

/** A result waits so long for a server that is away: what comes later would surprise. */
const waitMs = 120_000

type Left = Pick<Session, 'state' | 'version'>

/** Saves numbers as a result, once a press. While the server is away that waits, as long as it is wanted. */
export function useSaving(sessionId: string) {
  const [state, setState] = useState<'resting' | 'asking' | 'waiting'>('resting')
  /** The key of the press that is wanted. */
  const wanted = useRef<string | null>(null)

  const stop = (): void => {
    wanted.current = null
    setState('resting')
  }
  useEffect(() => stop, [])

  /** What that left; null where it is not wanted any more. Throws Refusal, or Unreachable after the wait. */
  async function save(payload: object, expectedVersion: number): Promise<Left | null> {
    if (wanted.current !== null) return null
    const key = newKey()
    wanted.current = key
    setState('asking')
    const isWanted = (): boolean => wanted.current === key
    const until = Date.now() + waitMs
    const input = { sessionId, event: 'CALCULATE_REQUESTED', payload, expectedVersion }
    try {
      const { dispatchEvent } = await change<{ dispatchEvent: { session: Left } }>(dispatchMutation, input, {
        key,
        attempts: Number.POSITIVE_INFINITY,
        wanted: () => isWanted() && Date.now() < until,
        waits: () => isWanted() && setState('waiting'),
      })
      return isWanted() ? dispatchEvent.session : null
    } catch (error) {
      if (isWanted()) throw error
      return null
    } finally {
      if (isWanted()) stop()
    }
  }

  return { saving: state !== 'resting', waits: state === 'waiting', save, stop }
}
