import { randomBytes } from 'node:crypto'
import { type Collection, type Document, MongoBulkWriteError, type UpdateFilter } from 'mongodb'
import type { SessionDocument } from './mongo-documents'

const batchLimit = 1_000

/** Writes whose ids a session keeps, to tell which took effect: more than there can be between a write and its check. */
const keptWrites = 16

export interface Update {
  filter: Document & { _id: string }
  update: { $set?: Document; $push?: Document }
}

interface Pending extends Update {
  /** Tells this write from every other. */
  id: string
  resolve(matched: boolean): void
  reject(error: unknown): void
}

/**
 * Conditional updates of single documents, sent together: what comes in while a batch is on its way makes the next one.
 * Majority writes wait for the replicas, and so a batch costs little more than one of them.
 */
export class GatheredUpdates {
  #waiting: Pending[] = []
  #busy = false

  constructor(readonly sessions: Collection<SessionDocument>) {}

  /** Updates the document if the filter matches it, and says whether it did. */
  apply(update: Update): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...update, id: randomBytes(9).toString('base64url'), resolve, reject })
      if (!this.#busy) this.#work()
    })
  }

  async #work(): Promise<void> {
    this.#busy = true
    while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0, batchLimit))
    this.#busy = false
  }

  async #write(batch: Pending[]): Promise<void> {
    const operations = batch.map(({ filter, update, id }) => {
      const $push = { ...update.$push, writes: { $each: [id], $slice: -keptWrites } }
      return { updateOne: { filter, update: { ...update, $push } as UpdateFilter<SessionDocument> } }
    })
    try {
      const { matchedCount } = await this.sessions.bulkWrite(operations, { ordered: false })
      // Where all matched there is nothing to ask; otherwise the documents tell whose write is in them.
      const lost = matchedCount === batch.length ? new Set() : await this.#lost(batch)
      for (const { id, resolve } of batch) resolve(!lost.has(id))
    } catch (error) {
      await this.#failed(batch, error)
    }
  }

  /** A write that failed by itself does not fail the others of its batch. */
  async #failed(batch: Pending[], error: unknown): Promise<void> {
    const errors =
      error instanceof MongoBulkWriteError && !error.errorResponse?.writeConcernErrors ? error.writeErrors : []
    const failed = new Map([errors].flat().map(one => [batch[one.index], one.err]))
    try {
      if (failed.size === 0) throw error
      const lost = await this.#lost(batch)
      for (const pending of batch) {
        if (failed.has(pending)) pending.reject(error)
        else pending.resolve(!lost.has(pending.id))
      }
    } catch (unknown) {
      for (const { reject } of batch) reject(unknown)
    }
  }

  async #lost(batch: Pending[]): Promise<Set<string>> {
    const ids = batch.map(({ filter }) => filter._id)
    const found = await this.sessions.find({ _id: { $in: ids } }, { projection: { writes: 1 } }).toArray()
    const made = new Set(found.flatMap(({ writes = [] }) => writes))
    return new Set(batch.map(({ id }) => id).filter(id => !made.has(id)))
  }
}
