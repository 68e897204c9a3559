import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { runLater } from '../../concurrency/scheduler'
import type { Entry, Position, Store } from '../../db/store'
import type { Commit } from '../../domain/commit'
import { erasedMentor } from '../../domain/erasure'
import { HistoryGone } from '../../domain/errors'
import type { AddPiece } from './checkpoint'
import { CheckpointRefused, type Refusal, type Restored, readCheckpoint } from './checkpoint-reading'
import { Labels } from './labels'
import { Steps, turn } from './steps'
import { type Bounds, Tallies } from './tallies'

/** Number of sessions that one step of filling reads. */
const sessionsPerStep = 1_000
const fillingRetryMs = 500
/** Number of commits that one step of catching up reads after a checkpoint. */
const commitsPerStep = 1_000
/** Pause in ms before the log is read again, because a new primary does not know yet all commits that it has. */
const catchUpPauseMs = 20
/** Maximum factor of the pause before another filling. The pause doubles while the totals still don't fit. */
const longestPause = 16

/** Sessions of one step, as of its position: from the previous step's last id up to `last` (null: up to the end). */
interface Part {
  last: string | null
  position: Position
}

export interface ProjectionOptions {
  store: Store
  log: Logger
  clock: () => Date
  bounds: Bounds
  /** Called when the totals were filled from a checkpoint, with the number of commits since. */
  restored?: (restored: Restored, commits: number) => void
  /** Called when a commit changes the totals, and without a commit when all totals may have changed. */
  changed: (commit?: Commit) => void
}

export const totalsStates = ['kept', 'filling', 'given_up'] as const
export type TotalsState = (typeof totalsStates)[number]

/** A snapshot of the projection. Its steps add the pieces, in any number of turns. */
export interface Snapshot {
  position: Position
  steps: Iterator<void>
  end(): void
}

/**
 * In-memory projection of the totals and labels, as of the latest position that the log has reported. At a start, it is
 * filled from a checkpoint and the log after it. If no checkpoint can be used, or after a gap, it is filled from the
 * sessions in steps. Each step reads its sessions as of its own position. Later commits are applied to the sessions
 * that were already read.
 */
export class Projection {
  #tallies: Tallies
  #labels: Labels
  /** Steps read so far, ordered by id. Dropped once the log has passed all of their positions. */
  #parts: Part[] = []
  #filledUpTo: string | null = ''
  /** The latest position of these steps. */
  #latest: Position = ''
  /** Once the log has reported everything up to this position, all sessions are as of the log's position. */
  #settled: Position = ''
  /** Commits reported while a step is being read. The step may or may not include them. */
  #meanwhile: Entry[] | undefined
  #filling = 0
  #state: TotalsState = 'filling'
  /** Whether a bound was reached since the filling started. If so, some or all totals are missing. */
  #isFull = false
  /** Whether a tally or sum may have become empty since. */
  #mayFit = false
  /** True while the store computes pushed summaries: after the projection gave up, until it is filled again. */
  #isReplaced = false
  /** Time from reaching a bound until the next filling. */
  #pauseMs: number
  /** Earliest time of the next filling. */
  #refillAt = 0
  #refillTimer: NodeJS.Timeout | undefined
  #ended = false
  /** Position of the last reported commit. */
  #last: Position = ''
  head: Position = ''
  /** Number of commits received. */
  commits = 0
  /** Time of the first reset. */
  #startedAt = 0
  /** What the totals are filled from at the start: the checkpoint, or all sessions because it was refused. */
  source: 'checkpoint' | Refusal | undefined
  /** Time from the first reset until the totals were filled, in ms. */
  filledMs: number | undefined

  constructor(readonly options: ProjectionOptions) {
    const { clock, bounds } = options
    this.#tallies = new Tallies(clock, bounds)
    this.#labels = new Labels(bounds.labelBytes)
    this.#pauseMs = bounds.refillMs
  }

  /** The tallies. Undefined while they do not match a position of the log. */
  get tallies(): Tallies | undefined {
    return this.#state === 'kept' ? this.#tallies : undefined
  }

  /** The labels, as of the same position. */
  get labels(): Labels {
    return this.#labels
  }

  get state(): TotalsState {
    return this.#state
  }

  /** Whether subscribers wait until the projection is filled. */
  get isAwaited(): boolean {
    return this.#state === 'filling' && !this.#isReplaced
  }

