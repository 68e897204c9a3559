import { probe, type Transport } from './probe'

/** Where a subscription's items go. Nothing is queued for a sink: what it does not take yet is read again later. */
export interface Sink<T> {
  /** The transport of a door's subscriber. */
  via?: Transport
  /** Takes one item. A promise asks for nothing more until it resolves; one that rejects ends the subscription. */
  take(item: T): void | Promise<void>
  /** Nothing more follows; an error says that more would have. */
  end(error?: unknown): void
}

/** Something that can be subscribed to: it hands its items to a sink as fast as that takes them. */
export class Source<T> implements AsyncIterable<T> {
  constructor(
    /** Starts to hand over; what it returns stops that. */
    readonly begin: (sink: Sink<T>) => () => void,
  ) {}

  /** Hands its items to a sink until what it returns is called, which must be once. */
  attach(sink: Sink<T>): () => void {
    const subscriber = sink.via && probe?.subscribed(sink.via)
    if (!subscriber) return this.begin(sink)
    const take = (item: T): void | Promise<void> => {
      subscriber.handed(item)
      return sink.take(item)
    }
    const detach = this.begin({ take, end: error => sink.end(error) })
    return () => {
      subscriber.left()
      detach()
    }
  }

  /** By this graphql knows a stream. Nobody iterates: whoever reads attaches a sink. */
  [Symbol.asyncIterator](): never {
    throw new Error('a source is read by a sink')
  }
}

/**
 * A sink for as long as it is attached. Once it is detached, nothing of it is held by what it was last handed, not even
 * where its promise never settles. What it throws ends its own subscription, and does not reach those told after it.
 */
export class Attached<T> implements Sink<T> {
  #sink: Sink<T> | undefined
  #taken: { resolve(): void; reject(error: unknown): void } | undefined
  /** Takes away what reads for the sink. */
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
