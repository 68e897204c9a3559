import type { Collection } from 'mongodb'
import type { MongoConnection } from '../../db/mongo/connection'
import { type SessionDocument, snapshotFields, snapshotOf } from '../../db/mongo/documents'
import { BatchedReads, retryRead } from '../../db/mongo/operations'
import type { Snapshot } from '../../domain/session'
import { fieldsOfFirstMentor, type ImportStore, startFields } from './store'

interface StartedDocument extends SessionDocument {
  start_digest?: string
}

/** Stores the digest in the session's document, in the field `start_digest`. */
export class MongoImports implements ImportStore {
  readonly fields = startFields
  readonly ofFirstMentor = fieldsOfFirstMentor
  readonly #sessions: Collection<StartedDocument>
  readonly #reads = new BatchedReads('start digests', (digests: readonly string[]) => this.#read(digests))

  constructor({ db }: MongoConnection) {
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
}
