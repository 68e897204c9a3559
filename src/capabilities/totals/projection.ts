import { setTimeout as wait } from 'node:timers/promises'
import { runLater, yieldToEventLoop } from '../../concurrency/scheduler'
import type { Entry, Position } from '../../db/store'
import type { Commit } from '../../domain/commit'
import { erasedMentor } from '../../domain/erasure'
import { HistoryGone } from '../../domain/errors'
import type { AddPiece } from './checkpoint'
import {
  type CheckpointOptions,
  CheckpointRefused,
  type Refusal,
  type Restored,
  readCheckpoint,
} from './checkpoint-reading'
import { Steps } from './steps'
import { Tallies } from './tallies'

/** Number of sessions read per step when the projection is filled from the sessions. */
const sessionsPerStep = 1_000
const fillingRetryMs = 500
/** Number of commits read per step when the projection catches up with the log after a checkpoint. */
const commitsPerStep = 1_000
/**
 * Pause in ms before the projection reads the log again. The pause is needed after a failover, when the new primary may
 * not serve all commits yet.
 */
const catchUpPauseMs = 20
/**
 * A completed step of a filling, which has read sessions as of a log position. The step has read the sessions whose ids
 * follow the previous step's `last`, up to and including its own `last`. If `last` is null, the step has read all
 * remaining sessions.
 */
interface Part {
  last: string | null
  position: Position
}

interface ProjectionOptions extends CheckpointOptions {
  /** Called when the totals have been filled from a checkpoint and from the `commits` commits after it. */
  restored?: (restored: Restored, commits: number) => void
  /**
   * Called with each commit that changes the totals. `changed` is called without a commit if all totals may have
   * changed.
   */
  changed: (commit?: Commit) => void
}

export const totalsStates = ['kept', 'filling', 'exceeded'] as const
export type TotalsState = (typeof totalsStates)[number]

/**
 * A projection snapshot that is being taken. Each of the snapshot's steps adds a piece, and the steps can be spread
 * over any number of event-loop turns.
 */
export interface Snapshot {
  position: Position
  steps: Iterator<void>
  end(): void
}

/**
 * In-memory projection of the totals, as of the latest position that the log has reported. When the process
 * starts, the projection is filled from a checkpoint and the commits after it. If no checkpoint is usable, or after a
 * gap, the projection is filled from the stored sessions in steps. Each step reads its sessions as of its own log
 * position. Commits after a step's position are applied to the sessions that the step has read.
 */
export class Projection {
  #tallies: Tallies
  /**
   * Completed steps, ordered by id. The list of steps is cleared once the log has passed the positions of all steps.
   */
  #parts: Part[] = []
  #filledUpTo: string | null = ''
  /** The latest of the completed steps' log positions. */
  #latest: Position = ''
  /** Once the log has reported all commits up to this position, the projection's content matches the log's position. */
  #settled: Position = ''
  /**
   * Commits that the log has reported during the current step. The sessions that the step reads may or may not reflect
   * these commits.
   */
  #meanwhile: Entry[] | undefined
  #filling = 0
  #state: TotalsState = 'filling'
  /** Resolved once the projection is filled or has exceeded its bounds. */
  #filled = Promise.withResolvers<void>()
  #refillTimer: NodeJS.Timeout | undefined
  #ended = false
  /** Position of the last reported commit. */
  #last: Position = ''
  head: Position = ''
  /** Number of commits received from the log. */
  commits = 0
  /** Time of the first `reset` call, as a value of `performance.now()`. */
  #startedAt = 0
  /** Source of the first filling: a checkpoint, or the reason why all sessions were read instead. */
  source: 'checkpoint' | Refusal | undefined
  /** Time in ms from the first `reset` call to the end of the first filling. */
  filledMs: number | undefined

  constructor(readonly options: ProjectionOptions) {
    const { clock, bounds } = options
    this.#tallies = new Tallies(clock, bounds)
  }

