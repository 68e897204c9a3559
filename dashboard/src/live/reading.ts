import { useEffect, useState } from 'preact/hooks'
import { client } from '../graphql/client'
import { summary } from './summary'

/** Minimum time between two reads, in ms. */
const restMs = 3_000

export interface Reading<T> {
  /** Value read last. While `isStale`, it belongs to the previous query. */
  value: T | null
  isStale: boolean
  refusal: string | null
}

/** Sends a query. Retries until there is a response or nothing waits for it any more. */
export type Asking = <T>(query: string, variables: object) => Promise<T>

/** Reads the data that `asked` identifies, and reads it again when the figures under the filter change. */
export function useReading<T>(asked: string, read: (ask: Asking) => Promise<T>): Reading<T> {
  const [{ of, value, refusal }, set] = useState<{ of: string; value: T | null; refusal: string | null }>({
    of: '',
    value: null,
    refusal: null,
  })
  useEffect(
    () => follow(read, (value, refusal) => set(before => ({ of: asked, value: value ?? before.value, refusal }))),
    [asked],
  )
  return { value, isStale: of !== asked, refusal }
}

function follow<T>(
  read: (ask: Asking) => Promise<T>,
  told: (value: T | null, refusal: string | null) => void,
): () => void {
  const leaving = new AbortController()
  const { signal } = leaving
  let begun = 0
  let isReading = false
  let isChanged = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const ask: Asking = (query, variables) => client.ask(query, variables, { attempts: Number.POSITIVE_INFINITY, signal })

  async function again(): Promise<void> {
    timer = undefined
    isReading = true
    isChanged = false
    begun = Date.now()
    try {
      const value = await read(ask)
      if (!signal.aborted) told(value, null)
    } catch (error) {
      if (!signal.aborted) told(null, (error as Error).message)
    }
    isReading = false
    if (isChanged) soon()
  }

  function soon(): void {
    isChanged = true
    if (signal.aborted || isReading || timer !== undefined) return
    timer = setTimeout(again, Math.max(0, begun + restMs - Date.now()))
  }

  // The figures are pushed. While they are unknown, as after a gap, new ones are on the way.
  const unwatch = summary.watch(() => summary.value && soon())
  again()
  return () => {
    leaving.abort()
    clearTimeout(timer)
    unwatch()
  }
}
