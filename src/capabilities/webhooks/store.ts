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

/** Lifetime of an endpoint's lease, and the minimum remaining time of each lease after a renewal. */
export const leaseMs = 15_000
export const leaseLeftMs = 10_000
/** Time for which a process still counts in the distribution of endpoints after its last poll. */
export const processMs = 5_000

/** An attempt to record, with its number within the endpoint. The store keeps only a digest of the mentor's id. */
export interface RecordedAttempt extends WebhookAttempt {
  number: number
  mentor_id: string
  /** Position of the message in the log, or null if the message does not come from the log. */
  position: Position | null
}

export interface DeliverySave {
  state: DeliveryState
  /**
   * Held sessions to write (`changed`), and ids of held sessions to delete (`ended`). With `isWhole`, `changed`
   * contains all held sessions, and all others in the store are deleted.
   */
  held: { isWhole: boolean; changed: HeldSession[]; ended: string[] }
  attempts: RecordedAttempt[]
}

export interface WebhookStore {
  /**
   * Adds an endpoint. If there are too many endpoints, in the organisation or in total, returns the exceeded limit
   * instead. `begin`: see `Write.begin`.
   */
  addEndpoint(stored: StoredEndpoint, begin?: () => void): Promise<number | undefined>

  readEndpoint(endpoint_id: string): Promise<StoredEndpoint | null>

  readDelivery(endpoint_id: string): Promise<StoredDelivery | null>

  /** Returns the endpoints of an organisation, or all endpoints, newest first. */
  listEndpoints(organisation_id?: string): Promise<StoredEndpoint[]>

  /** Saves a changed endpoint. Returns false if the stored revision is not the previous one. */
  saveEndpoint(endpoint: WebhookEndpoint): Promise<boolean>

  /** Deletes an endpoint with its secrets, its delivery and its attempts. Returns whether the endpoint existed. */
  deleteEndpoint(endpoint_id: string): Promise<boolean>

  /**
   * Renews this owner's leases. Takes free leases up to the owner's share among the processes that call this method.
   * Returns the endpoints that the owner now holds. Each of their leases lasts for at least `leaseLeftMs` from the
   * start of the call. `surplus` is the number of leases beyond the owner's share, which the owner should release.
   */
  leaseEndpoints(owner: string): Promise<{ endpoints: WebhookEndpoint[]; surplus: number }>

  /** Releases the owner's leases of these endpoints. Without ids, releases all leases of the owner and ends its share. */
  releaseEndpoints(owner: string, endpoint_ids?: string[]): Promise<void>

  /**
   * Saves the progress of a delivery in one write, and then records its latest attempts, except for mentors who were
   * erased after the message. Returns false and writes nothing if the owner does not hold the lease.
   */
  saveDelivery(owner: string, endpoint_id: string, save: DeliverySave): Promise<boolean>

  /** Returns the latest attempts of an endpoint, newest first. */
  listAttempts(endpoint_id: string, limit: number): Promise<WebhookAttempt[]>
}
