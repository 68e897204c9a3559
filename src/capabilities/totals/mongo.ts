import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto'
import type { Binary, Collection, Db, Document, Timestamp as MongoTimestamp } from 'mongodb'
import type { MongoConnection } from '../../db/mongo/connection'
import { contributionIn, type SessionDocument } from '../../db/mongo/documents'
import { retryRead, runWrite } from '../../db/mongo/operations'
import { positionsAt } from '../../db/mongo/positions'
import type { CheckpointHeader } from './checkpoint'
import type { BegunCheckpoint, ContributionPage, SessionContribution, SessionTotals, StoredCheckpoint } from './store'

const checkpoints = 'totals_checkpoints'
const chunks = 'totals_chunks'
/**
 * Time in ms after which an incomplete checkpoint is considered abandoned. Until a checkpoint is completed or
 * abandoned, no other process begins one.
 */
const writingMs = 5 * 60_000

interface CheckpointDocument {
  _id: string
  /** Key that encrypts the checkpoint's chunks. */
  key: Binary
  begun: Date
  /** The checkpoint's header. An incomplete checkpoint has no header. */
  header?: CheckpointHeader
}

/** A chunk of a checkpoint. The chunk's `_id` is `<checkpoint id> <chunk number>`. */
interface ChunkDocument {
  _id: string
  checkpoint: string
  data: Binary
}

const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

function encrypted(key: Uint8Array, chunk: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes)
  const encryption = createCipheriv(cipher, key, nonce)
  const parts = [encryption.update(chunk), encryption.final()]
  return Buffer.concat([nonce, encryption.getAuthTag(), ...parts])
}

/** Decrypts a chunk. Returns null if the chunk is damaged or was not encrypted with this key. */
function decrypted(key: Uint8Array, data: Uint8Array): Uint8Array | null {
  try {
    const decryption = createDecipheriv(cipher, key, data.subarray(0, nonceBytes))
    decryption.setAuthTag(data.subarray(nonceBytes, nonceBytes + tagBytes))
    return Buffer.concat([decryption.update(data.subarray(nonceBytes + tagBytes)), decryption.final()])
  } catch {
    return null
  }
}

/**
 * Stores checkpoints in two collections: one contains a document per checkpoint,
 * and the other contains a document per chunk. Each chunk is encrypted with a key that is stored in the checkpoint's
 * document. Dropping a checkpoint deletes its key, so a chunk that a suspended process adds after the deletion is
 * unreadable.
 */
export class MongoTotals implements SessionTotals {
  readonly #db: Db
  readonly #checkpoints: Collection<CheckpointDocument>
  readonly #chunks: Collection<ChunkDocument>
  /** Ids and keys of the checkpoint that this process is writing and of the checkpoint that it is reading. */
  #writing: { id: string; key: Uint8Array } | undefined
  #reading: { id: string; key: Uint8Array } | undefined

  constructor({ db }: MongoConnection) {
    this.#db = db
    this.#checkpoints = db.collection(checkpoints)
    this.#chunks = db.collection(chunks)
  }

