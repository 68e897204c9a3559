import { probe, type Subscriber, type Transport } from './probe'

/**
 * Receives the items of a subscription. Nothing is queued for a sink: items that it has not taken are read again later.
 */
export interface Sink<T> {
  /** Transport of an interface's subscriber. A sink without one is not measured. */
  via?: Transport
  /**
   * Takes one item. If it returns a promise, no item follows until that resolves. A rejection ends the subscription.
   */
  take(item: T): void | Promise<void>
  /** Called when no item follows. With an error, more items would have followed. */
  end(error?: unknown): void
}

/** A source of items to subscribe to. It delivers them as fast as the sink takes them. */
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

  /** graphql-js recognises a stream by this method, but nothing iterates: readers attach a sink. */
  [Symbol.asyncIterator](): never {
    throw new Error('a source has no iterator: attach a sink')
  }
}

/**
 * A sink that can be detached. After that, a promise that never settles holds no reference to the sink. An error that
 * the sink throws becomes a rejection: it ends only this subscription, and later subscribers still get the item.
 */
class AttachedSink<T> implements Sink<T> {
  #sink: Sink<T> | undefined
  /** The item that the sink has not taken yet. */
  #pending: { resolve(): void; reject(error: unknown): void } | undefined
  #stop: (() => void) | undefined

  constructor(
    sink: Sink<T>,
    readonly subscriber: Subscriber | undefined,
  ) {
    this.#sink = sink
  }

  /** Calls `stop` when the sink is detached, or now if it was detached meanwhile. */
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
