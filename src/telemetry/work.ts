import { DomainError, HistoryGone } from '../domain/errors'

/** A piece of work that is measured. */
export interface Work {
  kind: 'use case' | 'store' | 'batch'
  name: string
  /** Beside the name and the outcome, in words of a closed set. */
  labels?: Record<string, string>
  /** How it came out, in a word, where that is not just `ok`. */
  outcome?: ((value: unknown) => string | undefined) | undefined
  /** What it leads to, where it is a write. */
  write?: string | undefined
}

/** How a failure is told: by its code, and never by what its message says. */
export function outcomeOf(error: unknown): string {
  if (error instanceof DomainError) return error.code
  if (error instanceof HistoryGone) return 'history_gone'
  return (error as Error).name === 'GraphQLError' ? 'refused' : 'internal'
}

/** Makes a call of a method by another; nothing where the method is to be called as it is. */
export type Around = (name: string, args: unknown[], call: () => unknown) => unknown

/** The same object, of which calls of these methods from outside are made by another. */
export function around<T extends object>(object: T, methods: Partial<Record<keyof T, Around>>): T {
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

function calling(target: object, name: PropertyKey, made: Around | undefined): (...args: unknown[]) => unknown {
  const call = (args: unknown[]): unknown => Reflect.get(target, name, target).apply(target, args)
  return (...args) => (made ? made(String(name), args, () => call(args)) : call(args))
}

/** Around each method that a table names, as it says. */
export const each = <M extends string, K extends string>(
  table: Record<M, K>,
  made: Record<K, Around>,
): Record<M, Around> =>
  Object.fromEntries(Object.entries<K>(table).map(([method, kind]) => [method, made[kind]])) as Record<M, Around>

const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** Does the work, and tells once how it came out: what is handed over bit by bit when the last of it was. */
export function until<T>(does: () => T, over: (outcome: string, value?: unknown) => void): T {
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
