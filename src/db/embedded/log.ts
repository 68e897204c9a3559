import { erasedMentor } from '../../domain/erased'
import { HistoryGone } from '../../domain/errors'
import type { CommitFilter, Entry, Follower, History, Position } from '../store'
import type { EmbeddedFile } from './file'
import { whereClause } from './selection'

/** How many of the latest commits a process looks back at when it starts. */
const lookBackCommits = 4_000
const tellRetryMs = 500

interface Row {
  number: number
  body: string
}

/** Digits that compare as the numbers do. */
const digits = (number: number): string => String(number).padStart(15, '0')

/**
 * The commits of an embedded store in the order of their table.
 *
 * A position is the number of a commit, a 0, and the name of the file's opening in which the commit was made. The position
 * before a commit is the number before it, a 1, and the name of the commit's own opening: when the file was put back from a
 * copy, neither is mistaken for what was committed in its place. Before all commits the position is the number 0 alone.
 */
export class EmbeddedLog {
  #follower: Follower | undefined
  #told = 0
  #retry: NodeJS.Timeout | undefined
  /** The latest first. */
  readonly #openings: { first: number; name: string }[]

  constructor(readonly file: EmbeddedFile) {
    this.#openings = file.all('SELECT first, name FROM openings ORDER BY first DESC')
  }

  #openingOf(number: number): string | undefined {
    return this.#openings.find(({ first }) => first <= number)?.name
  }

  #positionOf(number: number): Position {
    const name = this.#openingOf(number)
    return name ? `${digits(number)}0${name}` : digits(number)
  }

  /** The number that a position names. Throws HistoryGone where that is not its commit's any more, or was never given out. */
  #numberOf(position: Position): number {
    const [, number = '', within, name] = /^(\d{15})(?:([01])([0-9a-f]{8}))?$/.exec(position) ?? []
    const after = Number(number)
    if (!number || after > this.#last()) throw new HistoryGone('unknown')
    if (after < this.#oldest() - 1) throw new HistoryGone('expired')
    const named = after + Number(within ?? 0)
    if (named > this.#last() || this.#openingOf(named) !== name) throw new HistoryGone('unknown')
    return after
  }

  #entryOf({ number, body }: Row): Entry {
    const before = `${digits(number - 1)}1${this.#openingOf(number)}`
    return { before, position: this.#positionOf(number), commit: JSON.parse(body) }
  }

  /** The last number that was given out, whether its commit is still kept or not. */
  #last(): number {
    return this.file.value<number>("SELECT seq FROM sqlite_sequence WHERE name = 'commits'") ?? 0
  }

  async follow(follower: Follower): Promise<void> {
    // None that was erased is told as if it was new.
    this.#told = Math.max(this.#last() - lookBackCommits, this.#oldest() - 1, this.#lastErased())
    follower.reset(this.#positionOf(this.#told))
    this.#follower = follower
    this.tell()
  }

  /** Tells the follower what was committed since it was last told; what fails is said to it, and tried again. */
  tell(): void {
    if (!this.#follower) return
    try {
      for (const row of this.#read(this.#told, -1)) {
        this.#told = row.number
        this.#follower.append(this.#entryOf(row))
      }
    } catch (error) {
      this.#follower.failed(error)
      clearTimeout(this.#retry)
      this.#retry = setTimeout(() => this.tell(), tellRetryMs)
    }
  }

  /** Has the follower forget what it was told of commits that were erased since. */
  forget(): void {
    this.#follower?.forget(this.now())
  }

  /** The number of the latest commit of a mentor that was erased; 0 where there is none. */
  #lastErased(): number {
    const sql =
      "SELECT position FROM commits WHERE json_extract(body, '$.mentor_id') = ? ORDER BY position DESC LIMIT 1"
    return this.file.value<number>(sql, erasedMentor) ?? 0
  }

  /** The position of all that was committed by now. The follower has been told of it. */
  now(): Position {
    this.tell()
    return this.#positionOf(this.#last())
  }

  #read(after: number, limit: number, { mentor_id, organisation_id }: CommitFilter = {}): Row[] {
    const where = ['position > ?']
    const values: string[] = []
    for (const [name, id] of Object.entries({ mentor_id, organisation_id })) {
      if (id === undefined) continue
      // One index is enough, and a mentor's commits are fewer than an organisation's.
      const member = `${where.length > 1 ? '+' : ''}json_extract(body, '$.${name}')`
      where.push(id === null ? `${member} IS NULL` : `${member} = ?`)
      if (id !== null) values.push(id)
    }
    const sql = `SELECT position AS number, body FROM commits ${whereClause(where)} ORDER BY position LIMIT ?`
    return this.file.all<Row>(sql, after, ...values, limit)
  }

  /** The oldest number that is kept; the next to come where none is. */
  #oldest(): number {
    return this.file.value<number | null>('SELECT min(position) FROM commits') ?? this.#last() + 1
  }

  async history(after: Position, limit: number, filter?: CommitFilter): Promise<History> {
    const from = this.#numberOf(after)
    // Whose they were is not known any more: who follows one mentor is told that something may be missing.
    if (filter?.mentor_id !== undefined && from < this.#lastErased()) throw new HistoryGone('expired')
    const rows = this.#read(from, limit, filter)
    const to = rows.length === limit ? (rows.at(-1)?.number ?? from) : this.#last()
    const next = to === from ? after : this.#positionOf(to)
    return { entries: rows.map(row => this.#entryOf(row)), next, passed: to - from }
  }

  end(): void {
    clearTimeout(this.#retry)
  }
}
