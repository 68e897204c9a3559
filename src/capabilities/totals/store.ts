import type { Position } from '../../db/store'
import type { Contribution } from '../../domain/contribution'
import type { Origin } from '../../domain/session'
import type { CheckpointHeader } from './checkpoint'

/** A session's owner, with the session's contribution to the totals. */
export interface SessionContribution extends Omit<Origin, 'external_id' | 'created_at'> {
  contribution: Contribution
}

export interface ContributionPage {
  sessions: SessionContribution[]
  /**
   * The last session id that was read. To read the next page, pass this id as `after`. Null if no more sessions follow.
   */
  next: string | null
  position: Position
  reached: Position
}

export interface SessionTotals {
  /**
   * Returns up to `limit` sessions with ids greater than `after`, ordered by id, with their contributions to the totals
   * as of `position`. The contributions include all commits up to `position`, but no later ones.
   *
   * `position` can be compared with commit positions, but is not always a position that `history` accepts. A follower
   * that has received the log up to `reached` has received all included commits. `next` is null if fewer than `limit`
   * sessions remained.
   */
  contributions(after: string, limit: number): Promise<ContributionPage>

  /** Returns the latest complete checkpoint, or null if there is none. */
  readCheckpoint(): Promise<StoredCheckpoint | null>

  /**
   * Returns a chunk of a checkpoint. Returns null if the chunk is missing or damaged, or if the checkpoint was
   * replaced.
   */
  readChunk(id: string, number: number): Promise<Uint8Array | null>

  /** Begins a new checkpoint. Returns null if another process is writing a checkpoint. */
  beginCheckpoint(): Promise<BegunCheckpoint | null>

  /** Adds a chunk to an incomplete checkpoint. Returns false if the checkpoint was dropped. */
  addChunk(id: string, number: number, chunk: Uint8Array): Promise<boolean>

  /**
   * Completes a checkpoint, which replaces all earlier checkpoints at once. Returns false if the checkpoint was dropped
   * before it was complete.
   */
  completeCheckpoint(id: string, header: CheckpointHeader): Promise<boolean>

  /**
   * Drops the checkpoint with this id or, if no id is given, all checkpoints. A dropped checkpoint can no longer be
   * completed.
   */
  dropCheckpoints(id?: string): Promise<void>
}

export interface StoredCheckpoint {
  id: string
  header: CheckpointHeader
}

export interface BegunCheckpoint {
  id: string
  /**
   * A log position that follows all erasures made so far. Checkpoints at or after this position contain no data of
   * erased mentors. Any later erasure drops the new checkpoint.
   */
  erased: Position
}

declare module '../../db/store' {
  interface StoreParts {
    totals: SessionTotals
  }
}
