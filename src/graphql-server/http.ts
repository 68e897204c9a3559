import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApolloServer, type ApolloServerPlugin, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled'
import { type DocumentNode, GraphQLError, getOperationAST, parse } from 'graphql'
import type { Logger } from 'pino'
import { z } from 'zod'
import { endCompressed } from '../http/compression'
import { preferredType } from '../http/content-negotiation'
import { bodyOf, endWith, lazily, withoutRounding } from '../http/json'
import { setLoggedSubject } from '../http/middleware'
import type { CheckRateLimit } from '../http/rate-limit'
import { busySeconds, statuses } from '../http/statuses'
import type { Context } from '../resolvers/context'
import { probe } from '../telemetry/probe'
import type { Callers } from '../use-cases'
import { type Cost, costOf } from './cost'
import { type Documents, type Parameters, parametersOf, parametersSchema } from './documents'
import { batchMessage, errorHandler, refuseMethod, sendError } from './error-responses'
import { errorLog, formatError, graphqlErrorOf, withoutSuggestion } from './errors'
import { type ExecutionQueue, executeLight, limitSize } from './execution-queue'
import { costRefusal, graphqlBodyBytes } from './limits'
import { LruCache } from './lru-cache'
import { useCasesOf } from './public-operations'
import { mayShowShare, operationNameOf } from './root-fields'
import { eventFraming, framingOf, type StreamFraming } from './stream-framings'
import type { ServeStream } from './streamed-responses'
import { formattedResult } from './subscriptions'
import { addVariableFaults } from './variable-faults'

/** Memory limit of the cache of persisted queries, in bytes. */
const persistedBytes = 16 * 1024 * 1024

/** Parameters without a persisted query: only Apollo handles those. */
const knownSchema = parametersSchema.extend({
  extensions: z.object({ persistedQuery: z.undefined() }).nullish(),
})

/** Media types of a response, in Apollo's order and spelling. */
const answerTypes = ['application/json; charset=utf-8', 'application/graphql-response+json; charset=utf-8'] as const

/** Serves GraphQL over HTTP with Apollo Server, on Node.js's own requests and responses. */
export async function graphqlHttpHandler(
  documents: Documents,
  executions: ExecutionQueue,
  serveStream: ServeStream,
  callers: Callers,
  admit: CheckRateLimit,
  log: Logger,
) {
  const { schema, introspection } = documents
  const apollo = new ApolloServer<Context>({
    schema,
    cache: new LruCache<string>(persistedBytes, text => 2 * text.length),
    // `Documents` caches them (see `admission`).
    documentStore: null,
    formatError: introspection ? formatError : (...error) => withoutSuggestion(formatError(...error)),
    includeStacktraceInErrorResponses: false,
    introspection,
    logger: log,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // It would wrap every resolver to compute Cache-Control. Every response here has `no-store`.
      ApolloServerPluginCacheControlDisabled(),
      // In a subgraph it would reveal to any client how long each field took, and add errors beside ours.
      ApolloServerPluginInlineTraceDisabled(),
      errorLog(log),
      admission(documents, executions),
    ],
    // The server uses no cookies that another site could exploit, so a plain GET of a query is harmless.
    csrfPrevention: false,
    stopOnTerminationSignals: false,
  })
  await apollo.start()

  async function answer(request: IncomingMessage, response: ServerResponse, request_id: string): Promise<void> {
    response.setHeader('Cache-Control', 'no-store')
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { Allow: 'GET, POST, OPTIONS' }).end()
      return
    }
    admit(request)
    if (request.method !== 'GET' && request.method !== 'POST') return refuseMethod(request, response)
    const posted = lazily(() => bodyOf(request, graphqlBodyBytes))
    const read = () => parametersOf(request, posted)
    const useCases = await useCasesOf(callers, documents, request.headers.authorization, read)
    setLoggedSubject(response, useCases.caller.digest)
    const body = await posted()
    if (Array.isArray(body)) {
      return sendError(response, 400, batchMessage, 'BAD_REQUEST', {}, preferredType(request, answerTypes))
    }
    const asked = await streamAsked(request, read)
    if (asked) return serveStream(request, response, useCases, ...asked)
    const contextValue = { ...useCases, request_id, response, wanted: () => !request.socket.destroyed }
    const answered = (await answerKnown(request, body, contextValue)) ?? (await askApollo(request, body, contextValue))
    response.statusCode = statusOf(answered)
    for (const [name, value] of answered.headers) response.setHeader(name, value)
    if (answered.body.kind === 'complete') {
      const end = compressible.has(response) ? endCompressed : endWith
      await end(response, answered.body.string)
    } else {
      for await (const chunk of answered.body.asyncIterator) response.write(chunk)
      response.end()
    }
  }

  /**
   * Returns parameters and framing if the response is a stream, otherwise undefined. A subscription is streamed if the
   * request accepts a stream. Any other operation is streamed if the request accepts Server-Sent Events only.
   */
  async function streamAsked(
    request: IncomingMessage,
    read: () => Promise<Parameters | undefined>,
  ): Promise<[Parameters, StreamFraming] | undefined> {
    const framing = framingOf(request)
    const parameters = framing && (await read())
    if (!parameters) return undefined
    const document = await documents.valid(parameters.query)
    const isSubscription =
      !Array.isArray(document) && getOperationAST(document, parameters.operationName)?.operation === 'subscription'
    const isStreamed = isSubscription || (framing === eventFraming && !preferredType(request, answerTypes))
    return isStreamed ? [parameters, framing] : undefined
  }

  /**
   * Responds to a light operation of a cached document without Apollo, but as Apollo would. Undefined for any other.
   */
  async function answerKnown(
    request: IncomingMessage,
    body: unknown,
    contextValue: Context,
  ): Promise<HTTPGraphQLResponse | undefined> {
    const { data: parameters } = knownSchema.safeParse(body)
    const document = parameters && documents.known(parameters.query)
    const operation = document && getOperationAST(document, parameters.operationName)
    const type = preferredType(request, answerTypes)
    if (!operation || operation.operation === 'subscription' || !type) return undefined
    tellAsked(contextValue, document, parameters.operationName)
    const result = await executeLight(documents.executionArgs(document, parameters, contextValue))
    if (!result) return undefined
    const { errors, data } = formattedResult(result, log, contextValue.request_id)
    const string = `${JSON.stringify({ errors, data })}\n`
    return { headers: new HeaderMap([['content-type', type]]), body: { kind: 'complete', string } }
  }

  function askApollo(request: IncomingMessage, body: unknown, contextValue: Context): Promise<HTTPGraphQLResponse> {
    const headers = new HeaderMap()
    for (const [name, value] of Object.entries(request.headers)) {
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
    }
    return apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method?.toUpperCase() ?? '',
        headers,
        search: searchOf(request.url ?? ''),
        body,
      },
      context: async () => contextValue,
    })
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    const request_id = String(response.getHeader('X-Request-Id'))
    answer(request, response, request_id).catch(errorHandler(request, response, log, request_id))
  }
}

