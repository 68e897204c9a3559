// This folder serves GraphQL over HTTP, Server-Sent Events and WebSocket: admission, cost, execution and subscriptions.
// The schema and its resolvers are in `resolvers`.

import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  ApolloServer,
  type ApolloServerPlugin,
  type GraphQLRequest,
  HeaderMap,
  type HTTPGraphQLResponse,
} from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled'
import { type DocumentNode, type GraphQLError, type GraphQLFormattedError, getOperationAST, parse } from 'graphql'
import type { Logger } from 'pino'
import { z } from 'zod'
import { whileAccess } from '../concurrency/deadline'
import { LruCache } from '../concurrency/lru-cache'
import { probe } from '../concurrency/probe'
import { DomainError, errorRow } from '../domain/errors'
import type { GraphqlErrorCode } from '../domain/graphql-errors'
import { authorizationOf } from '../http/authorization'
import { endCompressed } from '../http/compression'
import { ConnectionSignal } from '../http/connection-signal'
import { acceptsExplicitly, preferredType } from '../http/content-negotiation'
import { busySeconds, setErrorHeaders } from '../http/error-headers'
import { bodyBytes, endWith, isDeeper, lazily, maxNesting, parseJson, withoutRounding } from '../http/json'
import { setLoggedSubject } from '../http/middleware'
import type { Admit } from '../http/rate-limit'
import { methodNotAllowed, notAcceptable, requireNoEncoding, requireType } from '../http/refusals'
import type { Context } from '../resolvers/context'
import type { Callers, UseCases } from '../use-cases'
import { type Admission, type Operation, operationNameOf, type Parameters, parametersSchema } from './admission'
import {
  addVariableFaults,
  answerTypes,
  batchMessage,
  errorHandler,
  formatError,
  formattedResult,
  graphqlErrorOf,
  graphqlType,
  logUnexpected,
  requestId,
  sendRefusal,
  statusOfRefusal,
  withoutSuggestion,
} from './errors'
import { type ExecutionQueue, executeLight, limitSize } from './execution-queue'
import { costRefusal, graphqlBodyBytes } from './limits'
import { eventFraming, framingOf, type StreamedResponses } from './streamed-responses'

/** Memory limit of the persisted query cache, in bytes. */
const persistedBytes = 16 * 1024 * 1024

/**
 * Schema of the parameters of a request without a persisted query. Apollo Server handles every request with a persisted
 * query.
 */
const directSchema = parametersSchema.extend({
  extensions: z.object({ persistedQuery: z.undefined() }).nullish(),
})

const streamType = 'text/event-stream'
/** Media types in which the response to an operation is available, without the media types' parameters. */
const availableTypes = [...answerTypes.map(type => type.split(';', 1)[0] as string), streamType]

const noQueryMessage = 'The request has no `query`, or its `operationName` or `variables` are invalid.'

/** Returns the reason why a POST body can't contain an operation, or undefined if it can. */
function unusableBody(body: unknown): string | undefined {
  if (Array.isArray(body)) return batchMessage
  const isObject = typeof body === 'object' && body !== null && Object.keys(body).length > 0
  return isObject ? undefined : 'The body must be a JSON object with the member `query`.'
}

/** Reads a request's GraphQL parameters. Resolves to undefined if the parameters are missing or invalid. */
type ReadParameters = () => Promise<Parameters | undefined>

interface GraphqlHttpOptions {
  admission: Admission
  executions: ExecutionQueue
  streams: StreamedResponses
  callers: Callers
  admit: Admit
  log: Logger
}

/**
 * Serves GraphQL over HTTP, using Node.js's own request and response objects. A cached low-cost operation is executed
 * directly, an operation with a streamed response is executed by `StreamedResponses`, and any other operation is
 * executed by Apollo Server.
 */
export class GraphqlHttp {
  private constructor(
    readonly apollo: ApolloServer<Context>,
    readonly options: GraphqlHttpOptions,
  ) {}

