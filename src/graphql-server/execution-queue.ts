import { type ExecutionArgs, type ExecutionResult, execute } from 'graphql'
import type { Signal } from '../concurrency/deadline'
import { FairQueue, type Requester } from '../concurrency/fair-queue'
import { runLater, yieldToEventLoop } from '../concurrency/scheduler'
import { beginWait } from '../concurrency/waits'
import { principalKey } from '../domain/caller'
import { DomainError } from '../domain/errors'
import type { Context } from '../resolvers/context'
import { TimeSlices } from '../resolvers/time-slices'
import type { Operation } from './admission'
import type { Cost } from './cost'
import { addVariableFaults, graphqlErrorOf } from './errors'
import { validationError } from './limits'

/** Maximum size in bytes of a response's JSON text. */
export const maxAnswerBytes = 4 * 1024 * 1024

/** Upper bound on the size in bytes of one response value, including the names of the fields on its path. */
const maxValueBytes = 6_000

/** Number of response values that are measured before yielding to other work. */
const valuesPerTurn = 1_000

/** A response with at most `valuesInAnyAnswer` values is never larger than `maxAnswerBytes`. */
const valuesInAnyAnswer = maxAnswerBytes / maxValueBytes

/**
 * Maximum cost, in objects, of an operation that runs without waiting. A query for a page of 100 sessions with the
 * total count costs less than `lightObjects`.
 */
export const lightObjects = 250

/** Maximum cost, in objects, of a subscription message that is computed without waiting. */
export const lightMessageObjects = 100

/**
 * Maximum total cost, in objects, of costly operations that run at the same time. An operation that costs more than
 * `objectsAtOnce` runs by itself.
 */
export const objectsAtOnce = 1_000

/** Maximum number of waiting queries and mutations, and maximum time in ms that each of them waits. */
export const operationsWaiting = 100
const operationWaitMs = 10_000

/**
 * Minimum and maximum pause in ms after a costly operation. The pause lasts as long as the event loop was busy while
 * the operation ran, but at least `shortestPauseMs` and at most `longestPauseMs`.
 */
const shortestPauseMs = 5
const longestPauseMs = 100

interface Waiting {
  requester: Requester
  objects: number
  signal: Signal | undefined
  start: () => void
  refuse: (reason?: DomainError) => void
}

type OperationContext = Pick<Context, 'caller' | 'connection'> &
  Partial<Pick<Context, 'signal' | 'request_id' | 'timeSlices'>>

/**
 * Runs only a few costly operations at the same time, and a pause after each leaves time for other work. Serves
 * principals in turn, and the connections of each principal in turn.
 *
 * Subscription messages wait without a time limit, because refusing a message would end the subscriptions that receive
 * it. Each subscriber waits for only one message at a time.
 */
export class ExecutionQueue {
  #running = 0
  readonly #waiting = new FairQueue<Waiting>()
  /** Waiting queries and mutations, but not the waiting subscription messages. */
  readonly #operations = new FairQueue<Waiting>({ waiting: operationsWaiting, refuse: item => this.#refuse(item) })