  /**
   * Implements `SessionTotals.contributions`. Each call reads from a MongoDB snapshot, and returns the snapshot's time
   * as a log position.
   */
  async contributions(after: string, limit: number): Promise<ContributionPage> {
    const command = {
      find: 'sessions',
      filter: { _id: { $gt: after } },
      sort: { _id: 1 },
      limit,
      singleBatch: true,
      batchSize: limit,
      projection: contributionFields,
      readConcern: { level: 'snapshot' },
    }
    const { cursor } = (await retryRead(signal => this.#db.command(command, { signal }))) as unknown as {
      cursor: { firstBatch: SessionDocument[]; atClusterTime: MongoTimestamp }
    }
    const { firstBatch: documents, atClusterTime } = cursor
    return {
      sessions: documents.flatMap(document => sessionContributionOf(document) ?? []),
      next: documents.length === limit ? (documents.at(-1)?._id ?? null) : null,
      ...positionsAt(atClusterTime),
    }
  }

  async readCheckpoint(): Promise<StoredCheckpoint | null> {
    const query = { header: { $exists: true } }
    const options = { sort: { 'header.position': -1 } } as const
    const found = await retryRead(signal => this.#checkpoints.findOne(query, { ...options, signal }))
    if (!found?.header) return null
    const { _id: id, key, header } = found
    // Also check the last erasure, because processes of earlier versions erase mentors without dropping checkpoints.
    if (header.position < (await this.#lastErasure())) {
      await this.dropCheckpoints(id)
      return null
    }
    this.#reading = { id, key: key.value() as Uint8Array }
    return { id, header }
  }

  async #lastErasure(): Promise<string> {
    const options = { sort: { until: -1 } } as const
    const found = await retryRead(signal =>
      this.#db.collection<{ until: string }>('erasures').findOne({}, { ...options, signal }),
    )
    return found?.until ?? ''
  }

  async readChunk(id: string, number: number): Promise<Uint8Array | null> {
    const reading = this.#reading
    const found = await retryRead(signal => this.#chunks.findOne({ _id: chunkId(id, number) }, { signal }))
    return found && reading?.id === id ? decrypted(reading.key, found.data.value() as Uint8Array) : null
  }

  /** Begins a checkpoint, after dropping incomplete checkpoints that a crash has left behind. */
  async beginCheckpoint(): Promise<BegunCheckpoint | null> {
    const isIncomplete = { header: { $exists: false } }
    // This process writes one checkpoint at a time. If the last checkpoint that this process began is incomplete,
    // writing it has failed. Delete the failed checkpoint first, because two processes that both left a failed
    // checkpoint would otherwise wait for each other.
    const failed = this.#writing?.id
    if (failed) await this.#delete(checkpoints, { ...isIncomplete, _id: failed })
    const isRecent = { $expr: { $gt: ['$begun', { $subtract: ['$$NOW', writingMs] }] } }
    if (await retryRead(signal => this.#checkpoints.findOne({ ...isIncomplete, ...isRecent }, { signal }))) return null
    await this.#delete(checkpoints, isIncomplete)
    await this.#dropChunks()
    const [id, key] = [randomUUID(), randomBytes(32)]
    // Record the checkpoint's id before the insertion, because an insertion can succeed even if its response is lost.
    this.#writing = { id, key }
    const u = [{ $set: { key, begun: '$$NOW' } }]
    await runWrite(this.#db, { update: checkpoints, updates: [{ q: { _id: id }, u, upsert: true }] })
    // Read the last erasure after the insertion, because every later erasure deletes the checkpoint's key.
    return { id, erased: await this.#lastErasure() }
  }

  async addChunk(id: string, number: number, chunk: Uint8Array): Promise<boolean> {
    if (this.#writing?.id !== id) return false
    const document = { _id: chunkId(id, number), checkpoint: id, data: encrypted(this.#writing.key, chunk) }
    await runWrite(this.#db, { insert: chunks, documents: [document] })
    return true
  }

  async completeCheckpoint(id: string, header: CheckpointHeader): Promise<boolean> {
    const updates = [{ q: { _id: id }, u: { $set: { header } } }]
    const isCompleted = (await runWrite(this.#db, { update: checkpoints, updates })) > 0
    // Delete only checkpoints with an earlier log position, because two processes that complete checkpoints at the same
    // time could otherwise delete each other's checkpoint.
    if (isCompleted) await this.#delete(checkpoints, { 'header.position': { $lt: header.position } })
    await this.#dropChunks()
    return isCompleted
  }

  async dropCheckpoints(id?: string): Promise<void> {
    await this.#delete(checkpoints, id === undefined ? {} : { _id: id })
    await this.#dropChunks()
  }

  /** Deletes the chunks of dropped checkpoints. */
  async #dropChunks(): Promise<void> {
    // Read the chunks before the checkpoints. In the reverse order, a checkpoint that another process begins between
    // the two reads could lose its chunks.
    const ofChunks = { projection: { checkpoint: 1 } }
    const stored = await retryRead(signal => this.#chunks.find({}, { ...ofChunks, signal }).toArray())
    const left = await retryRead(signal => this.#checkpoints.find({}, { projection: { _id: 1 }, signal }).toArray())
    const dropped = new Set(stored.map(({ checkpoint }) => checkpoint))
    for (const { _id } of left) dropped.delete(_id)
    if (dropped.size > 0) await this.#delete(chunks, { checkpoint: { $in: [...dropped] } })
  }

  #delete(collection: typeof checkpoints | typeof chunks, q: Document): Promise<number> {
    return runWrite(this.#db, { delete: collection, deletes: [{ q, limit: 0 }] })
  }

  /** Drops all checkpoints, because each of them contains the ids of all mentors. */
  async eraseMentor(): Promise<void> {
    await this.dropCheckpoints()
  }
}

const chunkId = (checkpoint: string, number: number): string => `${checkpoint} ${number}`

/** Fields that determine a session's contribution to the totals. */
const contributionFields = {
  mentor_id: 1,
  organisation_id: 1,
  'commit.after': 1,
} as const

/** Returns a session's contribution to the totals. Returns null if the session is closed. */
function sessionContributionOf({
  _id: session_id,
  mentor_id,
  organisation_id,
  commit: { after },
}: SessionDocument): SessionContribution | null {
  if (!after) return null
  return { session_id, mentor_id, organisation_id, contribution: contributionIn(after) }
}
