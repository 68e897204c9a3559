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
import { isDeeper, maxNesting, unrounded } from '../http/json'
import { inTurn } from '../time/turns'
import { Cache } from './cache'
import type { Context } from './context'
import { costOf, type RequestedOperation } from './cost'
import { costRefusal, limitRules, parseOptions } from './limits'

/** What the documents that are known may take in memory. */
const documentBytes = 32 * 1024 * 1024

/** What a token takes in memory with the nodes that it is part of. */
const tokenBytes = 500

const jsonObject = z.custom<Record<string, unknown>>(
  value => typeof value === 'object' && value !== null && !Array.isArray(value),
)

/** What a client asks for (https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters). */
export const parametersSchema = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: jsonObject.nullish(),
})

export type Parameters = z.infer<typeof parametersSchema>

/** What a request over HTTP asks for, in its URL where it is a GET and in its body else; undefined where it states none. */
export const parametersOf = async (
  { method, url = '' }: IncomingMessage,
  body: () => Promise<unknown>,
): Promise<Parameters | undefined> =>
  method === 'GET' ? fromQuery(url) : parametersSchema.safeParse(await body()).data

function fromQuery(url: string): Parameters | undefined {
  const { query, operationName, variables } = Object.fromEntries(new URL(url, 'http://localhost').searchParams)
  try {
    const said = variables === undefined ? undefined : JSON.parse(unrounded(variables))
    return isDeeper(said, maxNesting)
      ? undefined
      : parametersSchema.safeParse({ query, operationName, variables: said }).data
  } catch {
    return undefined
  }
}

/** Parses and validates documents, each text once while it is in use. */
export class Documents {
  readonly #known = new Cache<DocumentNode>(documentBytes, sizeOf)
  readonly #rules: readonly ValidationRule[]

  constructor(
    readonly schema: GraphQLSchema,
    /** Whether clients may learn what is in the schema. */
    readonly introspection = true,
  ) {
    this.#rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule]
  }

  /** The document of an operation, or why the operation is refused. */
  async admit(query: string, operation: Omit<RequestedOperation, 'document'>): Promise<DocumentNode | GraphQLError[]> {
    const document = await this.valid(query)
    if (Array.isArray(document)) return document
    const refusal = costRefusal(costOf(this.schema, { document, ...operation }))
    return refusal ? [refusal] : document
  }

  /** What executes an operation of an admitted document. */
  executionArgs(
    document: DocumentNode,
    { operationName, variables }: Parameters,
    contextValue: Context,
  ): ExecutionArgs {
    const { schema, introspection } = this
    return { schema, hideSuggestions: !introspection, document, operationName, variableValues: variables, contextValue }
  }

  /** The document that a text is which was found valid before; undefined for any other. */
  known(text: string): DocumentNode | undefined {
    return this.#known.find(text)
  }

  /** The document that a text is, or what is wrong with it. One that is not known is read in its turn. */
  async valid(text: string): Promise<DocumentNode | GraphQLError[]> {
    const known = this.known(text)
    if (known) return known
    await new Promise<void>(inTurn)
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

  /** The limits stand before GraphQL's own rules, which cost more the more there is. */
  #errors(document: DocumentNode): readonly GraphQLError[] {
    const options = { hideSuggestions: !this.introspection }
    const overLimits = validate(this.schema, document, limitRules, options)
    if (overLimits.length > 0) return overLimits
    try {
      return validate(this.schema, document, this.#rules, options)
    } catch (error) {
      // The rule of a subscription's one field throws what it finds wrong with a directive there.
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