  static async start(options: GraphqlHttpOptions): Promise<GraphqlHttp> {
    const apollo = apolloServer(options)
    await apollo.start()
    return new GraphqlHttp(apollo, options)
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    this.#respond(request, response).catch(errorHandler(response, this.options.log))
  }

  /** Serves /graphql/stream, which responds only with Server-Sent Events, and uses one connection per operation. */
  serveStream(request: IncomingMessage, response: ServerResponse): void {
    this.#respondWithStream(request, response).catch(errorHandler(response, this.options.log))
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#accept(request, response)) return
    const posted = lazily(() => bodyOf(request, response))
    const read = () => parametersOf(request, posted)
    const useCases = await this.#useCasesOf(request, read)
    const { access, digest } = useCases.caller
    setLoggedSubject(response, digest)
    const body = await whileAccess(access, posted)
    const type = preferredType(request, answerTypes)
    const unusable = request.method === 'POST' ? unusableBody(body) : undefined
    if (unusable) return sendRefusal(response, 'bad_request', unusable)
    const framing = framingOf(request)
    if (framing || !type) {
      const parameters = await read()
      const isSubscription = parameters !== undefined && (await this.#isSubscription(parameters))
      // If the client accepts Server-Sent Events but no JSON, stream the result of any operation, not only of
      // subscriptions.
      const isStreamed = isSubscription || (framing === eventFraming && !type)
      if (framing && isStreamed) {
        if (!parameters) return sendRefusal(response, 'bad_request', noQueryMessage)
        return this.options.streams.serve(response, { useCases, parameters, framing })
      }
      if (isSubscription) throw subscriptionRefusal()
    }
    if (!type) throw notAcceptable(request.headers.accept ?? '', availableTypes)
    const { socket } = request
    const signal = new ConnectionSignal(socket)
    const context = { ...useCases, request_id: requestId(response), connection: socket, response, signal }
    const execute = async () =>
      (await this.#executeCached(body, context, type)) ?? (await this.#executeByApollo(request, body, context))
    // The end of the caller's access does not stop a mutation: before its write, the mutation checks the access itself,
    // and after its write, the response must report the outcome.
    const answer = await whileAccess(access, execute, () => mutations.has(response))
    response.statusCode = statusOf(answer)
    if (access?.hasEnded && codesOf(answer).includes('UNAUTHENTICATED')) {
      response.statusCode = errorRow('unauthenticated').status
      access.onEnd(reason => setErrorHeaders(response, reason))
    }
    if (response.statusCode === partialSuccess) response.statusMessage = 'Partial Success'
    for (const [name, value] of answer.headers) response.setHeader(name, value)
    if (answer.body.kind === 'complete') {
      const end = compressible.has(response) ? endCompressed : endWith
      await end(response, answer.body.string)
    } else {
      for await (const chunk of answer.body.asyncIterator) response.write(chunk)
      response.end()
    }
  }

  async #respondWithStream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#accept(request, response)) return
    const posted = lazily(() => bodyOf(request, response))
    const read = () => parametersOf(request, posted)
    const useCases = await this.#useCasesOf(request, read)
    const { access, digest } = useCases.caller
    setLoggedSubject(response, digest)
    const parameters = await whileAccess(access, read)
    if (!acceptsExplicitly(request, streamType)) throw notAcceptable(request.headers.accept ?? '*/*', [streamType])
    if (!parameters) {
      const unusable = request.method === 'POST' ? unusableBody(await posted()) : undefined
      return sendRefusal(response, 'bad_request', unusable ?? noQueryMessage)
    }
    return this.options.streams.serve(response, { useCases, parameters, framing: eventFraming })
  }

  /**
   * Checks a request's rate limit and method, and returns true for GET and POST. Responds to an OPTIONS request itself,
   * and returns false. Throws `method_not_allowed` for any other method.
   */
  #accept(request: IncomingMessage, response: ServerResponse): boolean {
    response.setHeader('Cache-Control', 'no-store')
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { Allow: 'GET, POST, OPTIONS' }).end()
      return false
    }
    this.options.admit(request)
    if (request.method === 'GET' || request.method === 'POST') return true
    response.setHeader('Allow', 'GET, POST, OPTIONS')
    throw methodNotAllowed(String(request.method), ['GET', 'POST'])
  }

  /**
   * Returns the use cases of the caller that the `Authorization` header identifies. If authentication fails (invalid
   * token, no role, issuer unavailable), an operation with only public fields still runs. For any other operation,
   * throws the authentication error.
   */
  #useCasesOf(request: IncomingMessage, read: ReadParameters): UseCases | Promise<UseCases> {
    const useCases = this.options.callers.of(
      authorizationOf(request),
      this.options.streams.options.eventStreams.addressOf(request),
    )
    if (!(useCases instanceof Promise)) return useCases
    return useCases.catch(async error => {
      if (await this.#isPublic(read).catch(() => false)) return this.options.callers.anyone
      throw error
    })
  }

  async #isPublic(read: ReadParameters): Promise<boolean> {
    const parameters = await read()
    return parameters !== undefined && this.options.admission.isPublic(parameters)
  }

  async #isSubscription({ query, operationName }: Parameters): Promise<boolean> {
    const document = await this.options.admission.document(query)
    return !Array.isArray(document) && getOperationAST(document, operationName)?.operation === 'subscription'
  }

  /**
   * Executes a low-cost operation of a cached document without Apollo Server, and returns the response that Apollo
   * Server would return. Returns undefined for any other operation.
   */
  async #executeCached(body: unknown, context: Context, contentType: string): Promise<HTTPGraphQLResponse | undefined> {
    const { data: parameters } = directSchema.safeParse(body)
    const operation = parameters && this.options.admission.cachedOperation(parameters, context)
    if (!operation?.type || operation.type === 'subscription') return undefined
    noteOperation(this.options.admission, operation)
    const result = await executeLight(operation)
    if (!result) return undefined
    const { errors, data } = formattedResult(result, this.options.log, context.request_id)
    const string = `${JSON.stringify({ errors, data })}\n`
    const refused = data === undefined && { status: 400 }
    return { ...refused, headers: new HeaderMap([['content-type', contentType]]), body: { kind: 'complete', string } }
  }

  #executeByApollo(request: IncomingMessage, body: unknown, context: Context): Promise<HTTPGraphQLResponse> {
    const headers = new HeaderMap()
    for (const [name, value] of Object.entries(request.headers)) {
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
    }
    return this.apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method?.toUpperCase() ?? '',
        headers,
        search: searchOf(request.url ?? ''),
        body,
      },
      context: async () => context,
    })
  }
}

