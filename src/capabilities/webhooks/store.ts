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
 * Lifetime of an endpoint's lease in ms by the store's clock, and the minimum time left on each lease after a renewal.
 * A process relies on a lease only for this minimum, counted by its own clock from before the renewal. So clocks of
 * different machines are never compared.
 */
export const leaseMs = 15_000
export const leaseLeftMs = 10_000
/** Time in ms after its last poll for which a process keeps its share of the endpoints. */
export const processMs = 5_000

/**
 * A delivery attempt to record, with its sequence number within the endpoint. The store keeps only a digest of the
 * mentor's id.
 */
export interface RecordedAttempt extends WebhookAttempt {
  number: number
  mentor_id: string
  /** Log position of the message's commit, or null if the message does not come from the log. */
  position: Position | null
}

export interface DeliverySave {
  state: DeliveryState
  /**
   * Held sessions to write (`changed`), and ids of held sessions to delete (`ended`). With `isWhole`, `changed`
   * replaces all held sessions in the store.
   */
  held: { isWhole: boolean; changed: HeldSession[]; ended: string[] }
  attempts: RecordedAttempt[]
}

export interface WebhookStore {
  /**
   * Adds an endpoint. If the organisation or the whole store has too many endpoints, returns the exceeded limit
   * instead. `begin` works like `Write.begin`.
   */
  addEndpoint(stored: StoredEndpoint, begin?: () => void): Promise<number | undefined>

  readEndpoint(endpoint_id: string): Promise<StoredEndpoint | null>

  readDelivery(endpoint_id: string): Promise<StoredDelivery | null>

  /** Returns the endpoints of an organisation or, without one, all endpoints. The newest comes first. */
  listEndpoints(organisation_id?: string): Promise<StoredEndpoint[]>

  /**
   * Saves a changed endpoint. Returns false if another change was saved first, so that the stored revision is not the
   * previous one.
   */
  saveEndpoint(endpoint: WebhookEndpoint): Promise<boolean>

  /** Deletes an endpoint with its secrets, its delivery and its attempts. Returns whether the endpoint existed. */
  deleteEndpoint(endpoint_id: string): Promise<boolean>

  /**
   * Renews the owner's leases, and acquires free leases until the owner has an equal share of all endpoints. Returns
   * the endpoints whose leases the owner now holds. Each lease lasts for at least `leaseLeftMs` from the start of the
   * call. `surplus` is the number of leases beyond the owner's share, which the owner should release.
   */
  leaseEndpoints(owner: string): Promise<{ endpoints: WebhookEndpoint[]; surplus: number }>

  /**
   * Releases the owner's leases on these endpoints. Without ids, releases all its leases, and gives the owner no new
   * share.
   */
  releaseEndpoints(owner: string, endpoint_ids?: string[]): Promise<void>

  /**
   * Saves a delivery's progress in one write, and then records its latest attempts. Skips attempts for messages about
   * mentors who have since been erased. Returns false and writes nothing if the owner does not hold the lease.
   */
  saveDelivery(owner: string, endpoint_id: string, save: DeliverySave): Promise<boolean>

  /** Returns the latest attempts of an endpoint, newest first. */
  listAttempts(endpoint_id: string, limit: number): Promise<WebhookAttempt[]>
}
