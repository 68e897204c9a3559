import type { ApolloServerPlugin } from '@apollo/server'
import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases'
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth'
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type ParseOptions,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'
import { fieldExtensionsEstimator, getComplexity, simpleEstimator } from 'graphql-query-complexity'
import { exactNumbersRule } from './numbers'
import type { Context } from './session'

/** Levels of fields in a document, aliases in it, and its tokens. */
export const maxDepth = 15
export const maxAliases = 30
export const maxTokens = 2_000

/** The objects that a query's lists may come to when they are all full. */
export const maxObjects = 10_000

export const parseOptions: ParseOptions = { maxTokens }

const reported = {
  onReject: [(context: ValidationContext | null, error: GraphQLError) => context?.reportError(error)],
  propagateOnRejection: false,
}

export const validationRules: ValidationRule[] = [
  maxDepthRule({ n: maxDepth, flattenFragments: true, ignoreIntrospection: true, ...reported }),
  maxAliasesRule({ n: maxAliases, allowList: [], ...reported }),
  exactNumbersRule,
]

/** The size of a list of objects, whatever stands in it: what a field's `complexity` is made of. */
export const full = (size: number, childComplexity: number): number => size * Math.max(1, childComplexity)

export interface Operation {
  document: DocumentNode
  operationName?: string | null | undefined
  variables?: Record<string, unknown> | null | undefined
}

/** Why an operation is refused whose lists multiply beyond what one answer may hold. */
export function costRefusal(schema: GraphQLSchema, operation: Operation): GraphQLError | undefined {
  const objects = objectsOf(schema, operation)
  if (objects <= maxObjects) return undefined
  return new GraphQLError(`The lists of this query may come to ${objects} objects; ${maxObjects} are allowed.`, {
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  })
}

function objectsOf(schema: GraphQLSchema, { document, operationName, variables }: Operation): number {
  try {
    return getComplexity({
      schema,
      query: document,
      operationName: operationName ?? undefined,
      variables: variables ?? {},
      estimators: [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 0 })],
    })
  } catch {
    // Variables that cannot be coerced: the execution refuses them, and names each.
    return 0
  }
}

export const costLimit = (): ApolloServerPlugin<Context> => ({
  async requestDidStart() {
    return {
      async didResolveOperation({ schema, document, operationName, request }) {
        const refusal = costRefusal(schema, { document, operationName, variables: request.variables })
        if (refusal) throw refusal
      },
    }
  },
})
