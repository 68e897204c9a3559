interface Asked {
  running?: Promise<unknown> | undefined
  next?: Promise<unknown> | undefined
}

/**
 * Reads of which one at a time is made for each key, however many ask. Who comes while one is on its way shares the
 * next: it begins after they asked, and so holds all that was committed before.
 */
export class SharedReads {
  readonly #asked = new Map<string, Asked>()

  get<T>(key: string, read: () => Promise<T>): Promise<T> {
    const asked = this.#asked.get(key) ?? {}
    this.#asked.set(key, asked)
    const run = (): Promise<T> => {
      asked.next = undefined
      const running = read().finally(() => {
        asked.running = undefined
        if (!asked.next) this.#asked.delete(key)
      })
      asked.running = running
      return running
    }
    if (!asked.running) return (asked.next as Promise<T> | undefined) ?? run()
    asked.next ??= asked.running.then(run, run)
    return asked.next as Promise<T>
  }
}
