import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql'
import { LruCache } from '../concurrency/lru-cache'
import { runLater } from '../concurrency/scheduler'
import type { Context } from '../resolvers/context'
import type { UseCases } from '../use-cases'
import { CompiledOperation, OperationSchema } from './compiled-operation'
import type { Cost } from './cost'
import { costRefusal, limitRules, parseDocument } from './limits'
import type { Parameters } from './parameters'

/** Memory limit of the operation cache, in bytes. */
const operationBytes = 32 * 1024 * 1024

export interface Operation {
  compiled: CompiledOperation
  args: ExecutionArgs & { contextValue: Context }
  cost: Cost
}

/** Facts about a request that its resolvers and the execution queue need, besides the caller's use cases. */
type RequestContext = Omit<Context, keyof UseCases | 'selectsResult' | 'timeSlices'>

/**
 * Admits operations: parses and validates their documents, and limits their cost. One cache has the compiled operation
 * for each document text and operation name, so that a repeated request costs neither parsing nor validation.
 */
export class Admission {
  readonly cache = new LruCache<CompiledOperation>(operationBytes, ({ bytes }) => bytes)
  readonly #schema: OperationSchema
  readonly #rules: readonly ValidationRule[]

  constructor(
    readonly schema: GraphQLSchema,
    readonly introspection = true,
  ) {
    this.#schema = new OperationSchema(schema)
    this.#rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule]
  }

  /** If the server refuses the operation, returns its syntax, validation, operation name or cost errors. */
  async admit(
    parameters: Parameters,
    useCases: UseCases,
    request: RequestContext,
  ): Promise<Operation | GraphQLError[]> {
    const compiled = this.#find(parameters) ?? (await this.compiled(parameters))
    if (Array.isArray(compiled)) return compiled
    const { variables } = parameters
    const cost = compiled.cost(variables)
    const refusal = costRefusal(cost)
    if (refusal) return [refusal]
    const args = {
      schema: this.schema,
      hideSuggestions: !this.introspection,
      document: compiled.document,
      operationName: parameters.operationName,
      variableValues: variables,
      contextValue: { ...useCases, ...request, selectsResult: compiled.selectsResult },
    }
    return { compiled, args, cost }
  }

  /** Compiling an operation that is not cached waits for a time slice of the event loop. */
  async compiled(parameters: Parameters): Promise<CompiledOperation | GraphQLError[]> {
    const cached = this.#find(parameters)
    if (cached) return cached
    await new Promise<void>(runLater)
    return this.#find(parameters) ?? this.#compile(parameters)
  }

  #compile({ query: text, operationName }: Parameters): CompiledOperation | GraphQLError[] {
    try {
      const document = parseDocument(text)
      const errors = this.#errors(document)
      if (errors.length > 0) return errors.map(error => withCode(error, 'GRAPHQL_VALIDATION_FAILED'))
      const definition = getOperationAST(document, operationName)
      if (!definition) return nameErrors({ schema: this.schema, document, operationName })
      const compiled = new CompiledOperation(this.#schema, text, document, definition)
      this.cache.keep(keyOf(text, operationName), compiled)
      return compiled
    } catch (error) {
      if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')]
      throw error
    }
  }

  #find({ query, operationName }: Parameters): CompiledOperation | undefined {
    return this.cache.find(keyOf(query, operationName))
  }

  /** Checks the server's own limits first, because GraphQL's own rules take a long time on large documents. */
  #errors(document: CompiledOperation['document']): readonly GraphQLError[] {
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

// A key with a null character can't be the text of a valid document.
const keyOf = (text: string, operationName: string | null | undefined): string =>
  operationName == null ? text : `${operationName}\0${text}`

/** Returns GraphQL's own error about an operation name that selects no operation of the document. */
function nameErrors(args: ExecutionArgs): GraphQLError[] {
  const { errors = [] } = execute(args) as ExecutionResult
  return errors.map(error => withCode(error, 'OPERATION_RESOLUTION_FAILURE'))
}

function withCode({ message, nodes, source, positions, extensions }: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(message, { nodes: nodes ?? null, source, positions, extensions: { code, ...extensions } })
}
