import { DomainError, HistoryGone } from '../domain/errors'

/** A piece of work that is measured. */
export interface MeasuredWork {
  kind: 'use case' | 'store' | 'batch'
  name: string
  /** Labels in addition to the name and the outcome. Each has a closed set of values. */
  labels?: Record<string, string>
  /** Returns the outcome as one word, or undefined if it is just `ok`. */
  outcome?: ((value: unknown) => string | undefined) | undefined
  /** For a write, the version that it creates (see `writeKey`). */
  write?: string | undefined
}

/** Returns the outcome of a failure: its code, never its message. */
export function outcomeOf(error: unknown): string {
  if (error instanceof DomainError) return error.code
  if (error instanceof HistoryGone) return 'history_gone'
  return (error as Error).name === 'GraphQLError' ? 'refused' : 'internal'
}

/** Wraps the call of a method. */
export type MethodWrapper = (name: string, args: unknown[], call: () => unknown) => unknown

/** Returns the same object with these methods wrapped. Calls from inside the object are not wrapped. */
export function wrapMethods<T extends object>(object: T, methods: Partial<Record<keyof T, MethodWrapper>>): T {
  const known = new Map<PropertyKey, unknown>()
  return new Proxy(object, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      const called = known.get(name) ?? calling(target, name, methods[name as keyof T])
      known.set(name, called)
      return called
    },
  })
}

function calling(target: object, name: PropertyKey, made: MethodWrapper | undefined): (...args: unknown[]) => unknown {
  const call = (args: unknown[]): unknown => Reflect.get(target, name, target).apply(target, args)
  return (...args) => (made ? made(String(name), args, () => call(args)) : call(args))
}

/** Assigns to each method in a table the wrapper of its kind. */
export const wrappersFor = <M extends string, K extends string>(
  table: Record<M, K>,
  made: Record<K, MethodWrapper>,
): Record<M, MethodWrapper> =>
  Object.fromEntries(Object.entries<K>(table).map(([method, kind]) => [method, made[kind]])) as Record<M, MethodWrapper>

const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** Runs the work and reports its outcome once. For an async iterable, that is when the iteration ends. */
export function observeOutcome<T>(does: () => T, over: (outcome: string, value?: unknown) => void): T {
  const failed = (error: unknown): never => {
    over(outcomeOf(error))
    throw error
  }
  let done: T
  try {
    done = does()
  } catch (error) {
    return failed(error)
  }
  if (isIterable(done)) return iterated(done, over) as T
  const made = (value: unknown): unknown => {
    over('ok', value)
    return value
  }
  return (done instanceof Promise ? done.then(made, failed) : made(done)) as T
}

async function* iterated(items: AsyncIterable<unknown>, over: (outcome: string) => void): AsyncGenerator<unknown> {
  let outcome = 'left'
  try {
    yield* items
    outcome = 'ok'
  } catch (error) {
    outcome = outcomeOf(error)
    throw error
  } finally {
    over(outcome)
  }
}
