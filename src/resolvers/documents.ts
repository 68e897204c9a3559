import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql'
import { costRefusal, type Operation, parseOptions, validationRules } from './limits'

const cached = 1_000

/** Parses and validates documents, each text once while it is in use. */
export class Documents {
  readonly #known = new Map<string, DocumentNode>()

  constructor(
    readonly schema: GraphQLSchema,
    /** Rules beside GraphQL's own and the limits. */
    readonly rules: readonly ValidationRule[] = [],
  ) {}

  /** The document of an operation, or why the operation is refused. */
  admit(query: string, operation: Omit<Operation, 'document'>): DocumentNode | GraphQLError[] {
    const document = this.#get(query)
    if (Array.isArray(document)) return document
    const refusal = costRefusal(this.schema, { document, ...operation })
    return refusal ? [refusal] : document
  }

  #get(text: string): DocumentNode | GraphQLError[] {
    const known = this.#known.get(text)
    if (known) return known
    try {
      const document = parse(text, parseOptions)
      const errors = validate(this.schema, document, [...specifiedRules, ...validationRules, ...this.rules])
      if (errors.length > 0) return errors.map(error => withCode(error, 'GRAPHQL_VALIDATION_FAILED'))
      if (this.#known.size >= cached) this.#known.delete(this.#known.keys().next().value as string)
      this.#known.set(text, document)
      return document
    } catch (error) {
      if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')]
      throw error
    }
  }
}

function withCode({ message, nodes, source, positions, extensions }: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(message, { nodes, source, positions, extensions: { code, ...extensions } })
}
