import { setTimeout as wait } from 'node:timers/promises'
import { createSourceEventStream, type ExecutionResult } from 'graphql'
import type { Logger } from 'pino'
import type { Signal } from '../concurrency/deadline'
import { Source } from '../concurrency/source'
import { waitingAt } from '../concurrency/waits'
import { type Caller, principalKey } from '../domain/caller'
import { DomainError, isDomainError } from '../domain/errors'
import { bytesOf } from '../http/json'
import type { Context } from '../resolvers/context'
import { isEnd, sessionIdOf } from '../resolvers/feed'
import type { Callers } from '../use-cases'
import type { Operation } from './admission'
import { addVariableFaults, formattedResult, graphqlErrorOf } from './errors'
import { type ExecutionQueue, isLight } from './execution-queue'
import { maxMessageObjects } from './limits'

/**
 * Number of results that a subscription group caches for members that lag behind. A larger group caches one result per
 * member, because after a crash, thousands of members catch up with the same commits, each from its own position.
 */
const cachedResults = 64

/** Maximum size in bytes of a group's cached results. The latest result is cached regardless of its size. */
const cachedResultBytes = 1024 * 1024

const tooManyObjects = `Together, this connection's subscription messages can have more than ${maxMessageObjects} objects. End some subscriptions, or select shorter lists.`

/** Delay in ms before a subscription's execution is retried while the store is unavailable. */
const executionRetryMs = 500

export type Text = string | Promise<string>

/** Signal that combines several signals, and is aborted once all of them are aborted. */
class CommonSignal implements Signal {
  readonly #signals: Signal[]

  constructor(signal: Signal) {
    this.#signals = [signal]
  }

  add(signal: Signal): void {
    this.#signals.push(signal)
  }

  get aborted(): boolean {
    return this.#signals.every(({ aborted }) => aborted)
  }
}

/** The computation is aborted once no subscriber is waiting for its result. */
interface PendingText {
  text: Promise<string>
  signal: CommonSignal
}

/**
 * Group of identical subscriptions. For each commit, the subscription's operation is executed and the result is
 * serialised once for all members. The operation's context therefore has only what all members share, except for the
 * ids with which the first member's executions are queued and logged.
 */
class SubscriptionGroup {
  members = 0
  readonly #context: Context
  readonly #isLight: boolean
  readonly #texts = new Map<object, string>()
  readonly #pending = new Map<object, PendingText>()
  #length = 0

  constructor(
    readonly operation: Operation,
    /** Principal of the first member, towards which the executions count. */
    readonly principal: string,
    readonly executions: ExecutionQueue,
    readonly log: Logger,
  ) {
    this.#context = operation.args.contextValue
    this.#isLight = isLight(operation.cost)
  }

  /** Returns encoded JSON (see `bytesOf`), or '' if no member is waiting for the item any more. */
  text(item: object, member: Signal): Text {
    const cached = this.#texts.get(item)
    if (cached !== undefined) return cached
    const pending = this.#pending.get(item)
    if (pending) {
      pending.signal.add(member)
      return pending.text
    }
    if (isEnd(item)) this.#forgetSession(sessionIdOf(item))
    const signal = new CommonSignal(member)
    const result = this.#execute(item, signal)
    if (!('then' in result)) return this.#cache(item, this.#serialised(result))
    const text = this.#whenAvailable(item, result, signal)
    this.#pending.set(item, { text, signal })
    return text
  }

