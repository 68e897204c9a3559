import type { Filter } from '../db/store'
import { type Contribution, firstMinute, type MinuteCount } from '../domain/contribution'
import type { State } from '../domain/session'
import { minuteMs, timestamp } from '../domain/timestamp'
import { Tally } from './tally'

/** Bounds of the projection. */
export interface Bounds {
  /** Maximum number of tallies: mentors, organisations, and a mentor's parts in several organisations. */
  groups: number
  /** Maximum number of sums in all tallies, by currency and by currency and month. A result is in at most eight. */
  sums: number
}

const groupsKept = 250_000
const sumsKept = 4_000_000
export const defaultBounds: Bounds = { groups: groupsKept, sums: sumsKept }

interface Mentor {
  tally: Tally
  /** The organisation of all its sessions, if there is only one. */
  organisation_id: string | null
  /** Tallies by organisation, if there are several. Those beyond the bound are missing. */
  parts?: Map<string | null, Tally>
}

type MinuteCounts = Map<Tally, Tally['states']>

/** Totals of all sessions, of each mentor, of each organisation, and of each mentor in an organisation. */
export class Tallies {
  readonly #all = new Tally()
  readonly #mentors = new Map<string, Mentor>()
  readonly #organisations = new Map<string | null, Tally>()
  /** Calculations by minute, for the minutes that a summary shows. */
  readonly #minutes = new Map<string, MinuteCounts>()
  #groups = 0
  #sums = 0
  /** Whether the bound on tallies was reached. From then on none is added: it would miss earlier sessions. */
  #isFull = false
  #minute = 0
  #since = ''

  constructor(
    readonly clock: () => Date,
    readonly bounds: Bounds,
  ) {}

  /** Whether there are more sums than the bound allows. */
  get isOver(): boolean {
    return this.#sums > this.bounds.sums
  }

  /** Replaces a session's contribution to the totals: removes `before` and adds `after`. */
  change(
    mentor_id: string,
    organisation_id: string | null,
    before: Contribution | null,
    after: Contribution | null,
  ): void {
    this.#keepMinutes()
    for (const tally of this.#of(mentor_id, organisation_id)) {
      const size = tally.size
      if (before) this.#add(tally, before, -1)
      if (after) this.#add(tally, after, 1)
      this.#sums += tally.size - size
    }
    if (!after) this.#forget(mentor_id, organisation_id)
  }

  #add(tally: Tally, contribution: Contribution, sign: 1 | -1): void {
    tally.add(contribution, sign)
    for (const { minute, count } of contribution.calculations) {
      if (minute < this.#since) continue
      const counts = this.#minutes.get(minute) ?? new Map()
      this.#minutes.set(minute, counts)
      const states = counts.get(tally) ?? { initial: 0, loaded: 0, error: 0 }
      counts.set(tally, states)
      states[contribution.state] += sign * count
    }
  }

