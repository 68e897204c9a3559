import { type Contribution, firstMinute, type MinuteCount, summaryMinutes } from '../../domain/contribution'
import { DomainError } from '../../domain/errors'
import type { Filter } from '../../domain/list-query'
import { isInRange } from '../../domain/months'
import type { Owner } from '../../domain/session'
import { minuteMs, timestamp } from '../../domain/timestamp'
import { type AddPiece, pieceKinds, type TallyPiece } from './checkpoint'
import {
  type Groups,
  isAtRest,
  noSessions,
  type OrganisationsOf,
  type Selection,
  type StateCounts,
  Tally,
} from './tally'

/**
 * Bounds of the projection's content. Empty tallies and empty sums do not count towards the bounds, because they are
 * removed.
 */
export interface Bounds {
  /**
   * Maximum number of tallies. Each mentor and each organisation has a tally. A mentor with several organisations also
   * has a tally per organisation.
   */
  groups: number
  /**
   * Maximum number of sums in all tallies. Each tally has sums by currency, and by currency and month. A result is part
   * of at most eight sums.
   */
  sums: number
  /** Time in ms after which the projection is filled again once the totals have exceeded a bound. */
  refillMs: number
}

/**
 * Maximum number of sums that the server reads to answer a query about a range of months. This number suffices for 120
 * months in every currency.
 */
export const sumsPerAnswer = 60_000
/** Maximum number of months for which one minute's calculations are counted separately. */
export const monthsPerMinute = 200

const groupsAtMost = 250_000
const sumsAtMost = 4_000_000
const refillMs = 60 * 60_000
export const defaultBounds: Bounds = { groups: groupsAtMost, sums: sumsAtMost, refillMs }

interface Mentor {
  tally: Tally
  /** The organisation of the mentor's sessions, if they all belong to the same one. */
  organisation_id: string | null
  /** Tallies by organisation, if the mentor has several organisations. */
  parts?: Map<string | null, Tally>
}

type MinuteCounts = Map<Tally, StateCounts>

/** Placeholder for the month of sessions without a current result. */
const noMonth = ''
/** Placeholder for all months beyond `monthsPerMinute`. */
const otherMonths = '*'

export type Grouping = 'mentor_id' | 'organisation_id'

/** Totals of all sessions, per mentor, per organisation, and per mentor within an organisation. */
export class Tallies {
  #all = new Tally()
  readonly #mentors = new Map<string, Mentor>()
  readonly #organisations = new Map<string | null, Tally>()
  /**
   * Calculation counts by minute, then by the month of the session's current result, for the minutes that a summary
   * shows. A tally without calculations has no entry.
   */
  readonly #minutes = new Map<string, Map<string, MinuteCounts>>()
  #groups = 0
  #sums = 0
  #minute = 0
  #since = ''
  /** Number of snapshots begun so far. */
  #snapshots = 0
  /** Receives each piece of the snapshot that is being taken. */
  #addPiece: AddPiece | undefined

  constructor(
    readonly clock: () => Date,
    readonly bounds: Bounds,
  ) {}