const apolloServer = ({ admission, executions, log }: GraphqlHttpOptions): ApolloServer<Context> =>
  new ApolloServer<Context>({
    schema: admission.schema,
    cache: new LruCache<string>(persistedBytes, text => 2 * text.length),
    // Apollo Server's document cache is not needed, because `Admission` caches documents.
    documentStore: null,
    formatError: admission.introspection ? formatError : (...error) => withoutSuggestion(formatError(...error)),
    includeStacktraceInErrorResponses: false,
    introspection: admission.introspection,
    logger: log,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // Apollo Server's cache control plugin would wrap every resolver to compute `Cache-Control`, although every
      // GraphQL response has `Cache-Control: no-store`.
      ApolloServerPluginCacheControlDisabled(),
      // In a subgraph, Apollo Server's inline trace plugin would reveal to every client how long each field took, and
      // would add errors of its own.
      ApolloServerPluginInlineTraceDisabled(),
      admissionPlugin(admission, executions, log),
    ],
    // The server uses no cookies that another site could exploit, so a GET request without special headers is safe.
    csrfPrevention: false,
    stopOnTerminationSignals: false,
  })

/**
 * Apollo Server plugin that admits operations, queues costly operations, limits the size of responses and logs
 * unexpected errors. Apollo Server neither parses nor validates a document that `didResolveSource` has set.
 */
