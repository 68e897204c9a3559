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

  /** By this graphql knows a stream. Nobody iterates: whoever reads attaches a sink. */
  [Symbol.asyncIterator](): never {
    throw new Error('a source is read by a sink')
  }
}