  get size(): Pick<Bounds, 'groups' | 'sums'> {
    return { groups: this.#groups, sums: this.#sums }
  }

  get exceedsBounds(): boolean {
    return this.#groups > this.bounds.groups || this.#sums > this.bounds.sums
  }

  /**
   * Replaces a session's contribution to the totals. Removes `before` from the former owner's totals, and adds `after`
   * to the current owner's totals.
   */
  change(owner: Owner, before: Contribution | null, after: Contribution | null, former?: Owner): void {
    if (former) {
      this.change(owner, null, after)
      this.change(former, before, null)
      return
    }
    const { mentor_id, organisation_id } = owner
    if (this.#addPiece) this.#saveBefore(mentor_id, organisation_id)
    this.#dropOldMinutes()
    for (const tally of this.#talliesOf(mentor_id, organisation_id)) {
      const size = tally.size
      // Add the new contribution first, so that no tally is removed because it is empty and then created again.
      if (after) this.#add(tally, after, 1)
      if (before) this.#add(tally, before, -1)
      this.#sums += tally.size - size
    }
    if (!after) this.#removeEmpty(mentor_id, organisation_id)
  }

  #add(tally: Tally, contribution: Contribution, sign: 1 | -1): void {
    tally.add(contribution, sign)
    for (const { minute, count } of contribution.calculations) {
      if (minute < this.#since) continue
      const counts = this.#countsOf(minute, contribution.result?.month ?? noMonth)
      const states = counts.get(tally) ?? { ...noSessions }
      counts.set(tally, states)
      states[contribution.state] += sign * count
      if (states.initial === 0 && states.loaded === 0 && states.error === 0) counts.delete(tally)
    }
  }

  /**
   * Returns the calculation counts for a minute and a month. A month's entry is kept as long as its minute is in
   * `#minutes`.
   */
  #countsOf(minute: string, month: string): MinuteCounts {
    const months = this.#minutes.get(minute) ?? new Map<string, MinuteCounts>()
    this.#minutes.set(minute, months)
    const key = months.has(month) || months.size < monthsPerMinute ? month : otherMonths
    const counts = months.get(key) ?? new Map()
    months.set(key, counts)
    return counts
  }

  /** Drops the minutes that summaries no longer show. */
  #dropOldMinutes(): void {
    const now = this.clock()
    const minute = Math.floor(now.getTime() / minuteMs)
    if (minute === this.#minute) return
    this.#minute = minute
    this.#since = firstMinute(timestamp(now))
    for (const past of this.#minutes.keys()) if (past < this.#since) this.#minutes.delete(past)
  }

  /** Returns the tallies that include a session. Creates tallies that are missing. */
  #talliesOf(mentor_id: string, organisation_id: string | null): Tally[] {
    let organisation = this.#organisations.get(organisation_id)
    if (!organisation) {
      organisation = this.#newTally()
      this.#organisations.set(organisation_id, organisation)
    }
    let mentor = this.#mentors.get(mentor_id)
    if (!mentor) {
      mentor = { tally: this.#newTally(), organisation_id }
      this.#mentors.set(mentor_id, mentor)
    }
    const tallies = [this.#all, organisation, mentor.tally]
    if (!mentor.parts && mentor.organisation_id !== organisation_id) mentor.parts = this.#split(mentor)
    if (!mentor.parts) return tallies
    let part = mentor.parts.get(organisation_id)
    if (!part) {
      part = this.#newTally()
      mentor.parts.set(organisation_id, part)
    }
    return [...tallies, part]
  }

  /** Creates a tally that is not part of the snapshot in progress. */
  #newTally(): Tally {
    const tally = new Tally()
    tally.snapshot = this.#snapshots
    this.#groups++
    return tally
  }

  /**
   * Splits a mentor's tally by organisation, once the mentor has a second organisation. As long as the mentor has only
   * one organisation, the mentor's tally is also the tally of the mentor within that organisation.
   */
  #split({ tally, organisation_id }: Mentor): Map<string | null, Tally> {
    const copy = tally.copy()
    copy.snapshot = this.#snapshots
    this.#groups++
    this.#sums += copy.size
    for (const months of this.#minutes.values()) {
      for (const counts of months.values()) {
        const states = counts.get(tally)
        if (states) counts.set(copy, { ...states })
      }
    }
    return new Map([[organisation_id, copy]])
  }

  /** Removes the tallies that have become empty because a session was closed or reassigned. */
  #removeEmpty(mentor_id: string, organisation_id: string | null): void {
    const mentor = this.#mentors.get(mentor_id)
    this.#removeIfEmpty(this.#organisations, organisation_id, this.#organisations.get(organisation_id))
    if (mentor?.parts) this.#removeIfEmpty(mentor.parts, organisation_id, mentor.parts.get(organisation_id))
    this.#removeIfEmpty(this.#mentors, mentor_id, mentor?.tally)
  }

