import type { Collection, Db, Document } from 'mongodb'
import { mentorDigest } from '../../db/mentor-digest'
import type { MongoConnection } from '../../db/mongo/connection'
import { NumberedCollection, type Numbers } from '../../db/mongo/numbered'
import { reachStore, retryRead, runWrite } from '../../db/mongo/operations'
import {
  attemptsRecorded,
  endpointLimits,
  type HeldSession,
  type StoredDelivery,
  type StoredEndpoint,
  type WebhookAttempt,
  type WebhookEndpoint,
} from './model'
import { type DeliverySave, leaseLeftMs, leaseMs, processMs, type RecordedAttempt, type WebhookStore } from './store'

/** Time limit in ms for each command that reads or renews leases. */
const leaseTimeoutMs = 4_000

interface EndpointDocument extends StoredEndpoint {
  _id: string
  numbers: Numbers
  /** Sessions with undelivered messages, by key (see `heldKey`). */
  held?: Record<string, HeldSession>
  /** The process that holds the lease, and the lease's expiry time by the database server's clock. */
  lease?: { owner: string; until: Date }
}

/** A process that polls for endpoints. The document's `_id` equals the `owner` of the process's leases. */
interface ProcessDocument {
  _id: string
  /** Time until which the process gets a share of the endpoints, by the database server's clock. */
  until: Date
}

/** A recorded attempt. The `_id` is `<endpoint_id> <number>`. */
interface AttemptDocument {
  _id: string
  endpoint_id: string
  number: number
  /** Digest of the mentor's id. */
  mentor: string
  attempt: WebhookAttempt
}

/** Encoded, because a session id can contain characters that MongoDB does not allow in a field path. */
const heldKey = (session_id: string): string => `s${Buffer.from(session_id).toString('base64url')}`

const storedEndpointOf = ({ endpoint, delivery }: Pick<EndpointDocument, 'endpoint' | 'delivery'>): StoredEndpoint => ({
  endpoint,
  delivery,
})
const storedParts = { endpoint: 1, delivery: 1 } as const

function changeOf(delivery: DeliverySave['state'], { changed, ended }: DeliverySave['held']): Document {
  const set = changed.map(one => [`held.${heldKey(one.session_id)}`, one])
  const unset = ended.map(session_id => [`held.${heldKey(session_id)}`, ''])
  return {
    $set: { delivery, ...Object.fromEntries(set) },
    ...(unset.length > 0 && { $unset: Object.fromEntries(unset) }),
  }
}

export class MongoWebhooks implements WebhookStore {
  readonly #db: Db
  readonly #numbered: NumberedCollection
  readonly #endpoints: Collection<EndpointDocument>
  readonly #attempts: Collection<AttemptDocument>
  readonly #processes: Collection<ProcessDocument>