  #execute(item: object, signal: Signal): ExecutionResult | Promise<ExecutionResult> {
    const { args, cost } = this.operation
    // Only an operation in the execution queue has a state of its own.
    const contextValue = this.#isLight ? this.#context : { ...this.#context, signal }
    return this.executions.run({ args: { ...args, rootValue: item, contextValue }, cost }, this.principal)
  }

  async #whenAvailable(item: object, executing: Promise<ExecutionResult>, signal: Signal): Promise<string> {
    try {
      let result = await executing
      if (!signal.aborted && isUnavailable(result)) {
        const { request_id } = this.#context
        result = await waitingAt('store_retry', this.#retried(item, result, signal), { request_id })
      }
      if (signal.aborted) return ''
      const text = this.#serialised(result)
      return this.#pending.get(item)?.signal === signal ? this.#cache(item, text) : text
    } finally {
      if (this.#pending.get(item)?.signal === signal) this.#pending.delete(item)
    }
  }

  /**
   * Stops sharing the results about a session that was closed or left the members' scope. Members that receive the
   * session's earlier items later must not get what was visible before.
   */
  #forgetSession(session_id: string | undefined): void {
    for (const item of this.#pending.keys()) if (sessionIdOf(item) === session_id) this.#pending.delete(item)
    for (const [item, { length }] of this.#texts) {
      if (sessionIdOf(item) !== session_id) continue
      this.#texts.delete(item)
      this.#length -= length
    }
  }

  /** Members keep their cursors during the retries, so they miss nothing. */
  async #retried(item: object, unavailable: ExecutionResult, signal: Signal): Promise<ExecutionResult> {
    let result = unavailable
    while (!signal.aborted && isUnavailable(result)) {
      await wait(executionRetryMs)
      result = await this.#execute(item, signal)
    }
    return result
  }

  #serialised(result: ExecutionResult): string {
    return bytesOf(JSON.stringify(formattedResult(result, this.log, this.#context.request_id)))
  }

  #cache(item: object, text: string): string {
    this.#length += text.length - (this.#texts.get(item)?.length ?? 0)
    this.#texts.set(item, text)
    for (const [oldest, { length }] of this.#texts) {
      if (
        this.#texts.size <= Math.max(cachedResults, this.members) &&
        (this.#length <= cachedResultBytes || oldest === item)
      )
        break
      this.#texts.delete(oldest)
      this.#length -= length
    }
    return text
  }
}

const isUnavailable = ({ errors }: ExecutionResult): boolean =>
  errors?.some(({ originalError }) => isDomainError(originalError, 'unavailable')) ?? false

export interface SubscriptionStream {
  source: Source<object>
  /** Returns the subscription's result for an item, as encoded JSON (see `bytesOf`). */
  text(item: object): Text
  /** Call `release` once, when nothing reads from the stream any more. */
  release(): void
}

export class Subscriptions {
  readonly #groups = new Map<string, SubscriptionGroup>()

  /** For each connection, the sum of its subscriptions' maximum numbers of objects per message. */
  readonly #messageObjects = new WeakMap<object, number>()

  constructor(
    readonly executions: ExecutionQueue,
    readonly callers: Pick<Callers, 'like'>,
    readonly log: Logger,
  ) {}

  /** Resolves to the stream of a subscription, or to the result of a query or mutation. */
  async begin(operation: Operation, connection: object = {}): Promise<SubscriptionStream | ExecutionResult> {
    return operation.compiled.type === 'subscription'
      ? this.#open(operation, connection)
      : this.executions.run(operation)
  }

  /** Opens a subscription, and returns its stream, or a result with errors if the subscription is refused. */
  async #open(operation: Operation, connection: object): Promise<SubscriptionStream | ExecutionResult> {
    const { args, cost } = operation
    if (!this.#take(connection, cost.objects)) {
      return { errors: [graphqlErrorOf(new DomainError('rate_limited').withMessage(tooManyObjects))] }
    }
    const source = await createSourceEventStream(args).catch(error => {
      this.#take(connection, -cost.objects)
      throw error
    })
    if (!(source instanceof Source)) {
      this.#take(connection, -cost.objects)
      const refused = source as ExecutionResult
      addVariableFaults(refused.errors, args)
      return refused
    }
    const { caller, request_id, connection: firstConnection, selectsResult } = args.contextValue
    const useCases = this.callers.like(caller)
    const key = groupKey(operation, useCases.caller)
    let group = this.#groups.get(key)
    if (!group) {
      // The group executes for all members, so its context has no signal of a single client.
      const contextValue: Context = { ...useCases, request_id, connection: firstConnection, selectsResult }
      const shared = { ...operation, args: { ...args, contextValue } }
      group = new SubscriptionGroup(shared, principalKey(caller), this.executions, this.log)
      this.#groups.set(key, group)
    }
    group.members++
    const signal = { aborted: false }
    return {
      source,
      text: item => group.text(item, signal),
      release: () => {
        signal.aborted = true
        this.#take(connection, -cost.objects)
        if (--group.members === 0) this.#groups.delete(key)
      },
    }
  }

  #take(connection: object, objects: number): boolean {
    const taken = (this.#messageObjects.get(connection) ?? 0) + objects
    if (taken > maxMessageObjects) return false
    this.#messageObjects.set(connection, taken)
    return true
  }
}

/** Contains everything about the caller that the group's results can depend on. */
const groupKey = ({ compiled, args }: Operation, caller: Caller): string =>
  JSON.stringify([
    compiled.text,
    args.operationName,
    compiled.groupVariables.map(name => args.variableValues?.[name]),
    caller,
  ])
