import type { Store } from '../db/store'
import { sessionEvents } from '../domain/session'
import type { ChangeOutcome } from '../sessions/sessions'

/** The operations of a store that are measured. DeliveryTelemetry, probing and ending the store are not operations. */
export const storeOperations: Record<Exclude<keyof Store, 'identity' | 'follow' | 'ping' | 'end'>, 'read' | 'write'> = {
  add: 'write',
  save: 'write',
  close: 'write',
  read: 'read',
  snapshot: 'read',
  idempotencyRecord: 'read',
  list: 'read',
  sorted: 'read',
  count: 'read',
  contributions: 'read',
  totals: 'read',
  export: 'read',
  calculations: 'read',
  idleSessions: 'read',
  eraseMentor: 'read',
  transitions: 'read',
  results: 'read',
  result: 'read',
  shared: 'read',
  history: 'read',
  backup: 'read',
}

/** The use cases that are measured. For `changed`, the event and the outcome of the change are labels too. */
export const ofSessions = {
  start: 'changed',
  dispatch: 'changed',
  close: 'asked',
  calculate: 'asked',
} as const
export const ofReads = {
  get: 'asked',
  getFrom: 'asked',
  snapshot: 'asked',
  findSnapshot: 'asked',
  list: 'asked',
  sorted: 'asked',
  export: 'asked',
  transitions: 'asked',
  results: 'asked',
  result: 'asked',
  findResult: 'asked',
  findShare: 'asked',
  findShares: 'asked',
  sharedResult: 'asked',
} as const
export const ofErasure = { erase: 'asked' } as const
export const ofTotals = {
  count: 'asked',
  summary: 'asked',
  trend: 'asked',
  mentors: 'asked',
  organisations: 'asked',
} as const
export const ofFeed = { page: 'asked' } as const

const events = new Set<unknown>(sessionEvents)

/** Returns the event in a request body, or `none` if it is not one of the events. */
export function eventOf(body: unknown): string {
  const event = (body as { event?: unknown } | null)?.event
  return events.has(event) ? String(event) : 'none'
}

export function outcomeOfChange(answer: unknown): string | undefined {
  const { replayed, transitions } = answer as ChangeOutcome
  if (replayed) return 'replayed'
  return transitions.length > 0 ? undefined : 'unchanged'
}
