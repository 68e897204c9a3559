import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Signal } from '../../concurrency/deadline'
import { RepeatedJob } from '../../concurrency/repeated-job'
import type { Commit } from '../../domain/commit'
import { erasedCommit, withoutFormerMentor } from '../../domain/erasure'
import { idempotencyExpiry } from '../../domain/idempotency-record'
import { dayMs, timestamp } from '../../domain/timestamp'
import type { StorePart } from '../store'
import type { EmbeddedFile } from './file'
import type { EmbeddedLog } from './log'
import { everything, inSteps, rowsPerStep, type Scan } from './stepwise-reads'

const pruneEveryMs = 60_000

/** The deletion runs in short steps, so that it does not delay requests. */
export class Pruning {
  readonly #job: RepeatedJob

  constructor(
    readonly file: EmbeddedFile,
    /** Log retention time in days. */
    readonly keepDays: number,
    failed: (error: unknown) => void,
  ) {
    this.#job = new RepeatedJob({ run: signal => this.#prune(signal), everyMs: pruneEveryMs, failed })
  }

  end(): void {
    void this.#job.end()
  }

  async #prune(signal: AbortSignal): Promise<void> {
    const now = new Date()
    while (Math.max(this.#pruneCommits(now), this.#pruneStarts(now), this.#pruneViews(now)) === rowsPerStep) {
      await nextTurn(undefined, { signal })
    }
  }

  #pruneCommits(now: Date): number {
    const before = timestamp(new Date(now.getTime() - this.keepDays * dayMs))
    return this.file.run(
      `DELETE FROM commits WHERE position <= (SELECT max(position) FROM
       (SELECT position, at FROM commits ORDER BY position LIMIT ${rowsPerStep}) WHERE at < ?)`,
      before,
    )
  }

  #pruneStarts(now: Date): number {
    return this.file.run(
      `DELETE FROM starts WHERE key IN (SELECT key FROM starts WHERE at <= ? ORDER BY at LIMIT ${rowsPerStep})`,
      idempotencyExpiry(timestamp(now)),
    )
  }

  #pruneViews(now: Date): number {
    return this.file.run(
      `DELETE FROM views WHERE key IN
       (SELECT key FROM views WHERE expires_at <= ? ORDER BY expires_at LIMIT ${rowsPerStep})`,
      timestamp(now),
    )
  }
}

/** True if the session is closed or not of the mentor (bound parameter). `path` is its id's JSON path in `body`. */
const isGone = (path: string): string =>
  `NOT EXISTS (SELECT 1 FROM sessions WHERE session_id = json_extract(body, '$.${path}') AND mentor_id = ?)`

interface ErasedCommits {
  sql: string
  erased: (commit: Commit) => Commit
}

const commitsOfMentor: ErasedCommits = {
  erased: erasedCommit,
  sql: `SELECT position, body FROM commits INDEXED BY commits_of_mentor
  WHERE json_extract(body, '$.mentor_id') = ? AND position > ? AND +${isGone('session_id')}
  ORDER BY position LIMIT ${rowsPerStep}`,
}
const commitsOfFormerMentor: ErasedCommits = {
  erased: withoutFormerMentor,
  sql: `SELECT position, body FROM commits INDEXED BY commits_of_former_mentor
  WHERE json_extract(body, '$.former') IS NOT NULL AND json_extract(body, '$.former.mentor_id') = ? AND position > ?
    AND +${isGone('session_id')}
  ORDER BY position LIMIT ${rowsPerStep}`,
}

/** Erases a mentor's data, except for open sessions. */
export class Erasure {
  readonly #file: EmbeddedFile
  readonly #log: EmbeddedLog
  readonly #parts: StorePart[]

  constructor(file: EmbeddedFile, log: EmbeddedLog, parts: StorePart[]) {
    this.#file = file
    this.#log = log
    this.#parts = parts
  }

  async eraseMentor(mentor_id: string, signal: Signal): Promise<boolean> {
    const isDone =
      (await this.#deleteStarts(mentor_id, signal)) &&
      (await this.#eraseCommits(commitsOfMentor, mentor_id, signal)) &&
      (await this.#eraseCommits(commitsOfFormerMentor, mentor_id, signal))
    // Once this promise resolves, no follower writes data about the erased commits. The code below deletes the data
    // that followers wrote earlier.
    await this.#log.invalidate()
    this.#eraseAsFormer(mentor_id)
    if (isDone) await Promise.all(this.#parts.map(part => part.eraseMentor?.(mentor_id)))
    // Until a checkpoint, the write-ahead log still contains the erased data.
    this.#file.checkpoint()
    return isDone
  }

  /** Removes the mentor as a former owner of sessions that moved to another mentor. */
  #eraseAsFormer(mentor_id: string): void {
    for (const name of this.#parts.flatMap(({ ofFirstMentor = [] }) => ofFirstMentor))
      this.#file.run(
        `UPDATE sessions SET ${name} = NULL WHERE session_id IN (SELECT session_id FROM former_owners AS first
         WHERE mentor_id = ? AND NOT EXISTS (SELECT 1 FROM former_owners WHERE session_id = first.session_id AND until < first.until))`,
        mentor_id,
      )
    this.#file.run('DELETE FROM former_owners WHERE mentor_id = ?', mentor_id)
  }

  /**
   * Deletes the idempotency records of starts and closes of the mentor's closed sessions. Scans all these records,
   * because no index covers the mentor. There are few of them, because each is stored for only a day.
   */
  async #deleteStarts(mentor_id: string, signal: Signal): Promise<boolean> {
    const scan: Scan = {
      ranges: [{ table: 'starts', index: 'starts_by_age', fixed: everything, order: ['at', 'key'] }],
      rest: {
        where: ["json_extract(body, '$.session.mentor_id') = ?", isGone('session.session_id')],
        values: [mentor_id, mentor_id],
      },
    }
    for await (const rows of inSteps<{ key: string }>(this.#file, scan, { columns: 'key' })) {
      if (signal.aborted) return false
      if (rows.length === 0) continue
      await this.#file.commit(() => {
        for (const { key } of rows) this.#file.run('DELETE FROM starts WHERE key = ?', key)
      })
    }
    return true
  }

  async #eraseCommits({ sql, erased }: ErasedCommits, mentor_id: string, signal: Signal): Promise<boolean> {
    let after = 0
    while (!signal.aborted) {
      const rows = this.#file.all<{ position: number; body: string }>(sql, mentor_id, after, mentor_id)
      const last = rows.at(-1)
      if (!last) return true
      await this.#file.commit(() => {
        for (const { position, body } of rows) {
          const left = JSON.stringify(erased(JSON.parse(body)))
          this.#file.run('UPDATE commits SET body = ? WHERE position = ?', left, position)
        }
      })
      after = last.position
    }
    return false
  }
}
