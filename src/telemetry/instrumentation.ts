import { Source } from '../concurrency/source'
import type { SessionStore, Store, Write } from '../db/store'
import { DomainError, HistoryGone } from '../domain/errors'
import { sessionEvents } from '../domain/session'
import type { ChangeOutcome } from '../sessions/session-commands'

export interface Work {
  kind: 'use case' | 'store' | 'batch' | 'websocket'
  /** Metric labels in addition to `outcome`. Each label has a closed set of values. */
  labels: Record<string, string>
  /** Returns a one-word outcome for successful work, or undefined if the outcome is `ok`. */
  outcome?: (value: unknown) => string | undefined
  /** Identifies the session write that the method call requests, if any (see `writeKey`). */
  write?: string | undefined
}

/** Returns undefined for a method call that is not measured. */
export type Describe = (method: string, args: unknown[]) => Work | undefined

export type Measure = (work: Work, call: () => unknown) => unknown

/** Calls that the object makes to its own methods are not measured. */
export function instrument<T extends object>(object: T, describe: Describe, measure: Measure): T {
  const wrappers = new Map<PropertyKey, unknown>()
  return new Proxy(object, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      const wrapper = wrappers.get(name) ?? wrapperOf(target, name, describe, measure)
      wrappers.set(name, wrapper)
      return wrapper
    },
  })
}

export function instrumentStore(store: Store, measure: Measure): Store {
  const parts = new Map<PropertyKey, object>()
  const own = instrument(store, storeOperation, measure)
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'object' || member === null || member instanceof Uint8Array) return Reflect.get(own, name)
      const part = parts.get(name) ?? instrument(member, storeOperation, measure)
      parts.set(name, part)
      return part
    },
  })
}

const wrapperOf =
  (target: object, name: PropertyKey, describe: Describe, measure: Measure) =>
  (...args: unknown[]): unknown => {
    const work = describe(String(name), args)
    const call = (): unknown => Reflect.get(target, name, target).apply(target, args)
    return work ? measure(work, call) : call()
  }

/** Store methods that are not measured as operations. */
const lifecycle: ReadonlySet<string> = new Set(['follow', 'ping', 'end'])
const writes: ReadonlySet<string> = new Set<keyof SessionStore>(['add', 'save', 'close'])

function storeOperation(method: string, args: unknown[]): Work | undefined {
  if (lifecycle.has(method)) return undefined
  const work: Work = { kind: 'store', labels: { operation: method } }
  if (!writes.has(method)) return work
  const { session, changes } = args[0] as Write
  const write = changes.length > 0 ? writeKey(session.session_id, session.version) : undefined
  return { ...work, outcome: isWritten => (isWritten ? undefined : 'lost'), write }
}

/** Returns a write's key, which consists of the session id and of the version number that the write creates. */
export const writeKey = (session_id: string, version: number): string => `${version} ${session_id}`

const events = new Set<unknown>(sessionEvents)

/**
 * Measures neither the checks before a use case (`require…`) nor long polls, which mostly wait. `prefix` distinguishes
 * use cases with the same name in different capabilities.
 */
export const useCase =
  (prefix = ''): Describe =>
  (method, args) => {
    if (method.startsWith('require') || method === 'longPoll') return undefined
    const labels = { use_case: `${prefix}${method}`, event: method === 'dispatch' ? eventOf(args[1]) : '' }
    return { kind: 'use case', labels, outcome: outcomeOfChange }
  }

/** Returns the session event in a request body, or `none` if the body contains no known event. */
function eventOf(body: unknown): string {
  const event = (body as { event?: unknown } | null)?.event
  return events.has(event) ? String(event) : 'none'
}

/** Returns the outcome of a use case that returns a `ChangeOutcome`, and undefined for any other use case. */
function outcomeOfChange(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('replayed' in value)) return undefined
  const { replayed, transitions } = value as ChangeOutcome
  if (replayed) return 'replayed'
  return transitions.length > 0 ? undefined : 'unchanged'
}

/** Called once when the measured work ends. `value` is set if the work succeeded. */
type Ended = (outcome: string, value?: unknown) => void

/**
 * Runs `work`, and passes its outcome to `ended`. If the work returns an async iterable, reports the outcome when the
 * iteration ends. With `isAsync`, reports nothing if the work returns neither a promise nor an iterable.
 */
export function observeOutcome<T>(work: () => T, ended: Ended, isAsync = false): T {
  const failed = (error: unknown): never => {
    ended(outcomeOf(error))
    throw error
  }
  const succeeded = (value: unknown): unknown => {
    ended('ok', value)
    return value
  }
  let result: T
  try {
    result = work()
  } catch (error) {
    return failed(error)
  }
  if (isIterable(result)) return iterated(result, ended) as T
  if (result instanceof Promise) return result.then(succeeded, failed) as T
  return isAsync ? result : (succeeded(result) as T)
}

/** Whether the caller will iterate the value. A `Source` is never iterated, because it delivers its items to sinks. */
const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value && !(value instanceof Source)

async function* iterated(items: AsyncIterable<unknown>, ended: Ended): AsyncGenerator<unknown> {
  let outcome = 'left'
  try {
    yield* items
    outcome = 'ok'
  } catch (error) {
    outcome = outcomeOf(error)
    throw error
  } finally {
    ended(outcome)
  }
}

/** Returns the `outcome` label for an error: its code, but never its message. */
function outcomeOf(error: unknown): string {
  if (error instanceof DomainError) return error.code
  if (error instanceof HistoryGone) return 'history_gone'
  return (error as Error).name === 'GraphQLError' ? 'refused' : 'internal'
}