/**
 * Apollo plugin that refuses invalid and costly documents, queues costly operations and limits the size of responses.
 * Apollo neither parses nor validates a document that `didResolveSource` sets.
 */
const admission = (documents: Documents, executions: ExecutionQueue): ApolloServerPlugin<Context> => ({
  async requestDidStart() {
    let refusals: GraphQLError[] = []
    let cost: Cost = { objects: 0, values: 0 }
    let leave = (): void => {}
    return {
      async didResolveSource(request: { source: string; document?: DocumentNode }) {
        const admitted = await documents.valid(request.source)
        if (Array.isArray(admitted)) refusals = admitted
        request.document = Array.isArray(admitted) ? emptyDocument : admitted
      },
      async didResolveOperation({ schema, document, operation, operationName, request: { variables }, contextValue }) {
        if (refusals[0]) throw withStatus(refusals[0], 400)
        tellAsked(contextValue, document, operationName)
        if (operation?.operation === 'subscription') throw subscriptionRefusal()
        cost = costOf(schema, { document, operationName, variables })
        const refusal = costRefusal(cost)
        if (refusal) throw withStatus(refusal, 400)
        leave = await executions.enter(cost, contextValue.wanted).catch(error => {
          const headers: [string, string][] = [['retry-after', String(busySeconds)]]
          throw withStatus(graphqlErrorOf(error), statuses.unavailable, headers)
        })
      },
      async didEncounterErrors({ errors, schema, document, request: { variables } }) {
        if (document) addVariableFaults(errors, schema, { document, variables }, !documents.introspection)
      },
      async willSendResponse({ response }) {
        leave()
        if (response.body.kind !== 'single') return
        const { singleResult } = response.body
        if (refusals.length > 1) singleResult.errors = refusals.map(error => error.toJSON())
        const answer = limitSize(singleResult, cost)
        if (answer === singleResult) return
        response.http.status = 400
        response.body.singleResult = JSON.parse(JSON.stringify(answer))
      },
    }
  },
})

/**
 * Responses to operations sent by POST that show no share. They contain no secret, so they may be compressed (0024).
 */
const compressible = new WeakSet<ServerResponse>()

function tellAsked({ response }: Context, document: DocumentNode, operationName: string | null | undefined): void {
  if (!response) return
  probe?.operationKnown(response, operationNameOf(document, operationName))
  if (response.req.method === 'POST' && !mayShowShare(document)) compressible.add(response)
}

const emptyDocument = parse('{ __typename }')

const subscriptionRefusal = (): GraphQLError =>
  withStatus(
    new GraphQLError(
      'A subscription needs a stream: connect by WebSocket (graphql-transport-ws) on this path, accept text/event-stream or multipart/mixed;subscriptionSpec=1.0, or use /graphql/stream.',
      { extensions: { code: 'NOT_ACCEPTABLE' } },
    ),
    406,
  )

function withStatus(error: GraphQLError, status: number, headers: [string, string][] = []): GraphQLError {
  error.extensions.http = { status, headers: new HeaderMap(headers) }
  return error
}

/**
 * Returns the status of a response. A refused document is 400 as application/graphql-response+json and 200 as
 * application/json (https://graphql.github.io/graphql-over-http/draft/#sec-application-json). Apollo returns 400 for
 * both.
 */
function statusOf({ status = 200, headers, body }: HTTPGraphQLResponse): number {
  if (status !== 400 || !headers.get('content-type')?.startsWith('application/json')) return status
  if (body.kind !== 'complete') return status
  const [error] = (JSON.parse(body.string) as { errors?: { extensions?: { code?: string } }[] }).errors ?? []
  return documentRefusals.has(error?.extensions?.code ?? '') ? 200 : status
}

const documentRefusals = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'])

/** Returns the query string of a URL. As in a body, numbers in `variables` that would be rounded become invalid. */
function searchOf(url: string): string {
  const search = url.includes('?') ? url.slice(url.indexOf('?')) : ''
  const parameters = new URLSearchParams(search)
  const variables = parameters.get('variables')
  if (variables === null) return search
  parameters.set('variables', withoutRounding(variables))
  return `?${parameters}`
}
