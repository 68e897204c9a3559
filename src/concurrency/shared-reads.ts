/** After this time, a running read no longer holds up the next one. */
const stuckReadMs = 1_000

interface Asked {
  running?: Promise<unknown> | undefined
  next?: Promise<unknown> | undefined
}

/**
 * Shares reads by key: for each key, one read runs at a time. Requests that arrive while it runs share the next one.
 * That one begins after they arrived, so it includes all earlier commits.
 */
export class SharedReads {
  readonly #asked = new Map<string, Asked>()

  get<T>(key: string, read: () => Promise<T>): Promise<T> {
    const asked = this.#asked.get(key) ?? {}
    this.#asked.set(key, asked)
    const run = (): Promise<T> => {
      asked.next = undefined
      const running = read().finally(() => {
        if (asked.running === running) asked.running = undefined
        if (!asked.running && !asked.next) this.#asked.delete(key)
      })
      asked.running = running
      return running
    }
    if (!asked.running) return (asked.next as Promise<T> | undefined) ?? run()
    asked.next ??= overOrStuck(asked.running).then(run)
    return asked.next as Promise<T>
  }
}

const overOrStuck = (running: Promise<unknown>): Promise<void> =>
  new Promise(resolve => {
    const stuck = setTimeout(resolve, stuckReadMs)
    const over = (): void => {
      clearTimeout(stuck)
      resolve()
    }
    running.then(over, over)
  })
