import { probe, type Subscriber, type Transport } from './probe'

/**
 * Receives a subscription's items. A source queues no items for its sinks. If a sink does not accept an item, the
 * source reads the item again later.
 */
export interface Sink<T> {
  /** The subscriber's transport. Delivery to a sink without `via` is not measured. */
  via?: Transport
  /**
   * Receives one subscription item. To apply backpressure, return a promise: the source sends the next item once the
   * promise resolves. A rejection ends the subscription.
   */
  take(item: T): void | Promise<void>
  /** Called when the subscription ends. `error` is set if the subscription ended before its last item. */
  end(error?: unknown): void
}

/** A stream of items to which sinks subscribe. Each sink receives items as fast as it accepts them. */
export class Source<T> implements AsyncIterable<T> {
  constructor(
    /**
     * Starts delivery to a sink, and returns a function that stops the delivery. The source calls the returned function
     * exactly once.
     */
    readonly start: (sink: Sink<T>) => () => void,
  ) {}

  /** Delivers items to a sink until you call the returned function. Call the function exactly once. */
  attach(sink: Sink<T>): () => void {
    const subscriber = sink.via && probe?.subscribed(sink.via)
    const attached = new AttachedSink(sink, subscriber)
    attached.onDetach(this.start(attached))
    return () => {
      subscriber?.ended()
      attached.detach()
    }
  }

  /**
   * This method exists only because graphql-js recognises a stream by its async iterator. The method is never called,
   * because readers attach a sink instead.
   */
  [Symbol.asyncIterator](): never {
    throw new Error('a source has no iterator: attach a sink')
  }
}

/**
 * Wraps a sink so that it can be detached. A promise that never settles does not keep a detached sink in memory. An
 * error that the sink throws becomes a rejection, which ends only the sink's own subscription.
 */
class AttachedSink<T> implements Sink<T> {
  #sink: Sink<T> | undefined
  /** Settles the promise that `take` returned for an item that the sink has not accepted yet. */
  #pending: { resolve(): void; reject(error: unknown): void } | undefined
  #stop: (() => void) | undefined

  constructor(
    sink: Sink<T>,
    readonly subscriber: Subscriber | undefined,
  ) {
    this.#sink = sink
  }

  /** Calls `stop` when the sink is detached, or immediately if the sink is already detached. */
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
