import { useEffect, useState } from 'preact/hooks'

/** Outcome of the latest read. `value` is undefined until the first one succeeds. */
export interface Polled<T> {
  value: T | undefined
  error: string | null
  /** Reads again now, for example after a change. */
  readAgain(): void
}

/** Reads what `key` identifies, and again after each pause of `everyMs` while the page is visible. */
export function usePolled<T>(key: string, everyMs: number, read: () => Promise<T>): Polled<T> {
  const [{ value, error }, set] = useState<{ value: T | undefined; error: string | null }>({
    value: undefined,
    error: null,
  })
  const [reads, setReads] = useState(0)
  useEffect(() => {
    let isWanted = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const readOnce = async (): Promise<void> => {
      try {
        const value = await read()
        if (isWanted) set({ value, error: null })
      } catch (error) {
        if (isWanted) set(({ value }) => ({ value, error: (error as Error).message }))
      }
      if (isWanted) readLater()
    }
    const readLater = (): void => {
      timer = setTimeout(() => (document.hidden ? readLater() : readOnce()), everyMs)
    }
    readOnce()
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [key, reads])
  return { value, error, readAgain: () => setReads(reads => reads + 1) }
}
