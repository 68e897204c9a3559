import type { Collection, Db } from 'mongodb'
import type { MongoConnection } from '../../db/mongo/connection'
import { type SessionDocument, snapshotFields, snapshotOf } from '../../db/mongo/documents'
import { BatchedReads, retryRead, runWrite } from '../../db/mongo/operations'
import type { Snapshot } from '../../domain/session'
import { type ImportStore, startFields } from './store'

interface StartedDocument extends SessionDocument {
  start_digest?: string
}

/** Stores the digest in the session's document, in the field `start_digest`. */
export class MongoImports implements ImportStore {
  readonly fields = startFields
  readonly #db: Db
  readonly #sessions: Collection<StartedDocument>
  readonly #reads = new BatchedReads('start digests', (digests: readonly string[]) => this.#read(digests))

  constructor({ db }: MongoConnection) {
    this.#db = db
    this.#sessions = db.collection('sessions')
  }

  async prepare(): Promise<void> {
    const partialFilterExpression = { start_digest: { $exists: true } }
    await this.#sessions.createIndex({ start_digest: 1 }, { partialFilterExpression })
  }

  startedWith(digest: string): Promise<Snapshot | null> {
    return this.#reads.load(digest)
  }

  #read(digests: readonly string[]): Promise<(Snapshot | null)[]> {
    return retryRead(async signal => {
      const projection = { ...snapshotFields, start_digest: 1 }
      const found = await this.#sessions.find({ start_digest: { $in: [...digests] } }, { projection, signal }).toArray()
      const byDigest = new Map(found.map(document => [document.start_digest, document]))
      return digests.map(digest => {
        const document = byDigest.get(digest)
        return document ? snapshotOf(document) : null
      })
    })
  }

  /** Removes the digests of sessions that were started for the mentor, because a digest confirms a guessed mentor id. */
  async eraseMentor(mentor_id: string): Promise<void> {
    const q = { 'former.mentor_id': mentor_id, 'former.0.mentor_id': mentor_id }
    await runWrite(this.#db, { update: 'sessions', updates: [{ q, u: { $unset: { start_digest: '' } }, multi: true }] })
  }
}
