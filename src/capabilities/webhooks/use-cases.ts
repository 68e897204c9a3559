import { randomBytes } from 'node:crypto'
import { type Deadline, withDeadline } from '../../concurrency/deadline'
import type { Store } from '../../db/store'
import type { Caller } from '../../domain/caller'
import { DomainError, isDomainError, valid } from '../../domain/errors'
import { includesOrganisation, organisationFor, requireManager } from '../../domain/organisation'
import { addMs, dayMs, type Timestamp, timestamp } from '../../domain/timestamp'
import type { Feed } from '../../feed/feed'
import { feedFilterOf } from './messages'
import {
  currentDelivery,
  newDelivery,
  nextStart,
  replaySchema,
  type requestSchemas,
  type ShownEndpoint,
  type StoredEndpoint,
  statusOf,
  testsWaiting,
  type WebhookAttempt,
  type WebhookEndpoint,
} from './model'

/** After a secret is rotated, messages are also signed with the previous secret for this time, in ms. */
const rotationMs = dayMs
/** An attempt fails if a concurrent change is saved first. */
const changeAttempts = 5
const idBytes = 6
const secretBytes = 32

const shown = (stored: StoredEndpoint): ShownEndpoint => {
  const { paused: _, revision: __, secrets: ___, start: ____, tests: _____, ...endpoint } = stored.endpoint
  const { cursor, last_success_at, last_failure, pending } = currentDelivery(stored)
  return { ...endpoint, status: statusOf(stored), cursor, last_success_at, last_failure, pending }
}

const newSecret = (): string => `whsec_${randomBytes(secretBytes).toString('base64')}`

export interface WebhooksContext {
  store: Store
  feed: Feed
  clock: () => Date
  /** Dependencies that exist only if webhooks are on. */
  on?: {
    schemas: ReturnType<typeof requestSchemas>
    /** Makes this process poll for changed endpoints now. */
    look(): void
  }
}

/** Endpoints outside the caller's scope are treated as nonexistent. */
export class Webhooks {
  readonly #context: WebhooksContext
  readonly #caller: Caller

  constructor(context: WebhooksContext, caller: Caller) {
    this.#context = context
    this.#caller = caller
  }

  #now(): Timestamp {
    return timestamp(this.#context.clock())
  }

  /** Throws `forbidden` if webhooks are off, or if the caller is not allowed to manage webhooks. */
  requireAccess(): ReturnType<typeof requestSchemas> {
    const { on } = this.#context
    if (!on)
      throw new DomainError('forbidden').withMessage('Webhooks are off on this server. `WEBHOOKS=on` enables them.')
    requireManager(this.#caller, 'manage webhook endpoints')
    return on.schemas
  }

  /** Creates an endpoint that receives all later transitions. Returns the new endpoint with its secret. */
  async create(body: unknown): Promise<ShownEndpoint & { secret: string }> {
    const { create } = this.requireAccess()
    const { url, description, events, mentor_id, ...requested } = valid(create, body)
    const organisation_id = organisationFor(this.#caller, requested.organisation_id, 'create webhook endpoints')
    const now = this.#now()
    const cursor = (await this.#context.feed.page({ limit: 1 })).next
    const secret = newSecret()
    const endpoint: WebhookEndpoint = {
      endpoint_id: `we_${randomBytes(idBytes).toString('hex')}`,
      url,
      description: description ?? null,
      events: [...new Set(events)],
      organisation_id,
      mentor_id: mentor_id ?? null,
      paused: false,
      created_at: now,
      updated_at: now,
      version: 1,
      revision: 1,
      secrets: [{ secret, expires_at: null }],
      start: { number: 0, cursor: null },
      tests: 0,
    }
    const delivery = newDelivery(cursor)
    const limit = await this.#whilePermitted(deadline =>
      this.#context.store.webhooks.addEndpoint({ endpoint, delivery }, () => deadline.beginWrite()),
    )
    if (limit !== undefined) throw new DomainError('limit_reached', { limit })
    this.#context.on?.look()
    return { ...shown({ endpoint, delivery }), secret }
  }

  async list(): Promise<ShownEndpoint[]> {
    this.requireAccess()
    return (await this.#context.store.webhooks.listEndpoints(this.#caller.scope.organisation_id)).map(shown)
  }

  /** Returns an endpoint, or null if it does not exist in the caller's scope. */
  async findEndpoint(endpoint_id: string): Promise<ShownEndpoint | null> {
    this.requireAccess()
    const stored = await this.#findStored(endpoint_id)
    return stored && shown(stored)
  }

  async get(endpoint_id: string): Promise<ShownEndpoint> {
    this.requireAccess()
    return shown(await this.#read(endpoint_id))
  }

  async #findStored(endpoint_id: string): Promise<StoredEndpoint | null> {
    const stored = await this.#context.store.webhooks.readEndpoint(endpoint_id)
    return stored && includesOrganisation(this.#caller, stored.endpoint.organisation_id) ? stored : null
  }

  async #read(endpoint_id: string): Promise<StoredEndpoint> {
    const stored = await this.#findStored(endpoint_id)
    if (!stored) throw new DomainError('webhook_endpoint_not_found')
    return stored
  }

  /** Throws `version_mismatch` if `expected_versions` does not contain the endpoint's current version. */
  async update(endpoint_id: string, body: unknown, expected_versions?: number[]): Promise<ShownEndpoint> {
    const { update } = this.requireAccess()
    return shown(
      await this.#change(endpoint_id, stored => {
        const { endpoint } = stored
        if (expected_versions && !expected_versions.includes(endpoint.version)) throw versionMismatch(endpoint)
        const { url, description, events, paused } = valid(update, body)
        const isResumed = paused === false && (endpoint.paused || currentDelivery(stored).isDisabled)
        return {
          ...endpoint,
          url: url ?? endpoint.url,
          description: description === undefined ? endpoint.description : description,
          events: events ? [...new Set(events)] : endpoint.events,
          paused: paused ?? endpoint.paused,
          ...(isResumed && { start: nextStart(stored, null) }),
          updated_at: this.#now(),
          version: endpoint.version + 1,
        }
      }),
    )
  }

  async delete(endpoint_id: string): Promise<void> {
    this.requireAccess()
    await this.#whilePermitted(async deadline => {
      await this.#read(endpoint_id)
      deadline.beginWrite()
      if (!(await this.#context.store.webhooks.deleteEndpoint(endpoint_id)))
        throw new DomainError('webhook_endpoint_not_found')
    })
    this.#context.on?.look()
  }

  /** For one more day, messages are also signed with the previous secret. Older secrets become invalid at once. */
  async rotate(endpoint_id: string): Promise<string> {
    this.requireAccess()
    const secret = newSecret()
    await this.#change(endpoint_id, ({ endpoint }) => {
      const expires_at = addMs(this.#now(), rotationMs)
      const former = endpoint.secrets.slice(0, 1).map(({ secret }) => ({ secret, expires_at }))
      return { ...endpoint, secrets: [{ secret, expires_at: null }, ...former] }
    })
    return secret
  }

