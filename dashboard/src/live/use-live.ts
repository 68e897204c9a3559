import { useEffect, useRef, useState } from 'preact/hooks'

export interface Live<T> {
  /**
   * The value from the last successful read, or undefined before the first successful read. If `isStale` is true, the
   * value belongs to the previous key.
   */
  value: T | undefined
  isStale: boolean
  error: string | null
  /** Reads the value again immediately, for example after the user has made a change. */
  readAgain(): void
}

export type RefreshPolicy =
  /** Reads the value again `everyMs` after each read, while the page is visible. */
  | { everyMs: number }
  /**
   * Reads the value again after each change, with at least `gapMs` between the starts of two reads. `changes`
   * subscribes to changes, and returns a function that unsubscribes.
   */
  | { changes(changed: () => void): () => void; gapMs: number }

/**
 * Reads the data for `key` and keeps it up to date. Aborts the read in progress when the key changes or the component
 * is unmounted.
 */
export function useLive<T>(key: string, read: (signal: AbortSignal) => Promise<T>, policy: RefreshPolicy): Live<T> {
  const [latest, setLatest] = useState<{ key: string | null; value: T | undefined; error: string | null }>({
    key: null,
    value: undefined,
    error: null,
  })
  const reads = useRef<{ readNow(): void } | null>(null)
  useEffect(() => {
    const repeated = repeatRead(read, policy, (value, error) =>
      setLatest(before => ({ key, value: error === null || before.key !== key ? value : before.value, error })),
    )
    reads.current = repeated
    return repeated.end
  }, [key])
  const { value, error } = latest
  return { value, isStale: latest.key !== key, error, readAgain: () => reads.current?.readNow() }
}

/** Returns `value` or, while `value` is null or undefined, the last known value. */
export function useLastKnown<T>(value: T | null | undefined): T | null {
  const last = useRef<T | null>(null)
  if (value !== null && value !== undefined) last.current = value
  return last.current
}

/** Calls `read` immediately and then repeatedly, one call at a time, until `end` is called. */
function repeatRead<T>(
  read: (signal: AbortSignal) => Promise<T>,
  policy: RefreshPolicy,
  onRead: (value: T | undefined, error: string | null) => void,
) {
  let reading = new AbortController()
  let startedAt = 0
  let isReading = false
  let isChanged = false
  let timer: ReturnType<typeof setTimeout> | undefined

  async function readNow(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    reading.abort()
    reading = new AbortController()
    const { signal } = reading
    isReading = true
    isChanged = false
    startedAt = Date.now()
    try {
      const value = await read(signal)
      if (!signal.aborted) onRead(value, null)
    } catch (error) {
      if (!signal.aborted) onRead(undefined, (error as Error).message)
    }
    if (signal.aborted) return
    isReading = false
    if ('everyMs' in policy) readAfterPause(policy.everyMs)
    else if (isChanged) readAfterGap(policy.gapMs)
  }

  function readAfterPause(ms: number): void {
    timer = setTimeout(() => (document.hidden ? readAfterPause(ms) : readNow()), ms)
  }

  function readAfterGap(ms: number): void {
    isChanged = true
    if (!isReading) timer ??= setTimeout(readNow, Math.max(0, startedAt + ms - Date.now()))
  }

  const unsubscribe = 'changes' in policy ? policy.changes(() => readAfterGap(policy.gapMs)) : undefined
  void readNow()
  return {
    readNow,
    end(): void {
      unsubscribe?.()
      clearTimeout(timer)
      reading.abort()
    },
  }
}
