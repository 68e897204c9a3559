import type { ApiError } from './errors.js'
import type { Subscriptions } from './subscriptions.js'

/**
 * Maximum number of messages in a subscription's buffer. When the buffer is full, the client pauses the subscription
 * until the buffer is empty.
 */
export const maxBufferedMessages = 1_000

interface IterationOptions<Data, Message> {
  /**
   * Returns the variables of the subscription, which include the position at which to resume. The client calls this
   * function for each attempt to subscribe.
   */
  variables(): Record<string, unknown>
  /** Called when data arrives. Returns the message to add to the buffer. */
  receive(data: Data): Message
  /**
   * Called when the server completes the subscription. Return true to end the subscription, or false to subscribe
   * again.
   */
  isComplete?(): boolean
  /**
   * Called when the caller's access may have changed. Returns a message about this change, which the client adds to the
   * buffer.
   */
  accessChanged?(): Message
  /** Whether a new message replaces all messages in the buffer. */
  newestOnly?: boolean
  signal?: AbortSignal | undefined
}

/**
 * Yields the messages of a subscription. Applies backpressure by pausing the subscription while the buffer is full. The
 * iteration ends when the subscription is complete or the signal is aborted. Throws ApiError if the server refuses the
 * subscription.
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
