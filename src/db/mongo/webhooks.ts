import type { Collection, Db, Document } from 'mongodb'
import {
  attemptsRecorded,
  type DeliveryState,
  endpointsInTotal,
  endpointsOfOrganisation,
  type StoredEndpoint,
  type WebhookAttempt,
  type WebhookEndpoint,
} from '../../domain/webhook-endpoint'
import { mentorDigest } from '../mentor-digest'
import { type RecordedAttempt, type Store, type WebhookStore, webhookLeaseLeftMs, webhookLeaseMs } from '../store'
import { reachStore, retryRead, runWrite } from './operations'

/** Time limit of a look at the leases. A lease that cannot be renewed in time is given up. */
const leaseTimeoutMs = 4_000

interface EndpointDocument extends StoredEndpoint {
  _id: string
  /** The process that delivers, and the time of the server until which no other one does. */
  lease?: { owner: string; until: Date }
}

/** The id is `<endpoint_id> <number>`. */
interface AttemptDocument {
  _id: string
  endpoint_id: string
  number: number
  /** Digest of the mentor. */
  mentor: string
  attempt: WebhookAttempt
}

const storedOf = ({ endpoint, delivery }: EndpointDocument): StoredEndpoint => ({ endpoint, delivery })

/** Webhook endpoints in a collection of their own, with their leases, and the latest attempts in another one. */
export class MongoWebhooks implements WebhookStore {
  readonly #store: Pick<Store, 'secret'>
  readonly #db: Db
  readonly #endpoints: Collection<EndpointDocument>
  readonly #attempts: Collection<AttemptDocument>
  #indexes: Promise<unknown> | undefined

  constructor(store: Pick<Store, 'secret'>, db: Db) {
    this.#store = store
    this.#db = db
    this.#endpoints = db.collection('webhook_endpoints')
    this.#attempts = db.collection('webhook_attempts')
  }

  async addEndpoint(stored: StoredEndpoint): Promise<number | undefined> {
    const { endpoint_id, organisation_id } = stored.endpoint
    const exceeded = await this.#exceeded(organisation_id, 1)
    if (exceeded !== undefined) return exceeded
    await runWrite(this.#db, { insert: 'webhook_endpoints', documents: [{ _id: endpoint_id, ...stored }] })
    // Another process may have added one meanwhile.
    const late = await this.#exceeded(organisation_id, 0)
    if (late !== undefined) await this.deleteEndpoint(endpoint_id)
    return late
  }

  /** Returns the limit that `more` endpoints would exceed. */
  async #exceeded(organisation_id: string | null, more: number): Promise<number | undefined> {
    const count = (query: object): Promise<number> =>
      retryRead(signal => this.#endpoints.countDocuments(query, { signal }))
    if ((await count({})) + more > endpointsInTotal) return endpointsInTotal
    const own = await count({ 'endpoint.organisation_id': organisation_id })
    return own + more > endpointsOfOrganisation ? endpointsOfOrganisation : undefined
  }

  async readEndpoint(endpoint_id: string): Promise<StoredEndpoint | null> {
    const found = await retryRead(signal => this.#endpoints.findOne({ _id: endpoint_id }, { signal }))
    return found && storedOf(found)
  }

  async listEndpoints(organisation_id?: string): Promise<StoredEndpoint[]> {
    const query = organisation_id === undefined ? {} : { 'endpoint.organisation_id': organisation_id }
    const sort = { 'endpoint.created_at': -1, _id: -1 } as const
    const found = await retryRead(signal => this.#endpoints.find(query, { sort, signal }).toArray())
    return found.map(storedOf)
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

  /** Updates all endpoints that match, and returns their number. */
  #update(q: Document, u: Document | Document[], ms?: number): Promise<number> {
    return runWrite(this.#db, { update: 'webhook_endpoints', updates: [{ q, u, multi: true }] }, ms)
  }

  #delete(collection: 'webhook_endpoints' | 'webhook_attempts', q: Document): Promise<number> {
    return runWrite(this.#db, { delete: collection, deletes: [{ q, limit: 0 }] })
  }

  async leaseEndpoints(owner: string): Promise<WebhookEndpoint[]> {
    await this.#createIndexes()
    const isOwn = { $eq: ['$lease.owner', owner] }
    const isShort = { $lt: ['$lease.until', { $add: ['$$NOW', webhookLeaseLeftMs] }] }
    // A missing time is less than any other.
    const isFree = { $lt: ['$lease.until', '$$NOW'] }
    const lease = { owner, until: { $add: ['$$NOW', webhookLeaseMs] } }
    await this.#update({ $expr: { $or: [isFree, { $and: [isOwn, isShort] }] } }, [{ $set: { lease } }], leaseTimeoutMs)
    const held = { 'lease.owner': owner, $expr: { $gt: ['$lease.until', '$$NOW'] } }
    const read = (signal: AbortSignal) => this.#endpoints.find(held, { projection: { endpoint: 1 }, signal }).toArray()
    return (await reachStore(read, leaseTimeoutMs)).map(({ endpoint }) => endpoint)
  }

  #createIndexes(): Promise<unknown> {
    const indexes = [
      { key: { endpoint_id: 1, number: -1 }, name: 'latest' },
      { key: { mentor: 1 }, name: 'mentor' },
    ]
    this.#indexes ??= runWrite(this.#db, { createIndexes: 'webhook_attempts', indexes }).catch((error: unknown) => {
      this.#indexes = undefined
      throw error
    })
    return this.#indexes
  }

  async releaseEndpoints(owner: string): Promise<void> {
    await this.#update({ 'lease.owner': owner }, { $unset: { lease: '' } }, leaseTimeoutMs)
  }

  async saveDelivery(
    owner: string,
    endpoint_id: string,
    delivery: DeliveryState,
    attempts: RecordedAttempt[],
  ): Promise<boolean> {
    const query = { _id: endpoint_id, 'lease.owner': owner }
    if ((await this.#update(query, { $set: { delivery } })) === 0) return false
    if (attempts.length > 0) await this.#record(endpoint_id, delivery.attempts, attempts)
    return true
  }

  async #record(endpoint_id: string, count: number, attempts: RecordedAttempt[]): Promise<void> {
    const updates = attempts.map(({ number, mentor_id, ...attempt }) => {
      const u = { endpoint_id, number, mentor: mentorDigest(this.#store, mentor_id), attempt }
      return { q: { _id: `${endpoint_id} ${number}` }, u, upsert: true }
    })
    await runWrite(this.#db, { update: 'webhook_attempts', updates, ordered: false })
    await this.#delete('webhook_attempts', { endpoint_id, number: { $lte: count - attemptsRecorded } })
  }

  async listAttempts(endpoint_id: string, limit: number): Promise<WebhookAttempt[]> {
    const sort = { number: -1 } as const
    const found = await retryRead(signal => this.#attempts.find({ endpoint_id }, { sort, limit, signal }).toArray())
    return found.map(({ attempt }) => attempt)
  }

  /** Deletes the endpoints that filter by a mentor. */
  async deleteEndpointsOf(mentor_id: string): Promise<void> {
    const query = { 'endpoint.mentor_id': mentor_id }
    const found = await retryRead(signal => this.#endpoints.find(query, { projection: { _id: 1 }, signal }).toArray())
    for (const { _id } of found) await this.deleteEndpoint(_id)
  }

  /** Deletes the attempts of a mentor's sessions' messages. */
  async deleteAttemptsOf(mentor_id: string): Promise<void> {
    await this.#delete('webhook_attempts', { mentor: mentorDigest(this.#store, mentor_id) })
  }
}