  /**
   * Resolves when an operation of this cost is allowed to run. Call the returned function once, when it is done. Throws
   * `unavailable` if an operation waits too long, or if too many operations are waiting and its principal has the most
   * of them, and `unauthenticated` if the caller's access ends meanwhile. Subscription messages never get these errors.
   * Operations and messages are refused if their signal is aborted before their turn.
   */
  async acquire(cost: Cost, context: OperationContext, principal = principalKey(context.caller)): Promise<() => void> {
    if (isLight(cost)) return () => {}
    const { objects, isMessage } = cost
    context.timeSlices = new TimeSlices()
    if (this.#waiting.size === 0 && this.#hasRoom(objects)) this.#running += objects
    else await this.#wait(objects, { ...context, principal }, isMessage ? undefined : operationWaitMs)
    const began = performance.eventLoopUtilization()
    return () => {
      const { active } = performance.eventLoopUtilization(began)
      const ms = Math.min(Math.max(shortestPauseMs, active), longestPauseMs)
      // Start the timer in a later event-loop turn. If a timer starts right after long work, it fires before the event
      // loop reads input.
      setImmediate(() => setTimeout(() => runLater(() => this.#letIn(objects)), ms))
    }
  }

  #hasRoom(objects: number): boolean {
    return this.#running === 0 || this.#running + objects <= objectsAtOnce
  }

  async #wait(
    objects: number,
    { signal, request_id, caller, connection, principal }: OperationContext & { principal: string },
    ms: number | undefined,
  ): Promise<void> {
    const requester = { principal, connection }
    if (ms !== undefined) this.#operations.makeRoomFor(requester.principal)
    const endWait = beginWait('graphql_queue', { request_id, objects })
    let late: NodeJS.Timeout | undefined
    let cancelEnd: (() => void) | undefined
    try {
      await new Promise<void>((start, reject) => {
        const refuse = (reason: DomainError = new DomainError('unavailable')): void => reject(reason)
        const waiting: Waiting = { requester, objects, signal, start, refuse }
        this.#waiting.push(requester, waiting)
        if (ms === undefined) return
        this.#operations.push(requester, waiting)
        late = setTimeout(() => this.#refuse(waiting), ms)
        cancelEnd = caller.access?.onEnd(reason => this.#refuse(waiting, reason))
      })
    } finally {
      clearTimeout(late)
      cancelEnd?.()
      endWait()
    }
  }

  #refuse(waiting: Waiting, reason?: DomainError): void {
    this.#remove(waiting)
    waiting.refuse(reason)
  }

  #remove(waiting: Waiting): void {
    this.#waiting.delete(waiting.requester, waiting)
    this.#operations.delete(waiting.requester, waiting)
  }

  /** Subtracts the cost of a finished operation, and starts the queued operations for which there is room. */
  #letIn(objects: number): void {
    this.#running -= objects
    for (let next = this.#waiting.peek()?.item; next; next = this.#waiting.peek()?.item) {
      if (next.signal?.aborted) {
        this.#refuse(next)
        continue
      }
      if (!this.#hasRoom(next.objects)) return
      this.#waiting.shift()
      this.#remove(next)
      this.#running += next.objects
      next.start()
    }
  }

  /** Returns the result without a promise if nothing has to wait. Throws the errors of `acquire`. */
  execute({ args, cost }: Executable, principal?: string): ExecutionResult | Promise<ExecutionResult> {
    return isLight(cost) ? executed(args, cost) : this.#executeInTurn({ args, cost }, principal)
  }

  async #executeInTurn({ args, cost }: Executable, principal: string | undefined): Promise<ExecutionResult> {
    const release = await this.acquire(cost, args.contextValue, principal)
    try {
      return await executed(args, cost)
    } finally {
      release()
    }
  }

  /** Like `execute`, but returns a result with an error instead of throwing the error. */
  run(operation: Executable, principal?: string): ExecutionResult | Promise<ExecutionResult> {
    const result = this.execute(operation, principal)
    return 'then' in result ? result.catch(error => ({ errors: [graphqlErrorOf(error)] })) : result
  }
}

type Executable = Pick<Operation, 'args' | 'cost'>

export const isLight = ({ objects, isMessage }: Cost): boolean =>
  objects <= (isMessage ? lightMessageObjects : lightObjects)

/** The only place that executes operations. `Subscriptions` opens the source event streams of subscriptions. */
function executed(args: ExecutionArgs, cost: Cost): ExecutionResult | Promise<ExecutionResult> {
  const finish = (result: ExecutionResult): ExecutionResult | Promise<ExecutionResult> => {
    if (result.errors) addVariableFaults(result.errors, args)
    return limitSize(result, cost)
  }
  const result = execute(args) as ExecutionResult | Promise<ExecutionResult>
  return 'then' in result ? result.then(finish) : finish(result)
}

/** Returns `result`, or an error if the JSON text of `result` is larger than `maxAnswerBytes`. */
const limitSize = (result: ExecutionResult, { values }: Cost): ExecutionResult | Promise<ExecutionResult> =>
  values <= valuesInAnyAnswer ? result : measured(result)

async function measured(result: ExecutionResult): Promise<ExecutionResult> {
  const left = (result.errors ?? []).reduce<number>((left, error) => left - jsonBytes(error), maxAnswerBytes)
  if ((await spend(result.data, left)) >= 0) return result
  return {
    errors: [
      validationError(`The response is larger than ${maxAnswerBytes} bytes. Request smaller pages or fewer fields.`),
    ],
  }
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '')

/** Stops measuring the value once `left` is negative, because the response is then too large. */
async function spend(value: unknown, left: number): Promise<number> {
  const unmeasured = [value]
  for (let measured = 1; unmeasured.length > 0 && left >= 0; measured++) {
    const value = unmeasured.pop()
    if (typeof value !== 'object' || value === null) left -= jsonBytes(value)
    else {
      const isList = Array.isArray(value)
      left -= 2
      for (const name in value) {
        left -= isList ? 1 : name.length + 4
        unmeasured.push((value as Record<string, unknown>)[name])
      }
    }
    if (measured % valuesPerTurn === 0) await yieldToEventLoop()
  }
  return left
}