const admissionPlugin = (
  admission: Admission,
  executions: ExecutionQueue,
  log: Logger,
): ApolloServerPlugin<Context> => ({
  async requestDidStart() {
    let refusals: GraphQLError[] = []
    let operation: Operation | undefined
    let release = (): void => {}
    return {
      async didResolveSource(request: { source: string; document?: DocumentNode; request: GraphQLRequest }) {
        const document = await admission.document(request.source)
        if (Array.isArray(document)) refusals = document.map(error => withStatus(error, 400))
        else refusals = refusalsOfMethod(document, request.request)
        request.document = Array.isArray(document) || refusals.length > 0 ? emptyDocument : document
      },
      async didResolveOperation({ source, document, operationName, request: { variables }, contextValue }) {
        if (refusals[0]) throw refusals[0]
        operation = admission.operation(document, { query: source, operationName, variables }, contextValue)
        noteOperation(admission, operation)
        if (operation.type === 'subscription') throw withStatus(graphqlErrorOf(subscriptionRefusal()), 406)
        const refusal = costRefusal(operation.cost)
        if (refusal) throw withStatus(refusal, 400)
        release = await executions.acquire(operation.cost, contextValue).catch((error: DomainError) => {
          const headers: [string, string][] = error.code === 'unavailable' ? [['retry-after', String(busySeconds)]] : []
          throw withStatus(graphqlErrorOf(error), errorRow(error.code).status, headers)
        })
      },
      async didEncounterErrors({ errors, contextValue }) {
        for (const error of errors) logUnexpected(log, contextValue.request_id, error)
        if (operation) addVariableFaults(errors, operation.args)
      },
      async willSendResponse({ response }) {
        release()
        if (response.body.kind !== 'single') return
        const { singleResult } = response.body
        // Apollo Server responds with status 200 if a persisted query's hash is unknown.
        if (singleResult.data === undefined && response.http.status === 200) response.http.status = 400
        if (refusals.length > 1) singleResult.errors = refusals.map(withoutStatus)
        const answer = operation ? await limitSize(singleResult, operation.cost) : singleResult
        if (answer === singleResult) return
        response.http.status = 400
        response.body.singleResult = JSON.parse(JSON.stringify(answer))
      },
    }
  },
})

/**
 * Responses that are safe to compress, because they respond to a POST request and can't contain a link's secret token
 * (see `endCompressed`).
 */
const compressible = new WeakSet<ServerResponse>()

/**
 * Responses to mutations. A mutation's response reports the outcome even if the caller's access ends after the write.
 */
const mutations = new WeakSet<ServerResponse>()

/** Records an operation's name, whether the operation is a mutation, and whether compressing its response is safe. */
function noteOperation(admission: Admission, operation: Operation): void {
  const { response } = operation.args.contextValue as Context
  if (!response) return
  probe?.operationKnown(response, operationNameOf(operation))
  if (operation.type === 'mutation') mutations.add(response)
  if (response.req.method === 'POST' && !admission.mayShowLink(operation)) compressible.add(response)
}

const emptyDocument = parse('{ __typename }')

const transportsMessage =
  'A subscription needs a stream: connect by WebSocket (graphql-transport-ws) on this path, accept text/event-stream or multipart/mixed;subscriptionSpec=1.0, or use /graphql/stream.'

const subscriptionRefusal = () => new DomainError('not_acceptable').withMessage(transportsMessage)

/** Returns an error if a request's HTTP method does not allow the request's operation: GET allows only queries. */
function refusalsOfMethod(document: DocumentNode, { http, operationName }: GraphQLRequest): GraphQLError[] {
  const type = getOperationAST(document, operationName)?.operation
  if (http?.method !== 'GET' || type === undefined || type === 'query') return []
  const error = methodNotAllowed('GET', ['POST'])
  const refusal = type === 'subscription' ? error.withMessage(transportsMessage) : error
  return [withStatus(graphqlErrorOf(refusal), errorRow(refusal.code).status, [['allow', 'POST']])]
}

