import { useEffect, useRef, useState } from 'preact/hooks'
import { type CalculationInputs, type Session, Unreachable } from '../../../packages/client/src/index.js'
import { client } from '../graphql/client'
import { words } from '../words'

/** A result waits so long for a server that is away: what comes later would surprise. */
const waitMs = 120_000

type Left = Pick<Session, 'state' | 'version'>

/** Saves numbers as a result, once a press. While the server is away that waits, as long as it is wanted. */
export function useSaving(sessionId: string) {
  const [state, setState] = useState<'resting' | 'asking' | 'waiting'>('resting')
  /** Ends the wait of the press that is wanted. */
  const wanted = useRef<AbortController | null>(null)

  const stop = (): void => {
    wanted.current?.abort()
    wanted.current = null
    setState('resting')
  }
  useEffect(() => stop, [])

  /** What that left; null where it is not wanted any more. Throws Refusal, or Unreachable after the wait. */
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