  constructor(readonly connection: MongoConnection) {
    const { db } = connection
    this.#db = db
    this.#numbered = new NumberedCollection(db, {
      name: 'webhook_endpoints',
      organisation: 'endpoint.organisation_id',
      limits: endpointLimits,
      indexes: {
        webhook_attempts: [
          { key: { endpoint_id: 1, number: -1 }, name: 'latest' },
          { key: { mentor: 1 }, name: 'mentor' },
        ],
        webhook_processes: [{ key: { until: 1 }, name: 'ended', expireAfterSeconds: 60 }],
      },
    })
    this.#endpoints = db.collection('webhook_endpoints')
    this.#attempts = db.collection('webhook_attempts')
    this.#processes = db.collection('webhook_processes')
  }

  addEndpoint(stored: StoredEndpoint, begin?: () => void): Promise<number | undefined> {
    const { endpoint_id, organisation_id } = stored.endpoint
    return this.#numbered.add(organisation_id, { _id: endpoint_id, ...stored }, begin)
  }

  async readEndpoint(endpoint_id: string): Promise<StoredEndpoint | null> {
    const options = { projection: storedParts }
    const found = await retryRead(signal => this.#endpoints.findOne({ _id: endpoint_id }, { ...options, signal }))
    return found && storedEndpointOf(found)
  }

  async readDelivery(endpoint_id: string): Promise<StoredDelivery | null> {
    const found = await retryRead(signal => this.#endpoints.findOne({ _id: endpoint_id }, { signal }))
    return found && { ...storedEndpointOf(found), held: Object.values(found.held ?? {}) }
  }

  async listEndpoints(organisation_id?: string): Promise<StoredEndpoint[]> {
    const query = organisation_id === undefined ? {} : { 'endpoint.organisation_id': organisation_id }
    const sort = { 'endpoint.created_at': -1, _id: -1 } as const
    const found = await retryRead(signal =>
      this.#endpoints.find(query, { projection: storedParts, sort, signal }).toArray(),
    )
    return found.map(storedEndpointOf)
  }

  async saveEndpoint(endpoint: WebhookEndpoint): Promise<boolean> {
    const query = { _id: endpoint.endpoint_id, 'endpoint.revision': endpoint.revision - 1 }
    return (await this.#update(query, { $set: { endpoint } })) > 0
  }

  async deleteEndpoint(endpoint_id: string): Promise<boolean> {
    const deleted = await this.#delete('webhook_endpoints', { _id: endpoint_id })
    await this.#delete('webhook_attempts', { endpoint_id })
    return deleted > 0
  }

  #update(q: Document, u: Document | Document[], ms?: number): Promise<number> {
    return runWrite(this.#db, { update: 'webhook_endpoints', updates: [{ q, u, multi: true }] }, ms)
  }

  #delete(collection: 'webhook_endpoints' | 'webhook_attempts' | 'webhook_processes', q: Document): Promise<number> {
    return runWrite(this.#db, { delete: collection, deletes: [{ q, limit: 0 }] })
  }

  async leaseEndpoints(holder: string): Promise<{ endpoints: WebhookEndpoint[]; surplus: number }> {
    await this.#numbered.createIndexes()
    const isShort = { $lt: ['$lease.until', { $add: ['$$NOW', leaseLeftMs] }] }
    const isOwn = { 'lease.owner': holder, $expr: { $gt: ['$lease.until', '$$NOW'] } }
    // MongoDB orders a missing time before all times, so endpoints without a lease match, too.
    const isFree = { $expr: { $lt: ['$lease.until', '$$NOW'] } }
    const lease = { owner: holder, until: { $add: ['$$NOW', leaseMs] } }
    const take = (query: Document): Promise<number> => this.#update(query, [{ $set: { lease } }], leaseTimeoutMs)
    const find = (query: Document, projection: Document, limit = 0) =>
      reachStore(signal => this.#endpoints.find(query, { projection, limit, signal }).toArray(), leaseTimeoutMs)

    await take({ 'lease.owner': holder, $expr: isShort })
    await this.#attend(holder)
    const isPresent = { $expr: { $gt: ['$until', '$$NOW'] } }
    const [total, own, processes] = await reachStore(
      signal =>
        Promise.all([
          this.#endpoints.countDocuments({}, { signal }),
          this.#endpoints.countDocuments(isOwn, { signal }),
          this.#processes.countDocuments(isPresent, { signal }),
        ]),
      leaseTimeoutMs,
    )
    const share = Math.ceil(total / Math.max(1, processes))
    if (own < share) {
      const free = await find(isFree, { _id: 1 }, share - own)
      if (free.length > 0) await take({ _id: { $in: free.map(({ _id }) => _id) }, ...isFree })
    }
    const held = await find(isOwn, { endpoint: 1 })
    return { endpoints: held.map(({ endpoint }) => endpoint), surplus: Math.max(0, held.length - share) }
  }

  /** Announces that this process polls for endpoints, so that it gets a share of their leases. */
  #attend(holder: string): Promise<number> {
    const until = { $add: ['$$NOW', processMs] }
    const updates = [{ q: { _id: holder }, u: [{ $set: { until } }], upsert: true }]
    return runWrite(this.#db, { update: 'webhook_processes', updates }, leaseTimeoutMs)
  }

  async releaseEndpoints(holder: string, endpoint_ids?: string[]): Promise<void> {
    const query = { 'lease.owner': holder, ...(endpoint_ids && { _id: { $in: endpoint_ids } }) }
    await this.#update(query, { $unset: { lease: '' } }, leaseTimeoutMs)
    if (!endpoint_ids) await this.#delete('webhook_processes', { _id: holder })
  }

  async saveDelivery(holder: string, endpoint_id: string, { state, held, attempts }: DeliverySave): Promise<boolean> {
    const query = { _id: endpoint_id, 'lease.owner': holder }
    if ((await this.#update(query, changeOf(state, held))) === 0) return false
    if (attempts.length > 0) await this.#record(query, state.attempts, attempts)
    return true
  }

  /**
   * The command that records attempts also checks that the endpoint still exists, and skips attempts for erased
   * mentors, because this process may have been suspended since it saved the endpoint.
   */
  async #record(query: { _id: string }, count: number, attempts: RecordedAttempt[]): Promise<void> {
    const { _id: endpoint_id } = query
    const documents = attempts.map(({ number, mentor_id, position, ...attempt }) => {
      const mentor = mentorDigest(this.connection, mentor_id)
      return { _id: `${endpoint_id} ${number}`, endpoint_id, number, mentor, attempt, position }
    })
    const pipeline = [
      { $match: query },
      { $project: { recorded: { $literal: documents } } },
      { $unwind: '$recorded' },
      { $replaceWith: '$recorded' },
      { $lookup: { from: 'erasures', localField: 'mentor', foreignField: '_id', as: 'erased' } },
      // If the mentor was not erased, `$max` returns null, which MongoDB orders before any position.
      { $match: { $expr: { $lte: [{ $max: '$erased.until' }, '$position'] } } },
      { $unset: ['erased', 'position'] },
      { $merge: 'webhook_attempts' },
    ]
    await runWrite(this.#db, { aggregate: 'webhook_endpoints', pipeline, cursor: {} })
    const surplus = count - attemptsRecorded
    if (surplus > 0) await this.#delete('webhook_attempts', { endpoint_id, number: { $lte: surplus } })
  }

  async listAttempts(endpoint_id: string, limit: number): Promise<WebhookAttempt[]> {
    const sort = { number: -1 } as const
    const found = await retryRead(signal => this.#attempts.find({ endpoint_id }, { sort, limit, signal }).toArray())
    return found.map(({ attempt }) => attempt)
  }

  /** Also deletes the recorded attempts to deliver messages about the mentor's sessions. */
  async eraseMentor(mentor_id: string): Promise<void> {
    const query = { 'endpoint.mentor_id': mentor_id }
    const found = await retryRead(signal => this.#endpoints.find(query, { projection: { _id: 1 }, signal }).toArray())
    for (const { _id } of found) await this.deleteEndpoint(_id)
    await this.#delete('webhook_attempts', { mentor: mentorDigest(this.connection, mentor_id) })
  }
}
