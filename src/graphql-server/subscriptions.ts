import { setTimeout as wait } from 'node:timers/promises'
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  type GraphQLError,
  getOperationAST,
  Kind,
  visit,
} from 'graphql'
import type { Logger } from 'pino'
import { Source } from '../concurrency/source'
import { DomainError } from '../domain/errors'
import { bytesOf } from '../http/json'
import type { Context } from '../resolvers/context'
import { costOf } from './cost'
import { formatError, graphqlErrorOf, logUnexpected } from './errors'
import { type ExecutionQueue, lightMessageObjects } from './execution-queue'
import { maxMessageObjects } from './limits'
import { addVariableFaults } from './variable-faults'

/** Maximum results that a group caches, for members that are a little behind. */
const rememberedResults = 64

/** Maximum bytes of these results. The latest is cached even if it is larger. */
const rememberedBytes = 1024 * 1024

const tooManyObjects = `The messages of this connection's subscriptions can have more than ${maxMessageObjects} objects. End some subscriptions, or select shorter lists.`

/** Delay before a retry while the store is unavailable. */
const executionRetryMs = 500

type Executed = Omit<ExecutionResult, 'errors'> & { errors?: readonly GraphQLError[] | undefined }

export type Text = string | Promise<string>

/** Returns a result as the client sees it: errors are formatted, and unexpected ones are logged. */
export function formattedResult(result: Executed, log: Logger, request_id: string): FormattedExecutionResult {
  if (!result.errors) return result as FormattedExecutionResult
  for (const error of result.errors) logUnexpected(log, request_id, error)
  return { ...result, errors: result.errors.map(error => formatError(error.toJSON(), error)) }
}

/** A text that is being computed. Each of `askers` returns whether one subscriber still wants it. */
interface PendingText {
  text: Promise<string>
  askers: (() => boolean)[]
}

/** Group of identical subscriptions. Executes and serialises each commit once for all members. */
class SubscriptionGroup {
  members = 0
  readonly #texts = new Map<object, string>()
  readonly #pending = new Map<object, PendingText>()
  #length = 0

  constructor(
    readonly args: ExecutionArgs,
    readonly isLight: boolean,
    readonly executions: ExecutionQueue,
    readonly log: Logger,
  ) {}

  /**
   * Returns the result for an item, as the bytes of its JSON (see `bytesOf`). If no member wants the item any more, the
   * result is not computed, and the text is empty.
   */
  text(item: object, wanted: () => boolean): Text {
    const said = this.#texts.get(item)
    if (said !== undefined) return said
    const pending = this.#pending.get(item)
    if (pending) {
      pending.askers.push(wanted)
      return pending.text
    }
    const askers = [wanted]
    const isWanted = (): boolean => askers.some(wanted => wanted())
    const result = this.#execute(item, isWanted)
    if (!('then' in result)) return this.#keep(item, this.#said(result))
    const text = this.#whenAvailable(item, result, isWanted)
    this.#pending.set(item, { text, askers })
    return text
  }

  #execute(item: object, wanted: () => boolean): ExecutionResult | Promise<ExecutionResult> {
    const args = { ...this.args, rootValue: item }
    if (this.isLight) return execute(args) as ExecutionResult | Promise<ExecutionResult>
    return this.executions.run({ ...args, contextValue: { ...(this.args.contextValue as Context), wanted } })
  }

  /** Retries while the store is unavailable, and sends nothing. Members keep their cursors, so they miss nothing. */
  async #whenAvailable(item: object, executing: Promise<ExecutionResult>, wanted: () => boolean): Promise<string> {
    try {
      let result = await executing
      while (wanted() && result.errors?.some(isOfTheStore)) {
        await wait(executionRetryMs)
        result = await this.#execute(item, wanted)
      }
      return wanted() ? this.#keep(item, this.#said(result)) : ''
    } finally {
      this.#pending.delete(item)
    }
  }

  #said(result: ExecutionResult): string {
    return bytesOf(JSON.stringify(formattedResult(result, this.log, (this.args.contextValue as Context).request_id)))
  }

  #keep(item: object, text: string): string {
    this.#length += text.length - (this.#texts.get(item)?.length ?? 0)
    this.#texts.set(item, text)
    for (const [oldest, said] of this.#texts) {
      if (this.#texts.size <= rememberedResults && (this.#length <= rememberedBytes || oldest === item)) break
      this.#texts.delete(oldest)
      this.#length -= said.length
    }
    return text
  }
}

