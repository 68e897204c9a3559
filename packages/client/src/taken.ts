import type { Refusal } from './refusal.js'
import type { Subscriber, Subscription } from './subscriptions.js'

/** Maximum messages that wait for the reader. Then the server keeps the rest until these are taken. */
export const mostWaiting = 1_000

export interface Taking<T> {
  subscribe(subscriber: Pick<Subscriber<T>, 'next' | 'refused' | 'complete'>): Subscription
  /** Called when the server completes the subscription. Return false to subscribe again. */
  isComplete?(): boolean
  /** Whether a new message replaces those that wait. */
  newestOnly?: boolean
  signal?: AbortSignal | undefined
}

/** Yields the messages of a subscription. Ends when it is complete or the signal is aborted. Throws Refusal. */
export async function* taken<T>({ subscribe, isComplete, newestOnly, signal }: Taking<T>): AsyncGenerator<T, void> {
  const waiting: T[] = []
  let over = signal?.aborted ?? false
  let refusal: Refusal | undefined
  let wake = (): void => {}
  const end = (): void => {
    over = true
    wake()
  }
  const aborted = (): void => {
    waiting.length = 0
    end()
  }
  const subscription = subscribe({
    next(message) {
      if (newestOnly) waiting.length = 0
      waiting.push(message)
      if (waiting.length >= mostWaiting) subscription.pause()
      wake()
    },
    refused(why) {
      refusal = why
      end()
    },
    complete() {
      const isOver = isComplete?.() ?? false
      if (isOver) end()
      return isOver
    },
  })
  signal?.addEventListener('abort', aborted)
  try {
    for (;;) {
      const message = waiting.shift()
      if (message !== undefined) yield message
      else if (over) break
      else {
        subscription.resume()
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    }
    if (refusal) throw refusal
  } finally {
    signal?.removeEventListener('abort', aborted)
    subscription.stop()
  }
}
