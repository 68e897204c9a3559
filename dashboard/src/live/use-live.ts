import { useEffect, useRef, useState } from 'preact/hooks'

export interface Live<T> {
  /** The value that was read last. Undefined until a read succeeds. While `isStale`, it belongs to the previous key. */
  value: T | undefined
  isStale: boolean
  error: string | null
  /** Reads again now, for example after a change by the user. */
  readAgain(): void
}

export type Again =
  /** After each pause, while the page is visible. */
  | { everyMs: number }
  /**
   * After each change, with at least `gapMs` between the starts of two reads. `changes` subscribes and returns a
   * function that unsubscribes.
   */
  | { changes(changed: () => void): () => void; gapMs: number }

/** Reads the data for `key`, and keeps it up to date. Another key, or the end of the view, aborts a read. */
export function useLive<T>(key: string, read: (signal: AbortSignal) => Promise<T>, again: Again): Live<T> {
  const [latest, setLatest] = useState<{ key: string | null; value: T | undefined; error: string | null }>({
    key: null,
    value: undefined,
    error: null,
  })
  const reads = useRef<{ readNow(): void } | null>(null)
  useEffect(() => {
    const repeated = repeatRead(read, again, (value, error) =>
      setLatest(before => ({ key, value: error === null || before.key !== key ? value : before.value, error })),
    )
    reads.current = repeated
    return repeated.end
  }, [key])
  const { value, error } = latest
  return { value, isStale: latest.key !== key, error, readAgain: () => reads.current?.readNow() }
}

/** Returns the last known value while a new value is loading. */
export function useLastKnown<T>(value: T | null | undefined): T | null {
  const last = useRef<T | null>(null)
  if (value !== null && value !== undefined) last.current = value
  return last.current
}

/** Reads at once and again, one read at a time, until `end` is called. */
function repeatRead<T>(
  read: (signal: AbortSignal) => Promise<T>,
  again: Again,
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
    if ('everyMs' in again) readAfterPause(again.everyMs)
    else if (isChanged) readAfterGap(again.gapMs)
  }

  function readAfterPause(ms: number): void {
    timer = setTimeout(() => (document.hidden ? readAfterPause(ms) : readNow()), ms)
  }

  function readAfterGap(ms: number): void {
    isChanged = true
    if (!isReading) timer ??= setTimeout(readNow, Math.max(0, startedAt + ms - Date.now()))
  }

  const unsubscribe = 'changes' in again ? again.changes(() => readAfterGap(again.gapMs)) : undefined
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
