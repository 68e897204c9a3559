import { beginWait } from '../../concurrency/waits'
import { erasedMentor } from '../../domain/erasure'
import { HistoryGone } from '../../domain/errors'
import type { OwnerFilter } from '../../domain/owner'
import type { CommitLog, Entry, History, LogFollower, Position } from '../store'
import type { EmbeddedFile } from './file'
import { whereClause } from './stepwise-reads'

/** Number of recent commits that the log delivers to a new follower. */
const lookBackCommits = 4_000
const deliverRetryMs = 500

interface Row {
  number: number
  body: string
}

/**
 * JSON paths of a commit's owner and former owner. The indexes by former owner contain only the few commits that have a
 * former owner. SQLite uses these partial indexes only for queries that include the condition `isOnly`.
 */
const owners = [
  { path: '', isOnly: [] as string[] },
  { path: 'former.', isOnly: ["json_extract(body, '$.former') IS NOT NULL"] },
] as const

/** Pads a number with leading zeros, so that string order equals numeric order. */
const padded = (number: number): string => String(number).padStart(15, '0')

/**
 * Commits are ordered by their number in the table `commits`.
 *
 * An opening is one period in which a process has the file open. The position of a commit consists of the commit's
 * number, a 0, and the name of the opening in which it was made. The position directly before a commit consists of the
 * previous commit's number, a 1, and the name of the commit's opening. After a restore, the opening's name reveals that
 * a position belongs to a commit that the copy lacks. The position before the first commit is the number 0.
 */
export class EmbeddedLog implements CommitLog {
  readonly #file: EmbeddedFile
  #follower: LogFollower | undefined
  /** Number of the last commit delivered to the follower. */
  #delivered = 0
  #retry: NodeJS.Timeout | undefined
  #endWait: (() => void) | undefined
  /** All recorded openings of the file, latest first. */
  readonly #openings: { first: number; name: string }[]

  constructor(file: EmbeddedFile) {
    this.#file = file
    this.#openings = file.all('SELECT first, name FROM openings ORDER BY first DESC')
  }

