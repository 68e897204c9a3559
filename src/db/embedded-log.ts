import type { Database } from 'better-sqlite3'
import { HistoryGone } from '../domain/errors'
import { timestamp } from '../domain/session'
import type { Entry, Follower, Position } from './store'

/** How many of the latest commits a process looks back at when it starts. */
const recentCommits = 4_000
const pruneEveryMs = 60_000
const pruneStep = 500

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
  readonly #pruning: NodeJS.Timeout

  constructor(
    readonly db: Database,
    readonly keepDays: number,
  ) {
    this.#pruning = setInterval(() => this.prune(new Date()), pruneEveryMs)
    this.#pruning.unref()
  }

  /** The last position that was given out, whether it is still kept or not. */
  #last(): number {
    return (this.db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'commits'").pluck().get() as number) ?? 0
  }

  async follow(follower: Follower): Promise<void> {
    this.#told = Math.max(this.#last() - recentCommits, this.#oldest() - 1)
    follower.reset(positionOf(this.#told))
    this.#follower = follower
    this.tell()
  }

  /** Tells the follower what was committed since it was last told. */
  tell(): void {
    if (!this.#follower) return
    for (const entry of this.#read(this.#told, -1)) {
      this.#told = Number(entry.position)
      this.#follower.append(entry)
    }
  }

  #read(after: number, limit: number): Entry[] {
    const rows = this.db
      .prepare('SELECT position, body FROM commits WHERE position > ? ORDER BY position LIMIT ?')
      .all(after, limit)
    return (rows as Row[]).map(entryOf)
  }

  /** The oldest position that is kept; the next to come where none is. */
  #oldest(): number {
    return (this.db.prepare('SELECT min(position) FROM commits').pluck().get() as number | null) ?? this.#last() + 1
  }

  async history(after: Position, limit: number): Promise<{ entries: Entry[]; next: Position }> {
    const from = /^\d{15}$/.test(after) ? Number(after) : Number.POSITIVE_INFINITY
    if (from > this.#last()) throw new HistoryGone('unknown')
    if (from < this.#oldest() - 1) throw new HistoryGone('expired')
    const entries = this.#read(from, limit)
    return { entries, next: entries.at(-1)?.position ?? after }
  }

  /** Forgets the commits that are older than is kept, a step at a time so that nobody waits for it. */
  prune(now: Date): void {
    const until = timestamp(new Date(now.getTime() - this.keepDays * 24 * 60 * 60 * 1000))
    const { changes } = this.db
      .prepare(
        `DELETE FROM commits WHERE position <= (SELECT max(position) FROM
         (SELECT position, at FROM commits ORDER BY position LIMIT ${pruneStep}) WHERE at < ?)`,
      )
      .run(until)
    if (changes === pruneStep) setImmediate(() => this.db.open && this.prune(now))
  }

  end(): void {
    clearInterval(this.#pruning)
  }
}
