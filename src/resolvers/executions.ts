import { type ExecutionArgs, type ExecutionResult, execute, type GraphQLError } from 'graphql'
import { DomainError } from '../domain/errors'
import { inTurn } from '../time/turns'
import { stateFaults } from './coercion'
import type { Context } from './context'
import { type Cost, costOf } from './cost'
import { graphqlErrorOf } from './errors'
import { validationError } from './limits'

/** An answer, as text, is at most this large. */
export const maxAnswerBytes = 4 * 1024 * 1024

/** What one value of an answer may come to, with the names on the way to it. */
const maxValueBytes = 3_000

/** So many values are never too much for an answer. */
const valuesInAnyAnswer = maxAnswerBytes / maxValueBytes

/** Operations of at most so many objects never wait: a page of 100 sessions with its total does not. */
export const lightObjects = 250

/** Messages of subscriptions of at most so many never wait either. */
export const lightMessageObjects = 100

/** Objects that the operations which run together may come to. One that comes to more runs alone. */
export const objectsAtOnce = 1_000

/** Operations that wait at most, and for how long. */
export const operationsWaiting = 100
const operationWaitMs = 10_000

/** The pause after an operation is as long as it kept the event loop, and so long at least and at most. */
const shortestPauseMs = 5
const longestPauseMs = 100

interface Waiting {
  objects: number
  wanted: () => boolean
  start: () => void
  refuse: () => void
}

/**
 * Lets costly operations run a few at a time, and gives everything else its share of the event loop between them: the others
 * wait, and are let in one after another.
 */
export class Executions {
  #running = 0
  #waiting: Waiting[] = []

  /**
   * Resolves when something of this cost may run, to what must be called once when it has. Throws unavailable where too
   * many wait, or too long. A message of a subscription waits as long as somebody wants it.
   */
  async enter({ objects, isMessage }: Cost, wanted = () => true): Promise<() => void> {
    if (objects <= (isMessage ? lightMessageObjects : lightObjects)) return () => {}
    if (this.#waiting.length === 0 && this.#hasRoom(objects)) this.#running += objects
    else await this.#wait(objects, wanted, isMessage ? undefined : operationWaitMs)
    const began = performance.eventLoopUtilization()
    return () => {
      const { active } = performance.eventLoopUtilization(began)
      const ms = Math.min(Math.max(shortestPauseMs, active), longestPauseMs)
      // A timer that is set after long work is due at once, and would run before anything is read.
      setImmediate(() => setTimeout(() => inTurn(() => this.#letIn(objects)), ms))
    }
  }

  #hasRoom(objects: number): boolean {
    return this.#running === 0 || this.#running + objects <= objectsAtOnce
  }

  #wait(objects: number, wanted: () => boolean, ms: number | undefined): Promise<void> {
    if (ms !== undefined && this.#waiting.length >= operationsWaiting) throw new DomainError('unavailable')
    return new Promise((resolve, reject) => {
      const refuse = (): void => reject(new DomainError('unavailable'))
      const late = ms === undefined ? undefined : setTimeout(() => this.#leave(waiting), ms)
      const start = (): void => {
        clearTimeout(late)
        resolve()
      }
      const waiting = { objects, wanted, start, refuse }
      this.#waiting.push(waiting)
    })
  }

  #leave(late: Waiting): void {
    this.#waiting = this.#waiting.filter(waiting => waiting !== late)
    late.refuse()
  }

  /** Lets in who waited for operations that came to so many objects. */
  #letIn(objects: number): void {
    this.#running -= objects
    for (let [next] = this.#waiting; next; [next] = this.#waiting) {
      if (!next.wanted()) {
        this.#leave(next)
        continue
      }
      if (!this.#hasRoom(next.objects)) return
      this.#waiting.shift()
      this.#running += next.objects
      next.start()
    }
  }

  /** What an admitted query or mutation gives, or a message of an admitted subscription. It never rejects. */
  async run(args: ExecutionArgs): Promise<ExecutionResult> {
    try {
      const cost = costOfArgs(args)
      const leave = await this.enter(cost, (args.contextValue as Context).wanted)
      try {
        return bounded(await executed(args), cost)
      } finally {
        leave()
      }
    } catch (error) {
      return { errors: [graphqlErrorOf(error)] }
    }
  }
}

/**
 * What a query or mutation gives that neither waits nor comes to more than an answer may; undefined for any other, and
 * where its variables are refused: then nothing was executed.
 */
export async function ofLight(args: ExecutionArgs): Promise<ExecutionResult | undefined> {
  const { objects, values } = costOfArgs(args)
  if (objects > lightObjects || values > valuesInAnyAnswer) return undefined
  const result = await executed(args)
  return 'data' in result ? result : undefined
}

const costOfArgs = ({ schema, document, operationName, variableValues: variables }: ExecutionArgs): Cost =>
  costOf(schema, { document, operationName, variables })

async function executed(args: ExecutionArgs): Promise<ExecutionResult> {
  const result = await execute(args)
  const { schema, document, variableValues: variables } = args
  stateFaults(result.errors, schema, { document, variables }, args.hideSuggestions === true)
  return result
}

/** The result, or the refusal of one that would be larger as text than an answer may be. */
export function bounded<R extends { data?: unknown; errors?: readonly unknown[] | undefined }>(
  result: R,
  { values }: Cost,
): R | { errors: GraphQLError[] } {
  if (values <= valuesInAnyAnswer) return result
  const left = (result.errors ?? []).reduce<number>((left, error) => left - jsonBytes(error), maxAnswerBytes)
  if (spend(result.data, left) >= 0) return result
  return { errors: [validationError(`The answer is larger than ${maxAnswerBytes} bytes; ask for less at a time.`)] }
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '')

/** What is left of so many bytes after a value's text; less than nothing where they do not suffice. */
function spend(value: unknown, left: number): number {
  if (typeof value !== 'object' || value === null) return left - jsonBytes(value)
  const isList = Array.isArray(value)
  for (const name in value) {
    if (left < 0) return left
    left = spend((value as Record<string, unknown>)[name], left - (isList ? 1 : name.length + 4))
  }
  return left - 2
}
