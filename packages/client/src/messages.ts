import type { ApiError } from './errors.js'
import type { Subscriptions } from './subscriptions.js'

/**
 * Maximum number of messages in the buffer. When the buffer is full, the server keeps further messages until it is
 * empty.
 */
export const maxBufferedMessages = 1_000

interface IterationOptions<Data, Message> {
  /** Returns the variables that state where to resume. Called for each attempt to subscribe. */
  variables(): Record<string, unknown>
  /** Called when data arrives, before buffering. Returns the message to yield. */
  receive(data: Data): Message
  /** Called when the server completes the subscription. Return false to subscribe again. */
  isComplete?(): boolean
  /** Called when the caller's access may have changed. Returns a message to yield. */
  accessChanged?(): Message
  /** Whether a new message replaces those in the buffer. */
  newestOnly?: boolean
  signal?: AbortSignal | undefined
}

/**
 * Yields the messages of a subscription, with backpressure: while the buffer is full, the subscription is paused. Ends
 * when the subscription is complete or the signal is aborted. Throws ApiError.
 */
export async function* iterateMessages<Data, Message>(
  subscriptions: Subscriptions,
  document: string,
  { variables, receive, isComplete, accessChanged, newestOnly, signal }: IterationOptions<Data, Message>,
): AsyncGenerator<Message, void> {
  const buffer: Message[] = []
  let isOver = signal?.aborted ?? false
  let refusal: ApiError | undefined
  let wake = (): void => {}
  const end = (): void => {
    isOver = true
    wake()
  }
  const abort = (): void => {
    buffer.length = 0
    end()
  }
  const subscription = subscriptions.subscribe<Data>(document, {
    variables,
    next(data) {
      if (newestOnly) buffer.length = 0
      buffer.push(receive(data))
      if (buffer.length >= maxBufferedMessages) subscription.pause()
      wake()
    },
    accessChanged() {
      if (!accessChanged) return
      buffer.push(accessChanged())
      wake()
    },
    error(error) {
      refusal = error
      end()
    },
    complete() {
      const isDone = isComplete?.() ?? false
      if (isDone) end()
      return isDone
    },
  })
  signal?.addEventListener('abort', abort)
  try {
    for (;;) {
      const message = buffer.shift()
      if (message !== undefined) yield message
      else if (isOver) break
      else {
        subscription.resume()
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    }
    if (refusal) throw refusal
  } finally {
    signal?.removeEventListener('abort', abort)
    subscription.stop()
  }
}
