import { setTimeout as wait } from 'node:timers/promises'
import { RepeatedJob } from '../../concurrency/repeated-job'
import { yieldToEventLoop } from '../../concurrency/scheduler'
import type { Position } from '../../db/store'
import { firstMinute } from '../../domain/contribution'
import { timestamp } from '../../domain/timestamp'
import { type CheckpointHeader, ChunkWriter, checksumOf, chunkBytes, headerOf } from './checkpoint'
import { type CheckpointOptions, layoutOf, type Restored, refusalOf } from './checkpoint-reading'
import type { Projection } from './projection'
import type { BegunCheckpoint } from './store'

/**
 * Interval in ms at which a process checks whether a checkpoint is due, and the fraction by which the interval varies.
 */
const checkEveryMs = 60_000
const checkJitter = 0.3
/**
 * Minimum number of commits after the last checkpoint before a new one is due. If fewer commits follow the last
 * checkpoint, a starting process reads them quickly enough.
 */
const fewCommits = 1_000
/**
 * A checkpoint is due when the number of commits since the last one reaches this fraction of the number of sessions. At
 * this rate, checkpoints add little to the amount of data that the commits write.
 */
const dueShare = 0.05
/** Time in ms after which a single commit suffices to make a checkpoint due, because the log drops old commits. */
const dueAfterMs = 6 * 3_600_000
/** Time in ms that taking a snapshot is allowed to use per event-loop turn, and the pause in ms after each chunk. */
const sliceMs = 1
const chunkPauseMs = 20
/**
 * Maximum time in ms that a checkpoint waits for the log to report all commits that the projection includes, and the
 * interval in ms at which it checks the log's position. On an idle MongoDB, a projection that was just filled is ahead
 * of the log, until the next write to the database.
 */
const reportedWaitMs = 2_000
const reportedCheckMs = 20

/**
 * Writes checkpoints of a projection when they are due and when the server stops. Takes snapshots in time slices that
 * yield to the event loop.
 */
export class Checkpoints {
  readonly #job: RepeatedJob
  /**
   * The last checkpoint. `commits` is the number of commits that the projection had received when the checkpoint was
   * written.
   */
  #last: { commits: number; position: Position; at: number } | undefined
  /** Aborts the checkpoint in progress. */
  #writing: AbortController | undefined

