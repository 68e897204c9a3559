/**
 * Returns the delay in ms before the next attempt. The delay starts at 250 ms, doubles with each attempt up to 4,000
 * ms, and has a jitter of ±25%.
 */
export const backoffMs = (attempt: number): number => Math.min(250 * 2 ** attempt, 4_000) * (0.75 + Math.random() / 2)

/** Waits for `ms`. If the signal is aborted, rejects immediately with the signal's reason. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}
