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
import { Source } from '../feed/source'
import { formatError, logUnexpected } from './errors'
import type { Context } from './session'

/** Results that a group keeps for its members that are a little behind. */
const remembered = 64

type Executed = Omit<ExecutionResult, 'errors'> & { errors?: readonly GraphQLError[] | undefined }

export type Text = string | Promise<string>

/** An ExecutionResult as a client may see it: its errors formatted and the unexpected ones logged. */
export function shown(result: Executed, log: Logger, request_id: string): FormattedExecutionResult {
  if (!result.errors) return result as FormattedExecutionResult
  for (const error of result.errors) logUnexpected(log, request_id, error)
  return { ...result, errors: result.errors.map(error => formatError(error.toJSON(), error)) }
}

/** Subscriptions that say the same: what one commit is to them is executed and serialised once. */
class Group {
  members = 0
  readonly #texts = new Map<object, Text>()

  constructor(
    readonly args: ExecutionArgs,
    readonly log: Logger,
  ) {}

  /** The result for an item, as JSON. */
  text(item: object): Text {
    let text = this.#texts.get(item)
    if (text === undefined) {
      const result = execute({ ...this.args, rootValue: item })
      const { request_id } = this.args.contextValue as Context
      const said = (done: ExecutionResult): string => JSON.stringify(shown(done, this.log, request_id))
      text = 'then' in result ? (result as Promise<ExecutionResult>).then(said) : said(result)
      this.#texts.set(item, text)
      if (typeof text !== 'string')
        text.then(settled => this.#texts.has(item) && this.#texts.set(item, settled)).catch(() => {})
      if (this.#texts.size > remembered) this.#texts.delete(this.#texts.keys().next().value as object)
    }
    return text
  }
}

export interface Stream {
  source: Source<object>
  /** The ExecutionResult of an item, as JSON. */
  text(item: object): Text
  /** To be called once, when nobody reads it any more. */
  release(): void
}

/** Opens subscriptions, and lets identical ones share their work. */
export class Streams {
  readonly #groups = new Map<string, Group>()

  constructor(readonly log: Logger) {}

  /** The stream of a valid subscription; what is wrong with its arguments otherwise. */
  async open(args: ExecutionArgs, query: string): Promise<Stream | ExecutionResult> {
    const source = await createSourceEventStream(args)
    if (!(source instanceof Source)) return source as ExecutionResult
    const key = JSON.stringify([query, args.operationName, variablesBeside(args)])
    const group = this.#groups.get(key) ?? new Group(args, this.log)
    this.#groups.set(key, group)
    group.members++
    return {
      source,
      text: item => group.text(item),
      release: () => {
        if (--group.members === 0) this.#groups.delete(key)
      },
    }
  }
}

/** The variables without the one that says where to start, if it says nothing else. */
function variablesBeside({ document, operationName, variableValues }: ExecutionArgs): unknown {
  const cursor = cursorVariable(document, operationName)
  return Object.entries(variableValues ?? {}).filter(([name]) => name !== cursor)
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
