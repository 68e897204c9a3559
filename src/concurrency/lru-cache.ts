/** Estimated memory per cache entry in bytes, in addition to the entry's key and value. */
const entryBytes = 300

/**
 * Fraction of the memory limit that one eviction frees. Evicting many cache entries at once is cheaper, because finding
 * a Map's oldest entry is slow after many deletions.
 */
const evictedShare = 1 / 64

/**
 * Least-recently-used cache with a memory limit. A value larger than an eighth of `maxBytes` is not cached. Implements
 * Apollo's `KeyValueCache`.
 */
export class LruCache<V extends object | string> {
  readonly #entries = new Map<string, { value: V; bytes: number }>()
  #bytes = 0

  constructor(
    readonly maxBytes: number,
    /** Returns the estimated memory of a cached value, in bytes. */
    readonly sizeOf: (value: V) => number,
  ) {}

  /** Estimated memory of all cache entries, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Returns a cached value without marking its cache entry as recently used. */
  peek(key: string): V | undefined {
    return this.#entries.get(key)?.value
  }

  find(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  keep(key: string, value: V): void {
    this.forget(key)
    const bytes = entryBytes + 2 * key.length + this.sizeOf(value)
    if (bytes > this.maxBytes / 8) return
    this.#entries.set(key, { value, bytes })
    this.#bytes += bytes
    if (this.#bytes <= this.maxBytes) return
    const enough = this.maxBytes * (1 - evictedShare)
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= enough) return
      this.forget(oldest)
    }
  }

  /** Removes a cache entry, and returns whether the entry existed. */
  forget(key: string): boolean {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
    this.#bytes = 0
  }

  async get(key: string): Promise<V | undefined> {
    return this.find(key)
  }

  async set(key: string, value: V): Promise<void> {
    this.keep(key, value)
  }

  async delete(key: string): Promise<boolean> {
    return this.forget(key)
  }
}
