/** What an entry takes in memory beside its value. */
const entryBytes = 300

/**
 * Values that were used last, as many as fit into so many bytes; one that would take an eighth of it is not kept.
 * To Apollo it is a KeyValueCache.
 */
export class Cache<V extends object | string> {
  readonly #entries = new Map<string, { value: V; bytes: number }>()
  #bytes = 0

  constructor(
    readonly maxBytes: number,
    /** What a value takes in memory. */
    readonly sizeOf: (value: V) => number,
  ) {}

  find(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  keep(key: string, value: V): void {
    this.#forget(key)
    const bytes = entryBytes + 2 * key.length + this.sizeOf(value)
    if (bytes > this.maxBytes / 8) return
    this.#entries.set(key, { value, bytes })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.maxBytes) return
      this.#forget(oldest)
    }
  }

  #forget(key: string): boolean {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    return this.#entries.delete(key)
  }

  async get(key: string): Promise<V | undefined> {
    return this.find(key)
  }

  async set(key: string, value: V): Promise<void> {
    this.keep(key, value)
  }

  async delete(key: string): Promise<boolean> {
    return this.#forget(key)
  }
}
