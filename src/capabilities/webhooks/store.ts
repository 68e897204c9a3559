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

/** How long a lease of an endpoint lasts, and the time that is left of each one after a renewal. */
export const leaseMs = 15_000
export const leaseLeftMs = 10_000
/** How long a process that does not look for endpoints any more counts when they are shared. */
export const processMs = 5_000

/** An attempt to record, with its number at the endpoint. The store keeps only a digest of the mentor's id. */
export interface RecordedAttempt extends WebhookAttempt {
  number: number
  mentor_id: string
  /** Position of the message in the log, or null if the message is not from there. */
  position: Position | null
}

/** What a save writes of a delivery. */
export interface DeliverySave {
  state: DeliveryState
  /**
   * Held sessions to write (`changed`), and ids of held sessions to delete (`ended`). With `isWhole`, `changed` has all held
   * sessions, and any others in the store are deleted.
   */
  held: { isWhole: boolean; changed: HeldSession[]; ended: string[] }
  attempts: RecordedAttempt[]
}

/** Webhook endpoints, and how far their deliveries have come. */
export interface WebhookStore {
  /**
   * Adds an endpoint. Returns the limit if there are too many, of its organisation or in total; otherwise undefined.
   * `begin`: see `Write.begin`.
   */
  addEndpoint(stored: StoredEndpoint, begin?: () => void): Promise<number | undefined>

  readEndpoint(endpoint_id: string): Promise<StoredEndpoint | null>

  /** Reads an endpoint with its held sessions. */
  readDelivery(endpoint_id: string): Promise<StoredDelivery | null>

  /** Returns the endpoints of an organisation, or all, newest first. */
  listEndpoints(organisation_id?: string): Promise<StoredEndpoint[]>

  /** Saves a changed endpoint. Returns false if the stored revision is not the one before it. */
  saveEndpoint(endpoint: WebhookEndpoint): Promise<boolean>

  /** Deletes an endpoint with its secrets, its delivery and its attempts. Returns whether there was one. */
  deleteEndpoint(endpoint_id: string): Promise<boolean>

  /**
   * Renews the leases of this owner, takes those that no process holds, up to its share among the processes that call
   * this, and returns the endpoints that it now holds. Each of these leases lasts for at least `leaseLeftMs` from
   * the beginning of the call. `surplus` is how many it holds beyond its share. It should release them.
   */
  leaseEndpoints(owner: string): Promise<{ endpoints: WebhookEndpoint[]; surplus: number }>

  /** Gives back these leases of the owner, or all. Without ids, the owner has no share any more. */
  releaseEndpoints(owner: string, endpoint_ids?: string[]): Promise<void>

  /**
   * Saves how far a delivery has come, in one write, and then records its latest attempts, without those whose mentor was
   * erased after the message. Returns false, and writes nothing, unless the owner holds the lease.
   */
  saveDelivery(owner: string, endpoint_id: string, save: DeliverySave): Promise<boolean>

  /** Returns the latest attempts of an endpoint, newest first. */
  listAttempts(endpoint_id: string, limit: number): Promise<WebhookAttempt[]>
}
