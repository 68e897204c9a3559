import { yieldToEventLoop } from '../concurrency/scheduler'

/**
 * Runs the parts of one long operation sequentially, in time slices that yield to the event loop. A part runs
 * immediately if the current time slice has time left.
 */
export class TimeSlices {
  #last = Promise.resolve()
  readonly #values = new Map<unknown, Map<string, Promise<unknown>>>()

  /**
   * Runs a part of the operation after all earlier parts. If the part returns a promise, waits for a time slice again
   * once the promise has resolved, because many promises can resolve at the same time.
   */
  async run<R>(part: () => R | Promise<R>): Promise<R> {
    await this.#next()
    const result = part()
    if (!(result instanceof Promise)) return result
    const value = await result
    await this.#next()
    return value
  }

  /** All callers with the same source and key get the same promise, so the part must only read. */
  once<R>(source: unknown, key: string, part: () => R | Promise<R>): Promise<R> {
    const ofSource = this.#values.get(source) ?? new Map<string, Promise<unknown>>()
    this.#values.set(source, ofSource)
    const value = ofSource.get(key) ?? this.run(part)
    ofSource.set(key, value)
    return value as Promise<R>
  }

  #next(): Promise<void> {
    this.#last = this.#last.then(yieldToEventLoop)
    return this.#last
  }
}
