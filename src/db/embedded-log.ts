import { HistoryGone } from '../domain/errors'
import type { EmbeddedFile } from './embedded-file'
import type { Entry, Follower, Position } from './store'

/** How many of the latest commits a process looks back at when it starts. */
const recentCommits = 4_000
const retryMs = 500

// Numbers as strings that compare as the numbers do.
const positionOf = (row: number): Position => String(row).padStart(15, '0')

interface Row {
  position: number
  body: string
}

const entryOf = ({ position, body }: Row): Entry => ({ position: positionOf(position), commit: JSON.parse(body) })

/** The commits of an embedded store in the order of their table. */
export class EmbeddedLog {
  #follower: Follower | undefined
  #told = 0
  #retry: NodeJS.Timeout | undefined

  constructor(readonly file: EmbeddedFile) {}

  /** The last position that was given out, whether it is still kept or not. */
  #last(): number {
    return this.file.value<number>("SELECT seq FROM sqlite_sequence WHERE name = 'commits'") ?? 0
  }

  async follow(follower: Follower): Promise<void> {
    this.#told = Math.max(this.#last() - recentCommits, this.#oldest() - 1)
    follower.reset(positionOf(this.#told))
    this.#follower = follower
    this.tell()
  }

  /** Tells the follower what was committed since it was last told; what fails is said to it, and tried again. */
  tell(): void {
    if (!this.#follower) return
    try {
      for (const entry of this.#read(this.#told, -1)) {
        this.#told = Number(entry.position)
        this.#follower.append(entry)
      }
    } catch (error) {
      this.#follower.failed(error)
      clearTimeout(this.#retry)
      this.#retry = setTimeout(() => this.tell(), retryMs)
    }
  }

  #read(after: number, limit: number): Entry[] {
    const sql = 'SELECT position, body FROM commits WHERE position > ? ORDER BY position LIMIT ?'
    return this.file.all<Row>(sql, after, limit).map(entryOf)
  }

  /** The oldest position that is kept; the next to come where none is. */
  #oldest(): number {
    return this.file.value<number | null>('SELECT min(position) FROM commits') ?? this.#last() + 1
  }

  async history(after: Position, limit: number): Promise<{ entries: Entry[]; next: Position }> {
    const from = /^\d{15}$/.test(after) ? Number(after) : Number.POSITIVE_INFINITY
    if (from > this.#last()) throw new HistoryGone('unknown')
    if (from < this.#oldest() - 1) throw new HistoryGone('expired')
    const entries = this.#read(from, limit)
    return { entries, next: entries.at(-1)?.position ?? after }
  }

  end(): void {
    clearTimeout(this.#retry)
  }
}
