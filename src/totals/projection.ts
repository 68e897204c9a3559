import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { runLater } from '../concurrency/scheduler'
import type { Entry, Position, Store } from '../db/store'
import type { Commit } from '../domain/session'
import { type Bounds, Tallies } from './tallies'

/** Number of sessions read in one step of filling. */
const sessionsAStep = 1_000
const fillingRetryMs = 500

/** Sessions of one step, as of its position: ids after the previous step's, up to `last` (null: up to the end). */
interface Part {
  last: string | null
  position: Position
}

export type TotalsState = 'kept' | 'filling' | 'given_up'

/**
 * In-memory projection of the totals, as of the latest position that the log has reported. It is filled from the store
 * in steps. Each step reads its sessions as of its own position. Later commits are applied to sessions that were
 * already read.
 */
export class Projection {
  #tallies: Tallies
  /** Steps read so far, in the order of ids. Dropped once the log has passed all of their positions. */
  #parts: Part[] = []
  #filledUpTo: string | null = ''
  /** The latest position of these steps. */
  #latest: Position = ''
  /** Once the log has reported everything up to here, all sessions are as of the log's position. */
  #settled: Position = ''
  /** Commits reported while a step is read. The step may or may not include them. */
  #meanwhile: Entry[] | undefined
  #filling = 0
  #isReady = false
  /** Whether there is more to hold than the bounds allow. */
  #exceedsBounds = false
  #ended = false
  /** Position of the last commit reported. */
  #last: Position = ''
  /** Position of the log. */
  head: Position = ''

  constructor(
    readonly store: Store,
    readonly log: Logger,
    readonly clock: () => Date,
    readonly bounds: Bounds,
    /** Called when a commit changes the totals. Called without a commit when all totals may have changed. */
    readonly changed: (commit?: Commit) => void,
  ) {
    this.#tallies = new Tallies(clock, bounds)
  }

  /** The tallies. Undefined while they do not match a position of the log. */
  get tallies(): Tallies | undefined {
    return this.#isReady ? this.#tallies : undefined
  }

  get state(): TotalsState {
    if (this.#isReady) return 'kept'
    return this.#exceedsBounds ? 'given_up' : 'filling'
  }

  get isFilling(): boolean {
    return !(this.#isReady || this.#exceedsBounds)
  }

  /** Fills the projection again: the log continues after a position, and earlier commits are unknown. */
  reset(position: Position): void {
    this.head = position
    this.#empty()
    if (!this.#ended) this.#fill(this.#filling)
  }

  append(entry: Entry): void {
    this.head = this.#last = entry.position
    if (this.#exceedsBounds) {
      this.changed(entry.commit)
      return
    }
    const { session_id } = entry.commit
    if (this.#filledUpTo === null && entry.position > this.#latest) this.#parts = []
    if (this.#filledUpTo !== null && session_id > this.#filledUpTo) this.#meanwhile?.push(entry)
    else if (entry.position > this.#partOf(session_id)) this.#add(entry)
    this.#settle()
  }

  advance(position: Position): void {
    if (position > this.head) this.head = position
    this.#settle()
  }

  end(): void {
    this.#ended = true
    this.#filling++
  }

  /** Returns the position as of which a session was read. */
  #partOf(session_id: string): Position {
    let low = 0
    let high = this.#parts.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      const { last } = this.#parts[middle] as Part
      if (last === null || session_id <= last) high = middle
      else low = middle + 1
    }
    return this.#parts[low]?.position ?? ''
  }

  #add({ commit }: Entry): void {
    const { mentor_id, organisation_id, contribution } = commit
    this.#tallies.change(mentor_id, organisation_id, contribution.before, contribution.after)
    if (this.#tallies.exceedsBounds) this.#giveUp()
    else if (this.#isReady) this.changed(commit)
  }

  #settle(): void {
    if (this.#isReady || this.#filledUpTo !== null || this.head < this.#settled) return
    this.#isReady = true
    this.changed()
  }

  #giveUp(): void {
    this.log.warn('totals exceed the memory limit, reading them from the store')
    this.#empty()
    this.#exceedsBounds = true
    this.changed()
  }

  #empty(): void {
    this.#filling++
    this.#isReady = false
    this.#exceedsBounds = false
    this.#tallies = new Tallies(this.clock, this.bounds)
    this.#parts = []
    this.#filledUpTo = ''
    this.#latest = ''
    this.#settled = ''
    this.#meanwhile = undefined
  }

  async #fill(filling: number): Promise<void> {
    // Commits that the log reports in the same turn as the reset must come before the first step.
    await wait(0, undefined, { ref: false })
    const isCurrent = (): boolean => filling === this.#filling
    while (isCurrent() && this.#filledUpTo !== null) {
      try {
        await this.#step(this.#filledUpTo, isCurrent)
        await new Promise<void>(runLater)
      } catch (error) {
        if (!isCurrent()) return
        this.log.warn({ err: error }, 'filling the totals failed, retrying')
        await wait(fillingRetryMs, undefined, { ref: false })
      }
    }
  }

  async #step(after: string, isCurrent: () => boolean): Promise<void> {
    const last = this.#last
    this.#meanwhile = []
    const { sessions, next, position, reached } = await this.store.contributions(after, sessionsAStep)
    if (!isCurrent()) return
    // A new primary may not know yet that all commits reported so far are durable.
    if (position < last) throw new Error('the totals were read as of an earlier position than the log')
    for (const { mentor_id, organisation_id, contribution } of sessions) {
      this.#tallies.change(mentor_id, organisation_id, null, contribution)
    }
    const meanwhile = this.#meanwhile
    this.#meanwhile = undefined
    this.#parts.push({ last: next, position })
    this.#filledUpTo = next
    if (position > this.#latest) this.#latest = position
    if (reached > this.#settled) this.#settled = reached
    for (const entry of meanwhile) {
      const isInStep = next === null || entry.commit.session_id <= next
      if (isCurrent() && isInStep && entry.position > position) this.#add(entry)
    }
    if (this.#tallies.exceedsBounds) this.#giveUp()
    if (next === null) this.#settle()
  }
}
