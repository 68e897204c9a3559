import type { Position } from '../../db/store'
import type {
  DeliveryState,
  HeldSession,
  StoredDelivery,
  StoredEndpoint,
  WebhookAttempt,
  WebhookEndpoint,
} from './model'

declare module '../../db/store' {
  interface StoreParts {
    webhooks: WebhookStore
  }
}

/**
 * How long a lease lasts by the store's clock (`leaseMs`), and how much of that time is left at least after a renewal
 * (`leaseLeftMs`), both in ms. A process relies on a lease only for `leaseLeftMs` after it began the renewal, by its
 * own clock. Clocks of different machines are therefore never compared.
 */
export const leaseMs = 15_000
export const leaseLeftMs = 10_000
/** How long, in ms, a process keeps its share of the endpoints after its last poll for endpoints. */
export const processMs = 5_000

/** `number` counts the endpoint's attempts. The store keeps only a digest of the mentor's id. */
export interface RecordedAttempt extends WebhookAttempt {
  number: number
  mentor_id: string
  /** Log position of the message's commit, or null if the message does not come from the log. */
  position: Position | null
}

export interface DeliverySave {
  state: DeliveryState
  /** Held sessions to write (`changed`), and ids of held sessions to delete (`ended`). */
  held: { changed: HeldSession[]; ended: string[] }
  attempts: RecordedAttempt[]
}

export interface WebhookStore {
  /**
   * Adds an endpoint. If the organisation or the whole store already has the maximum number of endpoints, returns this
   * maximum instead. `begin` works like `Write.begin`.
   */
  addEndpoint(stored: StoredEndpoint, begin?: () => void): Promise<number | undefined>

  readEndpoint(endpoint_id: string): Promise<StoredEndpoint | null>

  readDelivery(endpoint_id: string): Promise<StoredDelivery | null>

  /** Returns an organisation's endpoints, newest first. If no organisation is given, returns all endpoints. */
  listEndpoints(organisation_id?: string): Promise<StoredEndpoint[]>

  /** Saves only if the stored revision directly precedes the new one. Otherwise, returns false. */
  saveEndpoint(endpoint: WebhookEndpoint): Promise<boolean>

  /** Also deletes its secrets, delivery state and attempts. Returns whether the endpoint existed. */
  deleteEndpoint(endpoint_id: string): Promise<boolean>

  /**
   * Renews the leases that the process `holder` has, and acquires free leases until it has an equal share of all
   * endpoints. Returns the endpoints whose leases it now has. Each lease lasts for at least `leaseLeftMs` from the start
   * of the call. `surplus` is the number of leases beyond its share, which it should release.
   */
  leaseEndpoints(holder: string): Promise<{ endpoints: WebhookEndpoint[]; surplus: number }>

  /** Without ids, releases all of the holder's leases, and ends its share of the endpoints. */
  releaseEndpoints(holder: string, endpoint_ids?: string[]): Promise<void>

  /**
   * Saves a delivery's progress in one write, and then records its latest attempts. Skips attempts for messages about
   * mentors who have since been erased. Returns false and writes nothing if another process has the lease.
   */
  saveDelivery(holder: string, endpoint_id: string, save: DeliverySave): Promise<boolean>

  /** Returns an endpoint's latest attempts, newest first. */
  listAttempts(endpoint_id: string, limit: number): Promise<WebhookAttempt[]>
}