  async test(endpoint_id: string): Promise<void> {
    this.requireAccess()
    await this.#change(endpoint_id, stored => {
      requireActive(stored)
      const { endpoint, delivery } = stored
      if (endpoint.tests - delivery.tests >= testsWaiting)
        throw new DomainError('limit_reached', { limit: testsWaiting }).withMessage(
          `This endpoint already has ${testsWaiting} waiting test messages, which is the maximum. Try again later.`,
        )
      return { ...endpoint, tests: endpoint.tests + 1 }
    })
  }

  /** Restarts delivery at a feed cursor, so that all messages after the cursor are delivered again. */
  async replay(endpoint_id: string, body: unknown): Promise<void> {
    this.requireAccess()
    const stored = await this.#whilePermitted(() => this.#read(endpoint_id))
    const { after } = valid(replaySchema, body)
    requireActive(stored)
    await this.#requireCursor(after, stored.endpoint)
    await this.#change(endpoint_id, stored => {
      requireActive(stored)
      return { ...stored.endpoint, start: nextStart(stored, after) }
    })
  }

  /** Throws `invalid_cursor`, or `cursor_expired` if the feed no longer has the items after the cursor. */
  async #requireCursor(after: string, endpoint: WebhookEndpoint): Promise<void> {
    try {
      await this.#context.feed.page({ after, limit: 1, filter: feedFilterOf(endpoint) })
    } catch (error) {
      if (!isDomainError(error, 'invalid_cursor')) throw error
      const errors = [{ detail: 'is not a cursor of this feed: get one from the feed', pointer: '/after' }]
      throw new DomainError('invalid_cursor', { errors })
    }
  }

  /** Returns the latest delivery attempts, newest first. */
  async attempts(endpoint_id: string, limit: number): Promise<WebhookAttempt[]> {
    this.requireAccess()
    await this.#read(endpoint_id)
    return this.#context.store.webhooks.listAttempts(endpoint_id, limit)
  }

  /** Throws `unauthenticated` if the caller's access ends before the work has written anything. */
  #whilePermitted<T>(work: (deadline: Deadline) => Promise<T>): Promise<T> {
    return withDeadline({ access: this.#caller.access }, work)
  }

  /** Starts again if a concurrent change was saved first. */
  #change(endpoint_id: string, decide: (stored: StoredEndpoint) => WebhookEndpoint): Promise<StoredEndpoint> {
    return this.#whilePermitted(deadline => this.#changeBefore(deadline, endpoint_id, decide))
  }

  async #changeBefore(
    deadline: Deadline,
    endpoint_id: string,
    decide: (stored: StoredEndpoint) => WebhookEndpoint,
  ): Promise<StoredEndpoint> {
    for (let attempt = 1; attempt <= changeAttempts; attempt++) {
      const stored = await this.#read(endpoint_id)
      const endpoint = { ...decide(stored), revision: stored.endpoint.revision + 1 }
      deadline.beginWrite()
      if (!(await this.#context.store.webhooks.saveEndpoint(endpoint))) continue
      this.#context.on?.look()
      return { ...stored, endpoint }
    }
    throw new DomainError('unavailable')
  }
}

const versionMismatch = ({ version }: WebhookEndpoint): DomainError =>
  new DomainError('version_mismatch', { current_version: version }).withMessage(
    `Precondition failed: the endpoint is at version ${version}. Read it again before you retry.`,
  )

function requireActive(stored: StoredEndpoint): void {
  const status = statusOf(stored)
  if (status === 'paused' || status === 'disabled') throw new DomainError('endpoint_inactive')
}
