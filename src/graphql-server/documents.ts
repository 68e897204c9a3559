import type { IncomingMessage } from 'node:http'
import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql'
import { z } from 'zod'
import { runLater } from '../concurrency/scheduler'
import { isDeeper, maxNesting, withoutRounding } from '../http/json'
import type { Context } from '../resolvers/context'
import { costOf, type RequestedOperation } from './cost'
import { costRefusal, limitRules, parseOptions } from './limits'
import { LruCache } from './lru-cache'

/** Memory limit of the document cache, in bytes. */
const documentBytes = 32 * 1024 * 1024

/** Estimated memory of a token and its share of the AST nodes, in bytes. */
const tokenBytes = 500

const jsonObject = z.custom<Record<string, unknown>>(
  value => typeof value === 'object' && value !== null && !Array.isArray(value),
)

/** Parameters of a GraphQL request (https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters). */
export const parametersSchema = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: jsonObject.nullish(),
})

export type Parameters = z.infer<typeof parametersSchema>

/**
 * Returns the parameters of an HTTP request, from the URL of a GET and otherwise from the body. Returns undefined if
 * they are missing or invalid.
 */
export const parametersOf = async (
  { method, url = '' }: IncomingMessage,
  body: () => Promise<unknown>,
): Promise<Parameters | undefined> =>
  method === 'GET' ? fromQuery(url) : parametersSchema.safeParse(await body()).data

function fromQuery(url: string): Parameters | undefined {
  const { query, operationName, variables } = Object.fromEntries(new URL(url, 'http://localhost').searchParams)
  try {
    const said = variables === undefined ? undefined : JSON.parse(withoutRounding(variables))
    return isDeeper(said, maxNesting)
      ? undefined
      : parametersSchema.safeParse({ query, operationName, variables: said }).data
  } catch {
    return undefined
  }
}

/** Parses and validates documents. Caches the valid ones by their text. */
export class Documents {
  readonly #known = new LruCache<DocumentNode>(documentBytes, sizeOf)
  readonly #rules: readonly ValidationRule[]

  constructor(
    readonly schema: GraphQLSchema,
    /** Whether clients may introspect the schema. */
    readonly introspection = true,
  ) {
    this.#rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule]
  }

  /** Returns the document of an operation, or the errors that refuse it: syntax, validation or cost. */
  async admit(query: string, operation: Omit<RequestedOperation, 'document'>): Promise<DocumentNode | GraphQLError[]> {
    const document = await this.valid(query)
    if (Array.isArray(document)) return document
    const refusal = costRefusal(costOf(this.schema, { document, ...operation }))
    return refusal ? [refusal] : document
  }

  /** Returns the arguments with which graphql's `execute` runs an admitted operation. */
  executionArgs(
    document: DocumentNode,
    { operationName, variables }: Parameters,
    contextValue: Context,
  ): ExecutionArgs {
    const { schema, introspection } = this
    return { schema, hideSuggestions: !introspection, document, operationName, variableValues: variables, contextValue }
  }

  /** Returns the cached document of a text, or undefined. */
  known(text: string): DocumentNode | undefined {
    return this.#known.find(text)
  }

  /** Returns the document of a text, or its errors. Parses a text that is not cached in a later time slice. */
  async valid(text: string): Promise<DocumentNode | GraphQLError[]> {
    const known = this.known(text)
    if (known) return known
    await new Promise<void>(runLater)
    return this.known(text) ?? this.#read(text)
  }

  #read(text: string): DocumentNode | GraphQLError[] {
    try {
      const document = parse(text, parseOptions)
      const errors = this.#errors(document)
      if (errors.length > 0) return errors.map(error => withCode(error, 'GRAPHQL_VALIDATION_FAILED'))
      this.#known.keep(text, document)
      return document
    } catch (error) {
      if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')]
      throw error
    }
  }

  /** Checks the limits first, because the time of GraphQL's own rules grows with the document. */
  #errors(document: DocumentNode): readonly GraphQLError[] {
    const options = { hideSuggestions: !this.introspection }
    const overLimits = validate(this.schema, document, limitRules, options)
    if (overLimits.length > 0) return overLimits
    try {
      return validate(this.schema, document, this.#rules, options)
    } catch (error) {
      // GraphQL's rule for the single field of a subscription throws, instead of reporting, the error of a directive.
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