  #removeIfEmpty<K>(groups: Map<K, unknown>, key: K, tally: Tally | undefined): void {
    if (tally?.count() !== 0) return
    groups.delete(key)
    this.#groups--
  }

  /**
   * Begins a snapshot of the current tallies. Each step of the returned iterator adds one piece to the snapshot. A
   * tally that is about to change is added just before it changes, so all pieces reflect the time of this call.
   */
  snapshot(addPiece: AddPiece): Iterator<void> {
    this.#dropOldMinutes()
    this.#snapshots++
    this.#addPiece = addPiece
    return this.#unsaved()
  }

  endSnapshot(): void {
    this.#addPiece = undefined
  }

  *#unsaved(): Generator<void> {
    this.#save(pieceKinds.all, this.#all)
    for (const [organisation_id, tally] of this.#organisations) {
      this.#save(pieceKinds.organisation, tally, '', organisation_id)
      yield
    }
    for (const [mentor_id, mentor] of this.#mentors) {
      this.#saveMentor(mentor_id, mentor)
      yield
      for (const [organisation_id, tally] of mentor.parts ?? []) {
        this.#save(pieceKinds.part, tally, mentor_id, organisation_id)
        yield
      }
    }
  }

  /** Adds an owner's tallies, which are about to change, to the snapshot in progress. */
  #saveBefore(mentor_id: string, organisation_id: string | null): void {
    this.#save(pieceKinds.all, this.#all)
    const organisation = this.#organisations.get(organisation_id)
    if (organisation) this.#save(pieceKinds.organisation, organisation, '', organisation_id)
    const mentor = this.#mentors.get(mentor_id)
    if (!mentor) return
    this.#saveMentor(mentor_id, mentor)
    const part = mentor.parts?.get(organisation_id)
    if (part) this.#save(pieceKinds.part, part, mentor_id, organisation_id)
  }

  #saveMentor(mentor_id: string, { tally, organisation_id, parts }: Mentor): void {
    this.#save(parts ? pieceKinds.splitMentor : pieceKinds.mentor, tally, mentor_id, organisation_id)
  }

  /**
   * Adds a tally to the snapshot in progress. Does nothing if the snapshot already contains the tally, or began before
   * the tally existed.
   */
  #save(kind: number, tally: Tally, mentor_id = '', organisation_id: string | null = null): void {
    if (tally.snapshot === this.#snapshots) return
    tally.snapshot = this.#snapshots
    const { sessions, states, size } = tally.counts
    const counts = [sessions, states.initial, states.loaded, states.error, size] as const
    this.#addPiece?.([kind, mentor_id, organisation_id, ...counts, this.#minutesOf(tally)], tally.encodedSums())
  }

  /** Returns a tally's calculation counts by minute, month and state, in the form that a checkpoint stores. */
  #minutesOf(tally: Tally): TallyPiece[8] {
    const all: TallyPiece[8] = []
    for (const [minute, months] of this.#minutes) {
      for (const [month, counts] of months) {
        const states = counts.get(tally)
        if (states) all.push([minute, month, states.initial, states.loaded, states.error])
      }
    }
    return all
  }

  /** Adds a tally from a checkpoint. A mentor's tally must be added before its tallies per organisation. */
  restore(piece: TallyPiece, encodedSums: Uint8Array): void {
    const [kind, mentor_id, organisation_id, sessions, initial, loaded, error, size, minutes] = piece
    const tally = Tally.restored({ sessions, states: { initial, loaded, error }, size }, encodedSums)
    tally.snapshot = this.#snapshots
    this.#sums += size
    if (kind === pieceKinds.all) this.#all = tally
    else this.#groups++
    if (kind === pieceKinds.organisation) {
      this.#organisations.set(organisation_id, tally)
    } else if (kind === pieceKinds.part) {
      ;(this.#mentors.get(mentor_id) as Required<Mentor>).parts.set(organisation_id, tally)
    } else if (kind !== pieceKinds.all) {
      const parts = kind === pieceKinds.splitMentor ? { parts: new Map() } : {}
      this.#mentors.set(mentor_id, { tally, organisation_id, ...parts })
    }
    for (const [minute, month, ...counts] of minutes) {
      const months = this.#minutes.get(minute) ?? new Map<string, MinuteCounts>()
      this.#minutes.set(minute, months)
      const states = { initial: counts[0], loaded: counts[1], error: counts[2] }
      months.set(month, (months.get(month) ?? new Map()).set(tally, states))
    }
  }

  /** Returns the tally of a filter's mentor and organisation. */
  of({ mentor_id, organisation_id }: Pick<Filter, 'mentor_id' | 'organisation_id'>): Tally {
    if (mentor_id === undefined) {
      return organisation_id === undefined ? this.#all : (this.#organisations.get(organisation_id) ?? empty)
    }
    const mentor = this.#mentors.get(mentor_id)
    return (mentor && (organisation_id === undefined ? mentor.tally : partOf(mentor, organisation_id))) ?? empty
  }

  /**
   * Returns the number of results computed in each minute that a summary shows. With a range of months, throws
   * `unavailable` if a minute has calculations for too many months to count each month separately.
   */
  calculations(tally: Tally, { state, months }: Selection = {}): MinuteCount[] {
    this.#dropOldMinutes()
    const counted: MinuteCount[] = []
    for (const [minute, byMonth] of this.#minutes) {
      if (months && byMonth.get(otherMonths)?.has(tally)) throw tooManyMonths()
      let count = 0
      for (const [month, counts] of byMonth) {
        if (months && (month === noMonth || !isInRange(months, month))) continue
        const states = counts.get(tally)
        if (!states) continue
        if (state === undefined) count += states.initial + states.loaded + states.error
        else if (isAtRest(state)) count += states[state]
      }
      if (count > 0) counted.push({ minute, count })
    }
    return counted
  }

  /** Returns the tallies of all mentors or organisations that a filter selects. */
  groups(by: Grouping, filter: Filter): Groups {
    const { mentor_id, organisation_id, [by]: id } = filter
    if (id === undefined) return by === 'mentor_id' ? this.mentors(organisation_id) : this.organisations(mentor_id)
    const mentor = by === 'mentor_id' ? this.#mentors.get(String(id)) : undefined
    return [[id, this.of(filter), mentor && (selection => organisationsOf(mentor, organisation_id, selection))]]
  }

  /**
   * Returns the mentors that have sessions. If `organisation_id` is given, returns only mentors in that organisation.
   */
  mentors(organisation_id: string | null | undefined): Groups {
    const mentors = this.#mentors
    // Iterate over a copy of the ids, so that a mentor that is removed and added again is not visited twice.
    const ids = [...mentors.keys()]
    return (function* (): Generator<[string, Tally, OrganisationsOf]> {
      for (const id of ids) {
        const mentor = mentors.get(id)
        const tally = mentor && (organisation_id === undefined ? mentor.tally : partOf(mentor, organisation_id))
        if (tally) yield [id, tally, selection => organisationsOf(mentor, organisation_id, selection)]
      }
    })()
  }

  /**
   * Returns the organisations that have sessions. If `mentor_id` is given, returns only that mentor's organisations. A
   * null id means sessions without an organisation.
   */
  organisations(mentor_id: string | undefined): Groups {
    if (mentor_id === undefined) return [...this.#organisations]
    const mentor = this.#mentors.get(mentor_id)
    return mentor ? [...(mentor.parts ?? [[mentor.organisation_id, mentor.tally] as const])] : []
  }
}

const empty = new Tally()

/** Throws `invalid_query` if the selected months have more than `sumsPerAnswer` sums. */
export function requireFewSums(tally: Tally, { months }: Selection): void {
  if (!months || tally.sumsIn(months) <= sumsPerAnswer) return
  const detail = `must be later: these months have more than ${sumsPerAnswer} sums by month and currency`
  throw new DomainError('invalid_query', { errors: [{ detail, parameter: 'from' }] })
}

const tooManyMonths = (): DomainError =>
  new DomainError('unavailable').withMessage(
    `The results of the last ${summaryMinutes} minutes have too many months to be counted by month. Try again later, or without a range of months.`,
  )

/** Returns the organisations of a mentor's selected sessions. The selection must match at least one session. */
function organisationsOf(
  { parts, organisation_id: only }: Mentor,
  organisation_id: string | null | undefined,
  selection: Selection,
): (string | null)[] {
  if (organisation_id !== undefined) return [organisation_id]
  return parts ? [...parts].flatMap(([id, tally]) => (tally.count(selection) > 0 ? [id] : [])) : [only]
}

function partOf(mentor: Mentor, organisation_id: string | null): Tally | undefined {
  if (mentor.parts) return mentor.parts.get(organisation_id)
  return mentor.organisation_id === organisation_id ? mentor.tally : undefined
}