  constructor(
    readonly options: CheckpointOptions,
    readonly projection: Projection,
  ) {
    this.#job = new RepeatedJob({
      run: signal => this.#writeIfDue(dueShare, signal),
      everyMs: checkEveryMs,
      jitter: checkJitter,
      failed: error => this.#failed(error),
    })
  }

  #failed(error: unknown): void {
    this.options.log.warn({ err: error }, 'writing a totals checkpoint failed, retrying')
  }

  /**
   * Records the checkpoint from which the projection was filled. `since` is the number of commits after the checkpoint.
   */
  restored({ position, at }: Pick<Restored, 'position' | 'at'>, since: number): void {
    this.#last = { commits: this.projection.commits - since, position, at }
  }

  /**
   * Abandons the checkpoint in progress, because an erasure drops all checkpoints. After an erasure, a new checkpoint
   * is due.
   */
  abandon(): void {
    this.#writing?.abort()
    this.#last = undefined
  }

  async #writeIfDue(share: number, signal?: AbortSignal): Promise<void> {
    const { tallies } = this.projection
    if (!tallies) return
    const stored = await this.options.store.totals.readCheckpoint()
    if (!stored) this.#last = undefined
    else if (this.#isNewer(stored.header)) return
    if (this.#isDue(tallies.of({}).count(), share)) await this.write(signal)
  }

  #isDue(sessions: number, share: number): boolean {
    const { commits, head } = this.projection
    if (!this.#last) return Math.max(sessions, commits) >= fewCommits
    if (commits - this.#last.commits >= Math.max(fewCommits, share * sessions)) return true
    return head > this.#last.position && Date.now() - this.#last.at > dueAfterMs
  }

  /**
   * Returns whether this checkpoint, which another process has written, is newer than the last known checkpoint.
   * Records a newer checkpoint as the last known checkpoint.
   */
  #isNewer(header: CheckpointHeader): boolean {
    const { position, at } = header
    if (refusalOf(header, this.options) || position <= (this.#last?.position ?? '')) return false
    this.#last = { commits: this.projection.commits, position, at }
    return true
  }

  /**
   * Writes a checkpoint now. Returns whether writing the checkpoint succeeded. If a signal is given, pauses after
   * writing each chunk.
   */
  async write(signal?: AbortSignal): Promise<boolean> {
    if (this.#writing) return false
    const writing = new AbortController()
    this.#writing = writing
    try {
      const begun = await this.options.store.totals.beginCheckpoint()
      if (!begun) return false
      const isWanted = (): boolean => !signal?.aborted && !writing.signal.aborted
      return await this.#writeSnapshot(begun, isWanted, signal ? chunkPauseMs : 0)
    } finally {
      this.#writing = undefined
    }
  }

  async #writeSnapshot({ id, erased }: BegunCheckpoint, isWanted: () => boolean, pauseMs: number): Promise<boolean> {
    const { totals } = this.options.store
    const writer = new ChunkWriter()
    await this.#untilReported(erased, isWanted)
    const { commits, head } = this.projection
    const snapshot = head >= erased ? this.projection.snapshot(writer.add) : undefined
    const chunks: number[] = []
    let isComplete = false
    try {
      if (!snapshot) return false
      for (let isOver = false; !isOver; ) {
        isOver = await fill(writer, snapshot.steps)
        if (writer.isFull) throw new Error('too many changes are waiting for the store')
        const chunk = await writer.take()
        if (!isWanted() || !(await totals.addChunk(id, chunks.length, chunk))) return false
        chunks.push(checksumOf(chunk))
        if (!isOver && pauseMs > 0) await wait(pauseMs, undefined, { ref: false })
      }
      if (!isWanted()) return false
      const header = this.#headerOf(snapshot.position, chunks)
      isComplete = await totals.completeCheckpoint(id, header)
      if (isComplete) this.#last = { commits, position: header.position, at: header.at }
      return isComplete
    } finally {
      snapshot?.end()
      if (!isComplete) await totals.dropCheckpoints(id)
    }
  }

  /** Waits for the log to report an erasure, and all commits that the projection includes. */
  async #untilReported(erased: Position, isWanted: () => boolean): Promise<void> {
    const { projection } = this
    const isReported = (): boolean => projection.head >= projection.latest && projection.head >= erased
    const until = performance.now() + reportedWaitMs
    while (!isReported() && isWanted() && performance.now() < until) await wait(reportedCheckMs)
  }

  #headerOf(position: Position, chunks: number[]): CheckpointHeader {
    const { store, bounds, clock } = this.options
    const { identity } = store
    // The snapshot's last pieces no longer contain calculations from before this minute.
    const since = firstMinute(timestamp(clock()))
    return headerOf({ layout: layoutOf(bounds), identity, position, since, at: Date.now(), chunks })
  }

  end(): void {
    void this.#job.end()
    this.#writing?.abort()
  }

  /**
   * Writes a final checkpoint, unless so few commits follow the last checkpoint that a starting process reads them
   * quickly.
   */
  async writeLast(): Promise<void> {
    await this.#job.end()
    await this.#writeIfDue(0).catch(error => this.#failed(error))
  }
}

/**
 * Runs a snapshot's steps in time slices, until they have produced enough pieces for a chunk. Returns true if the
 * snapshot has no steps left.
 */
async function fill(writer: ChunkWriter, steps: Iterator<void>): Promise<boolean> {
  for (let began = performance.now(); writer.bytes < chunkBytes; ) {
    if (steps.next().done) return true
    if (performance.now() - began < sliceMs) continue
    await yieldToEventLoop()
    began = performance.now()
  }
  return false
}
