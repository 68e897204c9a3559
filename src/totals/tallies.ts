import type { Filter } from '../db/store'
import type { State } from '../domain/session'
import { firstMinute, type MinuteCount, type Standing } from '../domain/standing'
import { minuteMs, timestamp } from '../domain/timestamp'
import { Tally } from './tally'

/** Whose sessions are told apart, and how many sums are kept of them all. */
export interface Bounds {
  /** Mentors, organisations, and mentors in each of several organisations, together. */
  groups: number
  /** By currency, and by currency and month, of each of those. A session's result is in eight of them at most. */
  sums: number
}

const groupsKept = 250_000
const sumsKept = 4_000_000
export const usualBounds: Bounds = { groups: groupsKept, sums: sumsKept }

interface Mentor {
  tally: Tally
  /** The organisation of all its sessions, where they have but one. */
  organisation_id: string | null
  /** By organisation, where they have several; those beyond the bound are missing. */
  parts?: Map<string | null, Tally>
}

type MinuteCounts = Map<Tally, Tally['states']>

/** What sessions come to: all of them, those of each mentor and of each organisation, and of a mentor in an organisation. */
export class Tallies {
  readonly #all = new Tally()
  readonly #mentors = new Map<string, Mentor>()
  readonly #organisations = new Map<string | null, Tally>()
  /** By minute, of those that a summary shows. */
  readonly #minutes = new Map<string, MinuteCounts>()
  #groups = 0
  #sums = 0
  /** Since when there were more than the bound, nobody who is not known is told apart: part of their sessions would be missing. */
  #isFull = false
  #minute = 0
  #since = ''

  constructor(
    readonly clock: () => Date,
    readonly bounds: Bounds,
  ) {}

  /** More is to be kept than may be. */
  get isOver(): boolean {
    return this.#sums > this.bounds.sums
  }

  /** A session adds `after` from now on and not `before`. */
  change(mentor_id: string, organisation_id: string | null, before: Standing | null, after: Standing | null): void {
    this.#keepMinutes()
    for (const tally of this.#of(mentor_id, organisation_id)) {
      const size = tally.size
      if (before) this.#add(tally, before, -1)
      if (after) this.#add(tally, after, 1)
      this.#sums += tally.size - size
    }
    if (!after) this.#forget(mentor_id, organisation_id)
  }

  #add(tally: Tally, standing: Standing, sign: 1 | -1): void {
    tally.add(standing, sign)
    for (const { minute, count } of standing.calculations) {
      if (minute < this.#since) continue
      const counts = this.#minutes.get(minute) ?? new Map()
      this.#minutes.set(minute, counts)
      const states = counts.get(tally) ?? { initial: 0, loaded: 0, error: 0 }
      counts.set(tally, states)
      states[standing.state] += sign * count
    }
  }

  /** Forgets the minutes that no summary shows any more. */
  #keepMinutes(): void {
    const now = this.clock()
    const minute = Math.floor(now.getTime() / minuteMs)
    if (minute === this.#minute) return
    this.#minute = minute
    this.#since = firstMinute(timestamp(now))
    for (const known of this.#minutes.keys()) if (known < this.#since) this.#minutes.delete(known)
  }

  /** The tallies that a session is in, with those that it is the first of. */
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

  /** A mentor's sessions are in one organisation as a rule: then its tally is that of the two. */
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

  /** The tally of whom a filter names; undefined where it is not kept. */
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

  /** How many results were computed in the minutes that a summary shows. */
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

  /** The mentors that have sessions, in the organisation if one is named; undefined where not all are told apart. */
  mentors(organisation_id: string | null | undefined): Iterable<[string, Tally]> | undefined {
    if (this.#isFull) return undefined
    const mentors = this.#mentors
    // As many as there are now: one that goes and comes back meanwhile is not met again.
    const ids = [...mentors.keys()]
    return (function* (): Generator<[string, Tally]> {
      for (const id of ids) {
        const mentor = mentors.get(id)
        const tally = mentor && (organisation_id === undefined ? mentor.tally : partOf(mentor, organisation_id))
        if (tally) yield [id, tally]
      }
    })()
  }

  /** The organisations that have sessions, of a mentor if one is named, and null for those of none; undefined as for mentors. */
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
