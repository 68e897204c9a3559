import type { IncomingMessage } from 'node:http'
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled'
import { GraphQLError, type GraphQLSchema, parse } from 'graphql'
import type { Logger } from 'pino'
import { z } from 'zod'
import { LruCache } from '../concurrency/lru-cache'
import { isDeeper, maxNesting, withoutRounding } from '../http/json'

/** Memory limit of the persisted query cache, in bytes. */
const persistedBytes = 16 * 1024 * 1024

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const jsonObject = z.custom<Record<string, unknown>>(isObject)

/** Parameters of a GraphQL request (https://http-spec.graphql.org/September2026/#sec-Request-Parameters). */
export const parametersSchema = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: jsonObject.nullish(),
})

export type Parameters = z.infer<typeof parametersSchema>

/** Body of a POST request that selects its operation without a persisted query. */
const plainBody = parametersSchema.extend({
  query: z.string().min(1),
  extensions: z.object({ persistedQuery: z.undefined() }).nullish(),
})

const badRequest = (message: string): GraphQLError => new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } })

const batchMessage =
  'Batches are not supported. Send each operation in its own request, or select several fields in one operation.'

const noObjectMessage = 'The body must be a JSON object with the member `query`.'

/**
 * Reads the GraphQL parameters of HTTP requests. Apollo Server reads the parameters in URLs, resolves persisted queries
 * (https://www.apollographql.com/docs/apollo-server/performance/apq) and refuses invalid parameters. All other bodies
 * are read directly, because Apollo Server's pipeline takes more CPU time than many operations.
 */
export class ParameterReader {
  private constructor(readonly apollo: ApolloServer<Reading>) {}

  static async start(schema: GraphQLSchema, log: Logger): Promise<ParameterReader> {
    const apollo = new ApolloServer<Reading>({
      schema,
      cache: new LruCache<string>(persistedBytes, text => 2 * text.length),
      documentStore: null,
      includeStacktraceInErrorResponses: false,
      logger: log,
      plugins: [
        ApolloServerPluginLandingPageDisabled(),
        ApolloServerPluginCacheControlDisabled(),
        ApolloServerPluginInlineTraceDisabled(),
        readParameters,
      ],
      // The server uses no cookies that another site could exploit, so a GET request without special headers is safe.
      csrfPrevention: false,
      stopOnTerminationSignals: false,
    })
    await apollo.start()
    return new ParameterReader(apollo)
  }

  /** Throws a GraphQL error if the parameters can't select an operation. */
  async read({ method = '', url = '' }: IncomingMessage, body: unknown): Promise<Parameters> {
    if (method === 'POST') {
      const plain = plainBody.safeParse(body)
      if (plain.success) return plain.data
      if (Array.isArray(body)) throw badRequest(batchMessage)
      if (!isObject(body) || Object.keys(body).length === 0) throw badRequest(noObjectMessage)
    }
    let parameters: Parameters | undefined
    const take = (read: Parameters): void => {
      parameters = read
    }
    const answer = await this.apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method, headers: new HeaderMap(), search: searchOf(url), body },
      context: async () => ({ take }),
    })
    if (!parameters) throw refusalOf(answer.body)
    if (isDeeper(parameters.variables, maxNesting))
      throw badRequest(`\`variables\` is nested more than ${maxNesting} levels deep.`)
    return parameters
  }
}

/** Context for Apollo Server. It has a function, because the plugin gets a copy, and members set there would be lost. */
interface Reading {
  take(parameters: Parameters): void
}

const emptyDocument = parse('{ __typename }')

/**
 * Apollo Server plugin that passes on each request's parameters, and responds without executing the request. It sets a
 * document in `didResolveSource`, because Apollo Server neither parses nor validates a document that is set there.
 */
const readParameters: ApolloServerPlugin<Reading> = {
  async requestDidStart() {
    return {
      async didResolveSource(context: { document?: unknown }) {
        context.document = emptyDocument
      },
      async responseForOperation({ source, request, contextValue }) {
        const { operationName, variables } = request
        contextValue.take({ query: source, operationName, variables })
        return { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult: { data: null } } }
      },
    }
  },
}

/** Returns the error with which Apollo Server refused a request. */
function refusalOf(body: { kind: string; string?: string }): GraphQLError {
  const { errors } = JSON.parse(body.string ?? '') as { errors: [{ message: string; extensions: object }] }
  const [{ message, extensions }] = errors
  return new GraphQLError(message, { extensions: { ...extensions } })
}

/** Numbers in `variables` that a double would round become invalid, as in a request body. */
function searchOf(url: string): string {
  const search = url.includes('?') ? url.slice(url.indexOf('?')) : ''
  const parameters = new URLSearchParams(search)
  const variables = parameters.get('variables')
  if (variables === null) return search
  parameters.set('variables', withoutRounding(variables))
  return `?${parameters}`
}