  #openingOf(number: number): string | undefined {
    return this.#openings.find(({ first }) => first <= number)?.name
  }

  #positionOf(number: number): Position {
    const name = this.#openingOf(number)
    return name ? `${padded(number)}0${name}` : padded(number)
  }

  /**
   * Returns the commit number in a position. Throws HistoryGone if that commit was pruned, if the number was never
   * assigned, or if the number now belongs to another commit.
   */
  #numberOf(position: Position): number {
    const [, digits = '', offset, name] = /^(\d{15})(?:([01])([0-9a-f]{8}))?$/.exec(position) ?? []
    const number = Number(digits)
    if (!digits || number > this.#last()) throw new HistoryGone('unknown')
    if (number < this.#oldest() - 1) throw new HistoryGone('expired')
    // The position must name the opening in which the commit with this number was made.
    const named = number + Number(offset ?? 0)
    if (named > this.#last() || this.#openingOf(named) !== name) throw new HistoryGone('unknown')
    return number
  }

  #entryOf({ number, body }: Row): Entry {
    const before = `${padded(number - 1)}1${this.#openingOf(number)}`
    return { before, position: this.#positionOf(number), commit: JSON.parse(body) }
  }

  /** Returns the last assigned commit number, even if that commit was pruned. */
  #last(): number {
    return this.#file.value<number>("SELECT seq FROM sqlite_sequence WHERE name = 'commits'") ?? 0
  }

  async follow(follower: LogFollower): Promise<void> {
    // Start after the last erased commit, so that erased commits are not delivered as recent commits.
    this.#delivered = Math.max(this.#last() - lookBackCommits, this.#oldest() - 1, this.#lastErased())
    follower.reset(this.#positionOf(this.#delivered))
    this.#follower = follower
    this.deliver()
  }

  /** Delivers new commits to the follower. If the delivery fails, calls the follower's `failed` and retries later. */
  deliver(): void {
    if (!this.#follower) return
    try {
      for (const row of this.#read(this.#delivered, -1)) {
        this.#delivered = row.number
        this.#follower.append(this.#entryOf(row))
      }
      this.#endWait?.()
      this.#endWait = undefined
    } catch (error) {
      this.#endWait ??= beginWait('store_retry', { of: 'log' })
      this.#follower.failed(error)
      clearTimeout(this.#retry)
      this.#retry = setTimeout(() => this.deliver(), deliverRetryMs)
    }
  }

  failed(error: unknown, doing: string): void {
    this.#follower?.failed(error, doing)
  }

  /** Makes the follower drop the commits that it holds in memory, because some of them were erased. */
  async invalidate(): Promise<void> {
    await this.#follower?.invalidate(this.now())
  }

  /** Returns the number of the latest commit that an erasure changed, or 0 if no commit was erased. */
  #lastErased(): number {
    const last = owners.map(({ path, isOnly }) => {
      const where = whereClause([`json_extract(body, '$.${path}mentor_id') = ?`, ...isOnly])
      const sql = `SELECT position FROM commits ${where} ORDER BY position DESC LIMIT 1`
      return this.#file.value<number>(sql, erasedMentor) ?? 0
    })
    return Math.max(...last)
  }

  /** Delivers new commits to the follower, then returns the current position. */
  now(): Position {
    this.deliver()
    return this.#positionOf(this.#last())
  }

  /** Returns the commits whose owner or former owner matches the filter. */
  #read(after: number, limit: number, filter: OwnerFilter = {}): Row[] {
    const [ofOwner, ofFormer] = owners.map(owner => this.#readOf(owner, after, limit, filter)) as [Row[], Row[]]
    if (ofFormer.length === 0) return ofOwner
    const byNumber = new Map([...ofOwner, ...ofFormer].map(row => [row.number, row]))
    return [...byNumber.values()].sort((a, b) => a.number - b.number).slice(0, limit === -1 ? undefined : limit)
  }

  #readOf(
    { path, isOnly }: (typeof owners)[number],
    after: number,
    limit: number,
    { mentor_id, organisation_id }: OwnerFilter,
  ): Row[] {
    const ids = Object.entries({ mentor_id, organisation_id }).filter(([, id]) => id !== undefined)
    // If the filter is empty, the query by present owner already returns all commits.
    if (ids.length === 0 && path !== '') return []
    const where = ['position > ?', ...isOnly]
    const values: string[] = []
    for (const [i, [name, id]] of ids.entries()) {
      // The + prevents SQLite from using the index by organisation, because a mentor has fewer commits than an
      // organisation.
      const member = `${i > 0 ? '+' : ''}json_extract(body, '$.${path}${name}')`
      where.push(id == null ? `${member} IS NULL` : `${member} = ?`)
      if (id != null) values.push(id)
    }
    const sql = `SELECT position AS number, body FROM commits ${whereClause(where)} ORDER BY position LIMIT ?`
    return this.#file.all<Row>(sql, after, ...values, limit)
  }

  /** Returns the lowest commit number in the table or, if the table is empty, the next number to be assigned. */
  #oldest(): number {
    return this.#file.value<number | null>('SELECT min(position) FROM commits') ?? this.#last() + 1
  }

  async history(after: Position, limit: number, filter?: OwnerFilter): Promise<History> {
    const from = this.#numberOf(after)
    // Erased commits no longer name their mentor, so a filter by mentor would silently skip them.
    if (filter?.mentor_id !== undefined && from < this.#lastErased()) throw new HistoryGone('expired')
    const rows = this.#read(from, limit, filter)
    const to = rows.length === limit ? (rows.at(-1)?.number ?? from) : this.#last()
    const next = to === from ? after : this.#positionOf(to)
    return { entries: rows.map(row => this.#entryOf(row)), next, passed: to - from }
  }

  end(): void {
    clearTimeout(this.#retry)
    this.#endWait?.()
  }
}
