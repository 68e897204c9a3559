import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  isObjectType,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationTypeNode,
  type SelectionSetNode,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql'
import { z } from 'zod'
import { LruCache } from '../concurrency/lru-cache'
import { runLater } from '../concurrency/scheduler'
import type { Context } from '../resolvers/context'
import { type Cost, costOf } from './cost'
import { costRefusal, limitRules, parseDocument } from './limits'

/** Memory limit of the document cache, in bytes. */
const documentBytes = 32 * 1024 * 1024

/** Estimated memory in bytes of a parsed document per token, including the AST nodes. */
const tokenBytes = 500

/** Root fields of introspection queries, which only describe the schema. */
const introspectionFields = ['__schema', '__type', '__typename']

const jsonObject = z.custom<Record<string, unknown>>(
  value => typeof value === 'object' && value !== null && !Array.isArray(value),
)

/** Parameters of a GraphQL request (https://http-spec.graphql.org/September2026/#sec-Request-Parameters). */
export const parametersSchema = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: jsonObject.nullish(),
})

export type Parameters = z.infer<typeof parametersSchema>

/** An operation that is ready for execution, because its document is valid. */
export interface Operation {
  /** Text of the operation's document. */
  query: string
  args: ExecutionArgs
  /** Type of the operation. The operation type is undefined if `operationName` selects no operation in the document. */
  type: OperationTypeNode | undefined
  cost: Cost
}

/**
 * Admits operations: parses and validates their documents, and limits their cost. Caches valid documents, keyed by
 * their text.
 */
export class Admission {
  readonly #documents = new LruCache<DocumentNode>(documentBytes, sizeOf)
  readonly #rules: readonly ValidationRule[]
  readonly #publicFields: ReadonlySet<string>
  readonly #linkFields: ReadonlySet<string>
  /** Cached results of `mayShowLink`, because searching the document's text for each request would take longer. */
  readonly #namesLinkField = new WeakMap<DocumentNode, boolean>()

  constructor(
    readonly schema: GraphQLSchema,
    readonly introspection = true,
  ) {
    this.#publicFields = new Set([...introspectionFields, ...fieldsWith(schema, 'isPublic')])
    this.#linkFields = new Set(fieldsWith(schema, 'showsLink'))
    this.#rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule]
  }

  /**
   * Returns the operation that a request selects. If the server refuses the operation, returns its syntax, validation
   * or cost errors.
   */
  async admit(parameters: Parameters, context: Context): Promise<Operation | GraphQLError[]> {
    const document = await this.document(parameters.query)
    if (Array.isArray(document)) return document
    const operation = this.operation(document, parameters, context)
    const refusal = costRefusal(operation.cost)
    return refusal ? [refusal] : operation
  }

  /**
   * Returns the operation that a request selects, or undefined if its document is not cached. Does not check the
   * operation's cost.
   */
  cachedOperation(parameters: Parameters, context: Context): Operation | undefined {
    const document = this.#documents.find(parameters.query)
    return document && this.operation(document, parameters, context)
  }

  /** Returns the operation that a request selects in a valid document. Does not check the operation's cost. */
  operation(document: DocumentNode, { query, operationName, variables }: Parameters, contextValue: Context): Operation {
    const { schema, introspection } = this
    return {
      query,
      args: {
        schema,
        hideSuggestions: !introspection,
        document,
        operationName,
        variableValues: variables,
        contextValue,
      },
      type: getOperationAST(document, operationName)?.operation,
      cost: costOf(schema, { document, operationName, variables }),
    }
  }