  /** The tallies. Undefined unless the tallies include exactly the commits up to one log position. */
  get tallies(): Tallies | undefined {
    return this.#state === 'kept' ? this.#tallies : undefined
  }

  get state(): TotalsState {
    return this.#state
  }

  /** Latest log position whose commits the projection includes. The log may not have reported it yet (see `head`). */
  get latest(): Position {
    return this.#latest
  }

  /** Resolves once the projection is filled or has exceeded its bounds. */
  get filled(): Promise<void> {
    return this.#filled.promise
  }

  /** Fills the projection again. The log reports all commits after `position`, but may have missed earlier commits. */
  reset(position: Position): void {
    this.head = position
    this.#empty()
    if (this.#ended) return
    this.#startedAt ||= performance.now()
    if (this.filledMs === undefined) void this.#start(this.#filling)
    else void this.#fill(this.#filling)
  }

  append(entry: Entry): void {
    this.head = this.#last = entry.position
    this.commits++
    if (this.#state === 'exceeded') return
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

  /**
   * Begins a snapshot as of the current log position. Returns undefined if there are no tallies, or if the tallies
   * include commits that the log has not reported yet.
   */
  snapshot(addPiece: AddPiece): Snapshot | undefined {
    if (this.#state !== 'kept' || this.head < this.#latest) return undefined
    const tallies = this.#tallies
    return { position: this.head, steps: tallies.snapshot(addPiece), end: () => tallies.endSnapshot() }
  }

  end(): void {
    clearTimeout(this.#refillTimer)
    this.#ended = true
    this.#filling++
  }

  /** Returns the log position as of which a session was read. */
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
    const { before, after } = commit.contribution
    this.#tallies.change(commit, before, after, commit.former)
    this.#checkBounds()
    if (this.#state === 'kept') this.options.changed(commit)
  }

  #settle(): void {
    if (this.#state !== 'filling' || this.#filledUpTo !== null || this.head < this.#settled) return
    this.#state = 'kept'
    this.filledMs ??= performance.now() - this.#startedAt
    this.#filled.resolve()
    this.options.changed()
  }

  /** If the totals exceed a bound, drops them. Fills the projection again later, because sessions may be closed. */
  #checkBounds(): void {
    if (!this.#tallies.exceedsBounds) return
    this.options.log.warn('totals exceed the memory limit')
    this.#empty()
    this.#state = 'exceeded'
    this.#refillTimer = setTimeout(() => {
      this.#empty()
      void this.#fill(this.#filling)
    }, this.options.bounds.refillMs).unref()
    this.#filled.resolve()
    this.options.changed()
  }

  #empty(): void {
    this.#filling++
    clearTimeout(this.#refillTimer)
    if (this.#state !== 'filling') this.#filled = Promise.withResolvers()
    this.#state = 'filling'
    this.#tallies = new Tallies(this.options.clock, this.options.bounds)
    this.#parts = []
    this.#filledUpTo = ''
    this.#latest = ''
    this.#settled = ''
    this.#meanwhile = undefined
  }

  /**
   * Fills the projection from a checkpoint and the commits after it. If no checkpoint is usable, fills the projection
   * from all sessions.
   */
  async #start(filling: number): Promise<void> {
    const { log, store } = this.options
    const isCurrent = (): boolean => filling === this.#filling
    // Wait, because commits that the log reports in the same event-loop turn as the reset must come before the first
    // step.
    await wait(0, undefined, { ref: false })
    try {
      const restored = await readCheckpoint(this.options)
      if (!isCurrent()) return
      this.#tallies = restored.tallies
      const commits = await this.#catchUp(restored.position, isCurrent)
      if (!isCurrent()) return
      this.source = 'checkpoint'
      this.options.restored?.(restored, commits)
      log.info({ commits }, 'totals filled from a checkpoint')
    } catch (error) {
      if (!isCurrent()) return
      const reason = reasonOf(error)
      this.source = reason
      const details = { reason, ...(reason === 'failed' && { err: error }) }
      log[reason === 'missing' ? 'info' : 'warn'](details, 'filling the totals from all sessions')
      this.#empty()
      void this.#fill(this.#filling)
      if (!keptRefusals.has(reason)) await store.totals.dropCheckpoints().catch(() => {})
    }
  }

  /** Applies all commits after a checkpoint's position, and returns their number. */
  async #catchUp(position: Position, isCurrent: () => boolean): Promise<number> {
    const { store } = this.options
    const steps = new Steps()
    let commits = 0
    let latest = position
    for (let from = position; ; ) {
      // Read the log up to `head`, because the log may have reported this position without reporting the commits before
      // it.
      const { head } = this
      this.#meanwhile = []
      const { entries, next } = await store.log.history(from, commitsPerStep)
      for (const entry of entries) {
        if (!isCurrent()) return commits
        if (isErased(entry.commit)) throw new CheckpointRefused('erased')
        this.#add(entry)
        latest = entry.position
        if (steps.add(0)) await yieldToEventLoop()
      }
      if (!isCurrent()) return commits
      commits += entries.length
      if (next >= head) {
        // Apply the commits that the log has reported since this step's read began.
        for (const entry of this.#meanwhile) if (isCurrent() && entry.position > next) this.#add(entry)
        break
      }
      if (next === from) await wait(catchUpPauseMs, undefined, { ref: false })
      from = next
    }
    if (!isCurrent()) return commits
    const lastOf = this.#meanwhile.at(-1)?.position ?? ''
    if (lastOf > latest) latest = lastOf
    this.#meanwhile = undefined
    this.#parts = [{ last: null, position: latest }]
    this.#latest = this.#settled = latest
    this.#filledUpTo = null
    this.#settle()
    return commits
  }

  async #fill(filling: number): Promise<void> {
    // Wait, because commits that the log reports in the same event-loop turn as the reset must come before the first
    // step.
    await wait(0, undefined, { ref: false })
    const isCurrent = (): boolean => filling === this.#filling
    while (isCurrent() && this.#filledUpTo !== null) {
      try {
        await this.#step(this.#filledUpTo, isCurrent)
        await new Promise<void>(runLater)
      } catch (error) {
        if (!isCurrent()) return
        this.options.log.warn({ err: error }, 'filling the totals failed, retrying')
        await wait(fillingRetryMs, undefined, { ref: false })
      }
    }
  }

  async #step(after: string, isCurrent: () => boolean): Promise<void> {
    const last = this.#last
    this.#meanwhile = []
    const { sessions, next, position, reached } = await this.options.store.totals.contributions(after, sessionsPerStep)
    if (!isCurrent()) return
    // After a failover, the new primary's snapshot may lack the latest reported commits.
    if (position < last) throw new Error('the totals were read at a position before the last reported commit')
    const steps = new Steps()
    for (const session of sessions) {
      this.#tallies.change(session, null, session.contribution)
      if (!steps.add(0)) continue
      await yieldToEventLoop()
      if (!isCurrent()) return
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
    this.#checkBounds()
    if (next === null) this.#settle()
  }
}

/** Reasons for refusing a checkpoint without dropping it, because another process may be able to use it. */
const keptRefusals: ReadonlySet<Refusal> = new Set(['missing', 'other_layout', 'clock', 'failed'])

function reasonOf(error: unknown): Refusal {
  if (error instanceof CheckpointRefused) return error.reason
  if (error instanceof HistoryGone) return error.reason === 'expired' ? 'expired' : 'other_log'
  return 'failed'
}

/** Whether an erasure has removed data from a commit, so that the commit's contribution to the totals is unknown. */
const isErased = ({ mentor_id, former }: Commit): boolean =>
  mentor_id === erasedMentor || former?.mentor_id === erasedMentor
