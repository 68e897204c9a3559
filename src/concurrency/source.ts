import { probe, type Transport } from '../telemetry/probe'

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
    /** Starts delivery to a sink and returns a function that stops it. */
    readonly begin: (sink: Sink<T>) => () => void,
  ) {}

  /** Delivers items to a sink until the returned function is called. Call that function exactly once. */
  attach(sink: Sink<T>): () => void {
    const subscriber = sink.via && probe?.subscribed(sink.via)
    if (!subscriber) return this.begin(sink)
    const take = (item: T): void | Promise<void> => {
      subscriber.delivered(item)
      return sink.take(item)
    }
    const detach = this.begin({ take, end: error => sink.end(error) })
    return () => {
      subscriber.ended()
      detach()
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
export class Attached<T> implements Sink<T> {
  #sink: Sink<T> | undefined
  #taken: { resolve(): void; reject(error: unknown): void } | undefined
  /** Removes the reader that delivers to the sink. */
  #leave: (() => void) | undefined

  constructor(sink: Sink<T>, leave: () => void) {
    this.#sink = sink
    this.#leave = leave
  }

  detach(): void {
    this.#leave?.()
    this.#leave = undefined
    this.#sink = undefined
    this.#taken = undefined
  }

  end(error?: unknown): void {
    const sink = this.#sink
    this.detach()
    sink?.end(error)
  }

  take(item: T): void | Promise<void> {
    let taking: void | Promise<void>
    try {
      taking = this.#sink?.take(item)
    } catch (error) {
      return Promise.reject(error)
    }
    if (!taking) return
    taking.then(
      () => this.#taken?.resolve(),
      error => this.#taken?.reject(error),
    )
    return new Promise((resolve, reject) => {
      this.#taken = { resolve, reject }
    })
  }
}
