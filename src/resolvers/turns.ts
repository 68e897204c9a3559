import { runSoon } from '../concurrency/scheduler'

/**
 * Runs the parts of one long operation sequentially, in turns of the event loop. A part runs at once if the current
 * turn has time left.
 */
export class Turns {
  #last = Promise.resolve()
  readonly #values = new Map<unknown, Map<string, Promise<unknown>>>()

  /**
   * Runs a part in its turn. If the part returns a promise, the promise's value is used in a later turn, because many
   * promises may resolve together.
   */
  async run<R>(part: () => R | Promise<R>): Promise<R> {
    await this.#next()
    const result = part()
    if (!(result instanceof Promise)) return result
    const value = await result
    await this.#next()
    return value
  }

  /** Runs the part with this source and key once. Returns the same promise to all callers. */
  once<R>(source: unknown, key: string, part: () => R | Promise<R>): Promise<R> {
    const ofSource = this.#values.get(source) ?? new Map<string, Promise<unknown>>()
    this.#values.set(source, ofSource)
    const value = ofSource.get(key) ?? this.run(part)
    ofSource.set(key, value)
    return value as Promise<R>
  }

  #next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise<void>(runSoon))
    return this.#last
  }
}
