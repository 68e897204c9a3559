import { BSON } from 'mongodb'
import { commitMatches } from '../../domain/commit'
import type { OwnerFilter } from '../../domain/owner'
import type { Entry, History, Position } from '../store'

/** Maximum number of commits that one read of the history covers. */
export const commitsPerHistoryRead = 1_000
/** Maximum number and maximum BSON size, in bytes, of the commits from recent scans that a process holds in memory. */
export const scannedCommits = 8_192
export const scannedBytes = 8 * 1_024 * 1_024
/** Time in ms after the latest scan for which scanned commits stay cached. */
const cacheMs = 10_000
/** Time in ms after a history read within which the next read uses shared scans. */
const soonMs = 1_000

type Scan = (after: Position, limit: number, filter: OwnerFilter) => Promise<History>

interface Stretch {
  after: Position
  entries: Entry[]
  bytes: number
  /** Position of the end of the log, if the scan has reached the end. */
  end: Position | undefined
}

/**
 * With any filter, MongoDB scans the whole log after a position. Reads from nearby positions therefore share one
 * unfiltered scan, and select their commits from it.
 *
 * A read without concurrent reads runs its own filtered scan, which transfers only matching commits.
 */
export class SharedScans {
  readonly #scan: Scan
  /** Cached stretches of the log, least recently used first. */
  #stretches: Stretch[] = []
  /** Scans in progress, keyed by position and size. */
  #scans = new Map<string, Promise<Stretch>>()
  #reads = 0
  /** Time at which the latest read ended, and the position that it reached. */
  #endedAt = Number.NEGATIVE_INFINITY
  #next: Position = ''
  #expiryTimer: NodeJS.Timeout | undefined

  constructor(scan: Scan) {
    this.#scan = scan
  }

  async history(after: Position, limit: number, filter: OwnerFilter): Promise<History> {
    const isAlone = this.#isAlone(after)
    this.#reads++
    try {
      const history = await (isAlone ? this.#scan(after, limit, filter) : this.#select(after, limit, filter))
      this.#next = history.next
      return history
    } finally {
      this.#reads--
      this.#endedAt = performance.now()
    }
  }

  /** True if no other read is in progress, and the latest one ended a while ago or is continued by this read. */
  #isAlone(after: Position): boolean {
    if (this.#reads > 0) return false
    return after === this.#next || performance.now() - this.#endedAt > soonMs
  }

  /** Reads the history by selecting the matching commits from shared scans. */
  async #select(after: Position, limit: number, filter: OwnerFilter): Promise<History> {
    const isFiltered = filter.mentor_id !== undefined || filter.organisation_id !== undefined
    const size = isFiltered ? commitsPerHistoryRead : limit
    const entries: Entry[] = []
    let next = after
    let passed = 0
    for (;;) {
      const cached = this.#cached(next)
      const stretch = cached ?? (await this.#shared(next, size))
      for (const entry of stretch.entries) {
        if (entry.position <= next) continue
        // As in a separate scan, the first commit's `before` is the position where the read started.
        if (commitMatches(filter, entry.commit)) entries.push(passed === 0 ? { ...entry, before: after } : entry)
        next = entry.position
        passed++
        if (entries.length === limit || passed === commitsPerHistoryRead) return { entries, next, passed }
      }
      if (stretch.end === undefined) continue
      // The end of a cached stretch can be outdated: only a new scan shows where the log ends now.
      if (!cached) return { entries, next: stretch.end, passed }
      if (passed > 0) return { entries, next, passed }
    }
  }

  #cached(position: Position): Stretch | undefined {
    const index = this.#stretches.findIndex(
      ({ after, entries }) => after <= position && position < (entries.at(-1)?.position ?? ''),
    )
    const [cached] = index === -1 ? [] : this.#stretches.splice(index, 1)
    if (cached) this.#stretches.push(cached)
    return cached
  }

  /** Scans the log after a position. Concurrent reads that need the same scan share it. */
  #shared(after: Position, size: number): Promise<Stretch> {
    const key = `${after} ${size}`
    const inProgress = this.#scans.get(key)
    if (inProgress) return inProgress
    const scans = this.#scans
    const scan = this.#stretchAfter(after, size)
    scans.set(key, scan)
    const end = (): void => void scans.delete(key)
    scan.then(stretch => {
      end()
      // Don't cache the stretches of smaller scans, because later reads from them would return fewer commits.
      if (scans === this.#scans && size === commitsPerHistoryRead) this.#cache(stretch)
    }, end)
    return scan
  }

  async #stretchAfter(after: Position, size: number): Promise<Stretch> {
    const { entries, next, passed } = await this.#scan(after, size, {})
    const bytes = entries.reduce((sum, { commit }) => sum + BSON.calculateObjectSize(commit), 0)
    return { after, entries, bytes, end: passed < Math.min(size, commitsPerHistoryRead) ? next : undefined }
  }

  /** Drops the least recently used stretches until the cache is within its limits. */
  #cache(stretch: Stretch): void {
    if (stretch.entries.length === 0) return
    this.#stretches.push(stretch)
    const total = { commits: 0, bytes: 0 }
    const first = this.#stretches.findLastIndex(({ entries, bytes }) => {
      total.commits += entries.length
      total.bytes += bytes
      return total.commits > scannedCommits || total.bytes > scannedBytes
    })
    this.#stretches.splice(0, first + 1)
    clearTimeout(this.#expiryTimer)
    this.#expiryTimer = setTimeout(() => this.clear(), cacheMs)
    this.#expiryTimer.unref()
  }

  get size(): { commits: number; bytes: number } {
    const sumOf = (of: (stretch: Stretch) => number): number => this.#stretches.reduce((sum, one) => sum + of(one), 0)
    return { commits: sumOf(({ entries }) => entries.length), bytes: sumOf(({ bytes }) => bytes) }
  }

  /** Drops all cached commits, because they have expired or some of them were erased. */
  clear(): void {
    clearTimeout(this.#expiryTimer)
    this.#stretches = []
    this.#scans = new Map()
  }
}