  /** Fills the projection again, because the log continues after a position and earlier commits are unknown. */
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
    if (this.#isFull && mayEmpty(entry.commit)) {
      this.#mayFit = true
      this.#refillLater()
    }
    if (this.#isReplaced) this.options.changed(entry.commit)
    if (this.#state === 'given_up') return
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
   * Begins a snapshot as of the present position. Returns undefined while totals are missing, or include commits that
   * the log has not reported yet.
   */
  snapshot(addPiece: AddPiece): Snapshot | undefined {
    if (this.#state !== 'kept' || this.#isFull || this.head < this.#latest) return undefined
    const [tallies, labels] = [this.#tallies, this.#labels]
    return {
      position: this.head,
      steps: inOrder(tallies.snapshot(addPiece), labels.snapshot(addPiece)),
      end() {
        tallies.endSnapshot()
        labels.endSnapshot()
      },
    }
  }

  end(): void {
    clearTimeout(this.#refillTimer)
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

  #add({ commit, label }: Entry): void {
    const { former, contribution } = commit
    const { before, after } = contribution
    if (former) this.#labels.set({ ...commit, ...former }, null)
    this.#labels.set(commit, after, label)
    this.#tallies.change(commit, before, after, former)
    this.#checkBounds()
    if (this.#state === 'kept') this.options.changed(commit)
  }

  #settle(): void {
    if (this.#state !== 'filling' || this.#filledUpTo !== null || this.head < this.#settled) return
    this.#state = 'kept'
    this.filledMs ??= performance.now() - this.#startedAt
    this.#isReplaced = false
    if (this.#isFull) this.#refillLater()
    else this.#pauseMs = this.options.bounds.refillMs
    this.options.changed()
  }

  #checkBounds(): void {
    if (this.#tallies.exceedsBounds) this.#giveUp()
    else if (this.#tallies.isFull && !this.#isFull) {
      this.options.log.warn('totals exceed the memory limit, reading some from the store')
      this.#becomeFull()
    }
  }

  #giveUp(): void {
    this.options.log.warn('totals exceed the memory limit, reading them from the store')
    this.#empty()
    this.#state = 'given_up'
    this.#isReplaced = true
    this.#becomeFull()
    this.options.changed()
  }

  #becomeFull(): void {
    this.#isFull = true
    this.#refillAt = performance.now() + this.#pauseMs
  }

  /** Schedules another filling for the end of the pause, if there may be room again. */
  #refillLater(): void {
    if (!this.#mayFit || this.#state === 'filling') return
    this.#refillTimer ??= setTimeout(() => this.#refill(), Math.max(0, this.#refillAt - performance.now())).unref()
  }

  /** Drops the tallies first, so that memory never holds them twice. Meanwhile, the store computes the sums. */
  #refill(): void {
    this.options.log.info('filling the totals again, because sessions were closed or changed')
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPause * this.options.bounds.refillMs)
    this.#empty()
    this.#isReplaced = true
    void this.#fill(this.#filling)
  }

  #empty(): void {
    this.#filling++
    clearTimeout(this.#refillTimer)
    this.#refillTimer = undefined
    this.#state = 'filling'
    this.#isFull = false
    this.#mayFit = false
    this.#isReplaced = false
    this.#tallies = new Tallies(this.options.clock, this.options.bounds)
    this.#labels = new Labels(this.options.bounds.labelBytes)
    this.#parts = []
    this.#filledUpTo = ''
    this.#latest = ''
    this.#settled = ''
    this.#meanwhile = undefined
  }

  /** Fills the projection from a checkpoint and the log after it, or else from all sessions. */
  async #start(filling: number): Promise<void> {
    const { log, store } = this.options
    const isCurrent = (): boolean => filling === this.#filling
    // Commits that the log reports in the same turn as the reset must come before the first step.
    await wait(0, undefined, { ref: false })
    try {
      const restored = await readCheckpoint(this.options)
      if (!isCurrent()) return
      this.#tallies = restored.tallies
      this.#labels = restored.labels
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

  /** Applies the log after a checkpoint. Returns the number of commits. */
  async #catchUp(position: Position, isCurrent: () => boolean): Promise<number> {
    const { store } = this.options
    const steps = new Steps()
    let commits = 0
    let latest = position
    for (let from = position; ; ) {
      // The log may have reported this position without the commits before it.
      const { head } = this
      this.#meanwhile = []
      const { entries, next } = await store.log.history(from, commitsPerStep)
      for (const entry of entries) {
        if (!isCurrent()) return commits
        if (isErased(entry.commit)) throw new CheckpointRefused('erased')
        this.#add(entry)
        latest = entry.position
        if (steps.endTurn(0)) await turn()
      }
      if (!isCurrent()) return commits
      commits += entries.length
      if (next >= head) {
        // The commits reported since the read began.
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
    // Commits that the log reports in the same turn as the reset must come before the first step.
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
    // A new primary may not know yet that all reported commits are durable.
    if (position < last) throw new Error('the totals were read as of an earlier position than the log')
    const steps = new Steps()
    for (const session of sessions) {
      const { contribution, label } = session
      this.#tallies.change(session, null, contribution)
      this.#labels.set(session, contribution, label)
      if (!steps.endTurn(0)) continue
      await turn()
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

function* inOrder(...all: Iterator<void>[]): Generator<void> {
  for (const steps of all) while (!steps.next().done) yield
}

/** Refusals after which the checkpoint stays: another process may use it. */
const keptRefusals: ReadonlySet<Refusal> = new Set(['missing', 'other_layout', 'clock', 'failed'])

function reasonOf(error: unknown): Refusal {
  if (error instanceof CheckpointRefused) return error.reason
  if (error instanceof HistoryGone) return error.reason === 'expired' ? 'expired' : 'other_log'
  return 'failed'
}

/** Whether the log retains only a part of a commit, so that its contribution is unknown. */
const isErased = ({ mentor_id, former }: Commit): boolean =>
  mentor_id === erasedMentor || former?.mentor_id === erasedMentor

/** Whether a commit may empty a tally or a sum: by a close, a reassignment, or a result in other sums. */
function mayEmpty({ former, contribution: { before, after } }: Commit): boolean {
  if (!before || !after || former) return before !== null
  const [from, to] = [before.result, after.result]
  if (!from) return false
  return before.state !== after.state || from.currency !== to?.currency || from.month !== to.month
}