  /** Whether a request's operation is valid and selects only public root fields. */
  async isPublic({ query, operationName }: Parameters): Promise<boolean> {
    const document = await this.document(query)
    if (Array.isArray(document)) return false
    const operation = getOperationAST(document, operationName)
    if (!operation) return false
    return [...rootFields(document, operation.selectionSet)].every(name => this.#publicFields.has(name))
  }

  /**
   * Whether the document names a field that can return a link's secret token, so that the response may contain the
   * token.
   */
  mayShowLink({ query, args: { document } }: Operation): boolean {
    const known = this.#namesLinkField.get(document)
    if (known !== undefined) return known
    const names = query.match(/\w+/g) ?? []
    const namesOne = names.some(name => this.#linkFields.has(name))
    this.#namesLinkField.set(document, namesOne)
    return namesOne
  }

  /**
   * Returns the cached document for a text, or parses and validates the text. Parsing a document waits for a time slice
   * of the event loop.
   */
  async document(text: string): Promise<DocumentNode | GraphQLError[]> {
    const cached = this.#documents.find(text)
    if (cached) return cached
    await new Promise<void>(runLater)
    return this.#documents.find(text) ?? this.#read(text)
  }

  #read(text: string): DocumentNode | GraphQLError[] {
    try {
      const document = parseDocument(text)
      const errors = this.#errors(document)
      if (errors.length > 0) return errors.map(error => withCode(error, 'GRAPHQL_VALIDATION_FAILED'))
      this.#documents.keep(text, document)
      return document
    } catch (error) {
      if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')]
      throw error
    }
  }

  /**
   * Validates a document. Checks the server's own limits first, because GraphQL's own validation rules take a long time
   * on large documents.
   */
  #errors(document: DocumentNode): readonly GraphQLError[] {
    const options = { hideSuggestions: !this.introspection }
    const overLimits = validate(this.schema, document, limitRules, options)
    if (overLimits.length > 0) return overLimits
    try {
      return validate(this.schema, document, this.#rules, options)
    } catch (error) {
      // If a directive is invalid, the single-root-field rule of graphql-js throws the error instead of reporting it.
      if (error instanceof GraphQLError) return [error]
      throw error
    }
  }
}

function withCode({ message, nodes, source, positions, extensions }: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(message, { nodes: nodes ?? null, source, positions, extensions: { code, ...extensions } })
}

function sizeOf({ loc }: DocumentNode): number {
  let tokens = 0
  for (let token = loc?.startToken; token; token = token.next ?? undefined) tokens++
  return tokens * tokenBytes + 2 * (loc?.source.body.length ?? 0)
}

/**
 * Cache of the results of `operationNameOf`. The cache saves time, because every request needs an operation's name and
 * most requests repeat a document.
 */
const knownNames = new WeakMap<DocumentNode, Map<string, string>>()

/**
 * Returns an operation's name for telemetry: the operation's type and root field, such as `query session`. For an
 * operation with several root fields, returns a name like `mutation several`. Telemetry does not use the client's own
 * operation name, because clients can invent any number of names.
 */
export function operationNameOf({ args: { document, operationName } }: Operation): string {
  const names = knownNames.get(document) ?? new Map<string, string>()
  knownNames.set(document, names)
  const key = operationName ?? ''
  const name = names.get(key) ?? nameOf(document, operationName)
  names.set(key, name)
  return name
}

function nameOf(document: DocumentNode, operationName: string | null | undefined): string {
  const operation = getOperationAST(document, operationName)
  if (!operation) return ''
  const [field, ...others] = rootFields(document, operation.selectionSet)
  if (others.length > 0) return `${operation.operation} several`
  return `${operation.operation} ${field?.replace(/^__.*/, 'introspection')}`
}

/**
 * Returns the names of an operation's root fields. The recursion ends, because a valid document has no circular
 * fragments.
 */
function rootFields(document: DocumentNode, { selections }: SelectionSetNode): Set<string> {
  const fields = selections.flatMap((selection): string[] => {
    if (selection.kind === Kind.FIELD) return [selection.name.value]
    const spread =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : document.definitions.find(
            definition =>
              definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
          )
    return spread && 'selectionSet' in spread && spread.selectionSet
      ? [...rootFields(document, spread.selectionSet)]
      : []
  })
  return new Set(fields)
}

const fieldsWith = (schema: GraphQLSchema, extension: string): string[] =>
  Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap(type => Object.values(type.getFields()))
    .flatMap(({ name, extensions }) => (extensions[extension] ? [name] : []))