const isOfTheStore = ({ originalError }: GraphQLError): boolean =>
  originalError instanceof DomainError && originalError.code === 'unavailable'

export interface SubscriptionStream {
  source: Source<object>
  /** Returns the ExecutionResult of an item, as the bytes of its JSON (see `bytesOf`). */
  text(item: object): Text
  /** Leaves the group. Call it once, when the stream has no reader any more. */
  release(): void
}

/** Opens subscriptions, and groups the identical ones. */
export class Subscriptions {
  readonly #groups = new Map<string, SubscriptionGroup>()

  /** Sum of the objects that one message of each subscription may have, by connection. */
  readonly #messageObjects = new WeakMap<object, number>()

  constructor(
    readonly executions: ExecutionQueue,
    readonly log: Logger,
  ) {}

  /**
   * Starts an admitted operation. Resolves to the stream of a subscription, or to the result of a query or mutation.
   */
  begin(
    args: ExecutionArgs,
    query: string,
    wanted: () => boolean,
    connection: object = {},
  ): Promise<SubscriptionStream | ExecutionResult> {
    // A subscription is executed for its whole group, so its context has no `wanted` of a single client.
    if (getOperationAST(args.document, args.operationName)?.operation === 'subscription')
      return this.#open(args, query, connection)
    return this.executions.run({ ...args, contextValue: { ...(args.contextValue as Context), wanted } })
  }

  /** Returns the stream of a subscription, or a result with its errors. */
  async #open(args: ExecutionArgs, query: string, connection: object): Promise<SubscriptionStream | ExecutionResult> {
    const { schema, document, operationName, variableValues: variables } = args
    const cost = costOf(schema, { document, operationName, variables })
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
      addVariableFaults(refused.errors, schema, { document, variables }, args.hideSuggestions === true)
      return refused
    }
    // Callers with different scopes see different data, so a group has one scope.
    const { scope } = (args.contextValue as Context).caller
    const key = JSON.stringify([
      query,
      args.operationName,
      variablesBeside(args),
      scope.mentor_id,
      scope.organisation_id,
    ])
    const group =
      this.#groups.get(key) ??
      new SubscriptionGroup(args, cost.objects <= lightMessageObjects, this.executions, this.log)
    this.#groups.set(key, group)
    group.members++
    let isReleased = false
    return {
      source,
      text: item => group.text(item, () => !isReleased),
      release: () => {
        isReleased = true
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

/**
 * Returns the values of the variables that the operation declares. Omits the variable of `after` if the document uses
 * it nowhere else, because it only says where to start.
 */
function variablesBeside({ document, operationName, variableValues }: ExecutionArgs): unknown {
  const cursor = cursorVariable(document, operationName)
  const declared = getOperationAST(document, operationName)?.variableDefinitions ?? []
  const names = declared.map(({ variable }) => variable.name.value).filter(name => name !== cursor)
  return names.map(name => variableValues?.[name])
}

function cursorVariable(document: DocumentNode, operationName: string | null | undefined): string | undefined {
  const operation = getOperationAST(document, operationName)
  const [field] = operation?.selectionSet.selections ?? []
  if (field?.kind !== Kind.FIELD) return undefined
  const after = field.arguments?.find(argument => argument.name.value === 'after')?.value
  if (after?.kind !== Kind.VARIABLE) return undefined
  const name = after.name.value
  let uses = 0
  visit(document, {
    Variable(node, _key, parent) {
      const isDefinition = parent && 'kind' in parent && parent.kind === Kind.VARIABLE_DEFINITION
      if (node.name.value === name && !isDefinition) uses++
    },
  })
  return uses === 1 ? name : undefined
}
