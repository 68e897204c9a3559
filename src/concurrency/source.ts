import { probe, type Subscriber, type Transport } from './probe'

/**
 * Receives the items of a subscription. Nothing is queued for a sink: items that it does not accept are read again
 * later.
 */
export interface Sink<T> {
  /** Transport of the subscriber. A sink without a transport is not measured. */
  via?: Transport
  /**
   * Receives one item. If it returns a promise, the next item waits until that promise resolves. A rejection ends the
   * subscription.
   */
  take(item: T): void | Promise<void>
  /** Called after the last item. An error means that more items would have followed. */
  end(error?: unknown): void
}

/** A source of items to subscribe to. Items are delivered as fast as the sink accepts them. */
export class Source<T> implements AsyncIterable<T> {
  constructor(
    /** Starts delivery to a sink and returns a function that stops it. That function is called exactly once. */
    readonly start: (sink: Sink<T>) => () => void,
  ) {}

  /** Delivers items to a sink until the returned function is called. Call that function exactly once. */
  attach(sink: Sink<T>): () => void {
    const subscriber = sink.via && probe?.subscribed(sink.via)
    const attached = new AttachedSink(sink, subscriber)
    attached.onDetach(this.start(attached))
    return () => {
      subscriber?.ended()
      attached.detach()
    }
  }

  /** graphql-js recognises a stream by this method, but never iterates: readers attach a sink instead. */
  [Symbol.asyncIterator](): never {
    throw new Error('a source has no iterator: attach a sink')
  }
}

/**
 * A sink that can be detached. Once detached, it is no longer referenced by promises that never settle. An error thrown
 * by the sink becomes a rejection: it ends only this subscription, and later subscribers still get the item.
 */
class AttachedSink<T> implements Sink<T> {
  #sink: Sink<T> | undefined
  /** Resolves or rejects the promise for the item that the sink has not accepted yet. */
  #pending: { resolve(): void; reject(error: unknown): void } | undefined
  #stop: (() => void) | undefined

  constructor(
    sink: Sink<T>,
    readonly subscriber: Subscriber | undefined,
  ) {
    this.#sink = sink
  }

  /** Calls `stop` when the sink is detached, or now if it is detached already. */
  onDetach(stop: () => void): void {
    if (this.#sink) this.#stop = stop
    else stop()
  }

  detach(): void {
    const stop = this.#stop
    this.#stop = undefined
    this.#sink = undefined
    this.#pending = undefined
    stop?.()
  }

  end(error?: unknown): void {
    const sink = this.#sink
    this.detach()
    sink?.end(error)
  }

  take(item: T): void | Promise<void> {
    const sink = this.#sink
    if (!sink) return
    let taking: void | Promise<void>
    try {
      this.subscriber?.delivered(item)
      taking = sink.take(item)
    } catch (error) {
      return Promise.reject(error)
    }
    if (!taking) return
    taking.then(
      () => this.#pending?.resolve(),
      error => this.#pending?.reject(error),
    )
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject }
    })
  }
}