  /** Drops the minutes that no summary shows any more. */
  #keepMinutes(): void {
    const now = this.clock()
    const minute = Math.floor(now.getTime() / minuteMs)
    if (minute === this.#minute) return
    this.#minute = minute
    this.#since = firstMinute(timestamp(now))
    for (const known of this.#minutes.keys()) if (known < this.#since) this.#minutes.delete(known)
  }

  /** Returns the tallies of a session. Creates missing ones while there is room. */
  #of(mentor_id: string, organisation_id: string | null): Tally[] {
    const tallies = [this.#all]
    const organisation = this.#organisations.get(organisation_id) ?? this.#grown(this.#organisations, organisation_id)
    if (organisation) tallies.push(organisation)
    let mentor = this.#mentors.get(mentor_id)
    if (!mentor && this.#isRoom()) {
      mentor = { tally: new Tally(), organisation_id }
      this.#mentors.set(mentor_id, mentor)
    }
    if (!mentor) return tallies
    tallies.push(mentor.tally)
    if (!mentor.parts && mentor.organisation_id !== organisation_id) mentor.parts = this.#divided(mentor)
    if (!mentor.parts) return tallies
    const part = mentor.parts.get(organisation_id) ?? this.#grown(mentor.parts, organisation_id)
    return part ? [...tallies, part] : tallies
  }

  #isRoom(): boolean {
    this.#isFull ||= this.#groups >= this.bounds.groups
    if (!this.#isFull) this.#groups++
    return !this.#isFull
  }

  #grown<K>(tallies: Map<K, Tally>, key: K): Tally | undefined {
    if (!this.#isRoom()) return undefined
    const tally = new Tally()
    tallies.set(key, tally)
    return tally
  }

  /** Splits a mentor's tally by organisation. Most have one organisation: one tally serves both. */
  #divided({ tally, organisation_id }: Mentor): Map<string | null, Tally> {
    if (!this.#isRoom()) return new Map()
    const copy = tally.copy()
    this.#sums += copy.size
    for (const counts of this.#minutes.values()) {
      const states = counts.get(tally)
      if (states) counts.set(copy, { ...states })
    }
    return new Map([[organisation_id, copy]])
  }

  #forget(mentor_id: string, organisation_id: string | null): void {
    if (this.#isFull) return
    const mentor = this.#mentors.get(mentor_id)
    if (mentor?.tally.count() === 0) {
      this.#mentors.delete(mentor_id)
      this.#groups -= 1 + (mentor.parts?.size ?? 0)
    }
    if (this.#organisations.get(organisation_id)?.count() === 0) {
      this.#organisations.delete(organisation_id)
      this.#groups--
    }
  }

  /** Returns the tally of a filter's mentor and organisation. Undefined if the store must be asked. */
  of({ mentor_id, organisation_id }: Filter): Tally | undefined {
    if (mentor_id === undefined) {
      return organisation_id === undefined ? this.#all : this.#known(this.#organisations.get(organisation_id))
    }
    const mentor = this.#mentors.get(mentor_id)
    return this.#known(mentor && (organisation_id === undefined ? mentor.tally : partOf(mentor, organisation_id)))
  }

  #known(tally: Tally | undefined): Tally | undefined {
    return tally ?? (this.#isFull ? undefined : none)
  }

  /** Returns the number of results computed in each of the minutes that a summary shows. */
  calculations(tally: Tally, state?: State): MinuteCount[] {
    this.#keepMinutes()
    const counted: MinuteCount[] = []
    for (const [minute, counts] of this.#minutes) {
      const states = counts.get(tally)
      if (!states) continue
      const of = (name: keyof Tally['states']): number => (state === undefined || state === name ? states[name] : 0)
      counted.push({ minute, count: of('initial') + of('loaded') + of('error') })
    }
    return counted
  }

  /**
   * Returns the mentors with sessions, in an organisation if one is given.
   * Undefined if the bound on tallies was reached.
   */
  mentors(organisation_id: string | null | undefined): Iterable<[string, Tally]> | undefined {
    if (this.#isFull) return undefined
    const mentors = this.#mentors
    // Iterates over a copy of the ids, so that a mentor that is removed and added again is not visited twice.
    const ids = [...mentors.keys()]
    return (function* (): Generator<[string, Tally]> {
      for (const id of ids) {
        const mentor = mentors.get(id)
        const tally = mentor && (organisation_id === undefined ? mentor.tally : partOf(mentor, organisation_id))
        if (tally) yield [id, tally]
      }
    })()
  }

  /**
   * Returns the organisations with sessions, of a mentor if one is given. Sessions without an organisation have id
   * null.
   * Undefined if the bound on tallies was reached.
   */
  organisations(mentor_id: string | undefined): Iterable<[string | null, Tally]> | undefined {
    if (this.#isFull) return undefined
    if (mentor_id === undefined) return [...this.#organisations]
    const mentor = this.#mentors.get(mentor_id)
    return mentor ? [...(mentor.parts ?? [[mentor.organisation_id, mentor.tally] as const])] : []
  }
}

const none = new Tally()

function partOf(mentor: Mentor, organisation_id: string | null): Tally | undefined {
  if (mentor.parts) return mentor.parts.get(organisation_id)
  return mentor.organisation_id === organisation_id ? mentor.tally : undefined
}
