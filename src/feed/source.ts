/** Where a subscription's items go. Nothing is queued for a sink: what it does not take yet is read again later. */
export interface Sink<T> {
  /** Takes one item. A promise asks for nothing more until it resolves; one that rejects ends the subscription. */
  take(item: T): void | Promise<void>
  /** Nothing more follows; an error says that more would have. */
  end(error?: unknown): void
}

/** Something that can be subscribed to: it hands its items to a sink as fast as that takes them. */
export class Source<T> implements AsyncIterable<T> {
  constructor(
    /** Starts to hand over; what it returns stops that. */
    readonly attach: (sink: Sink<T>) => () => void,
  ) {}

  /** The items one by one: the next is read from the source when it is asked for. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    let offered: IteratorResult<T> | undefined
    let ended: { error?: unknown } | undefined
    let taken: (() => void) | undefined
    let wake: (() => void) | undefined
    const detach = this.attach({
      take: value => {
        offered = { done: false, value }
        wake?.()
        return new Promise(resolve => {
          taken = resolve
        })
      },
      end: error => {
        ended = { error }
        wake?.()
      },
    })
    const next = async (): Promise<IteratorResult<T>> => {
      for (;;) {
        if (offered) {
          const given = offered
          offered = undefined
          taken?.()
          return given
        }
        if (ended?.error) throw ended.error
        if (ended) return { done: true, value: undefined }
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    }
    return {
      next,
      return: async () => {
        ended = {}
        offered = undefined
        detach()
        wake?.()
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
}