function withStatus(error: GraphQLError, status: number, headers: [string, string][] = []): GraphQLError {
  error.extensions.http = { status, headers: new HeaderMap(headers) }
  return error
}

/** Returns an error in the form that clients see, without the HTTP status that Apollo Server reads from the error. */
function withoutStatus(error: GraphQLError): GraphQLFormattedError {
  const { extensions: { http, ...extensions } = {}, ...shown } = error.toJSON()
  return { ...shown, extensions }
}

/** HTTP status of a response with both data and errors. Node.js has no reason phrase for this status code. */
const partialSuccess = 294

/**
 * Returns the HTTP status that the specification requires for the response's media type, because Apollo Server still
 * uses the status codes of an earlier draft (decision 0009,
 * https://http-spec.graphql.org/September2026/#sec-Status-Codes). An application/json response has status 200 if it
 * contains both data and errors, or if the document, a variable or the persisted query's hash was refused.
 */
function statusOf(answer: HTTPGraphQLResponse): number {
  const { status = 200, headers, body } = answer
  if (body.kind !== 'complete') return status
  const isJson = headers.get('content-type') !== graphqlType
  // Check only the beginning of the response body, because parsing a large body would take a long time. In a response
  // with errors, `errors` is the first member.
  if (status === 200) return isJson || !body.string.startsWith('{"errors":') ? 200 : partialSuccess
  if (status !== 400) return status
  const [code = ''] = codesOf(answer)
  return statusOfRefusal(code.toLowerCase() as GraphqlErrorCode, isJson)
}

function codesOf({ body }: HTTPGraphQLResponse): string[] {
  if (body.kind !== 'complete') return []
  const { errors = [] } = JSON.parse(body.string) as { errors?: { extensions?: { code?: string } }[] }
  return errors.map(({ extensions }) => extensions?.code ?? '')
}

/**
 * Returns the query string of a URL. Numbers in `variables` that a double would round become invalid, as in a request
 * body.
 */
function searchOf(url: string): string {
  const search = url.includes('?') ? url.slice(url.indexOf('?')) : ''
  const parameters = new URLSearchParams(search)
  const variables = parameters.get('variables')
  if (variables === null) return search
  parameters.set('variables', withoutRounding(variables))
  return `?${parameters}`
}

/**
 * Returns a request's GraphQL parameters, which are in the URL of a GET request and in the body of a POST request.
 * Returns undefined if the parameters are missing or invalid.
 */
const parametersOf = async (
  { method, url = '' }: IncomingMessage,
  body: () => Promise<unknown>,
): Promise<Parameters | undefined> =>
  method === 'GET' ? fromQuery(url) : parametersSchema.safeParse(await body()).data

function fromQuery(url: string): Parameters | undefined {
  const { query, operationName, variables: text } = Object.fromEntries(new URL(url, 'http://localhost').searchParams)
  try {
    const variables = text === undefined ? undefined : JSON.parse(withoutRounding(text))
    if (isDeeper(variables, maxNesting)) return undefined
    return parametersSchema.safeParse({ query, operationName, variables }).data
  } catch {
    return undefined
  }
}

/**
 * Reads the body of a POST request. Throws `payload_too_large` if the body is too large, `invalid_json` if it can't be
 * parsed, and `unsupported_media_type` if it is not declared as JSON in UTF-8 or has a content encoding. For a GET
 * request, only checks the size of the body, and its media type if the request declares one.
 */
async function bodyOf(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const bytes = await bodyBytes(request, graphqlBodyBytes)
  const { method, headers } = request
  if (method === 'POST' || headers['content-type'] !== undefined) requireType(request, response)
  if (method !== 'POST') return undefined
  requireNoEncoding(request, response)
  return parseJson(bytes, maxNesting)
}
