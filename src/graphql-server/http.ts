// This folder serves GraphQL over HTTP, Server-Sent Events and WebSocket: admission, cost, execution and subscriptions.
// The schema and its resolvers are in `resolvers`.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import type { Logger } from 'pino'
import { whileAccess } from '../concurrency/deadline'
import { probe } from '../concurrency/probe'
import { DomainError, errorRow } from '../domain/errors'
import { authorizationOf } from '../http/authorization'
import { endCompressed } from '../http/compression'
import { ConnectionSignal } from '../http/connection-signal'
import { acceptsExplicitly, preferredType } from '../http/content-negotiation'
import { setErrorHeaders } from '../http/error-headers'
import { bodyBytes, endWith, lazily, maxNesting, parseJson } from '../http/json'
import { setLoggedSubject } from '../http/middleware'
import type { Admit } from '../http/rate-limit'
import { methodNotAllowed, notAcceptable, requireNoEncoding, requireType } from '../http/refusals'
import type { Callers, UseCases } from '../use-cases'
import type { Admission, Operation } from './admission'
import { answerTypes, errorHandler, formattedResult, partialSuccess, requestId, statusOf } from './errors'
import type { ExecutionQueue } from './execution-queue'
import { graphqlBodyBytes } from './limits'
import { ParameterReader, type Parameters } from './parameters'
import { eventFraming, framingOf, type StreamedResponses } from './streamed-responses'

const streamType = 'text/event-stream'
/** Media types in which the response to an operation is available, without the media types' parameters. */
const availableTypes = [...answerTypes.map(type => type.split(';', 1)[0] as string), streamType]

/** Reads a request's GraphQL parameters. Rejects if the parameters are missing or invalid. */
type ReadParameters = () => Promise<Parameters>

interface GraphqlHttpOptions {
  admission: Admission
  executions: ExecutionQueue
  streams: StreamedResponses
  callers: Callers
  admit: Admit
  log: Logger
}

/** Uses Node.js's own request and response objects. */
export class GraphqlHttp {
  private constructor(
    readonly parameters: ParameterReader,
    readonly options: GraphqlHttpOptions,
  ) {}

  static async start(options: GraphqlHttpOptions): Promise<GraphqlHttp> {
    return new GraphqlHttp(await ParameterReader.start(options.admission.schema, options.log), options)
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
    const read = lazily(() => this.#parametersOf(request, response))
    const useCases = await this.#useCasesOf(request, read)
    const { access, digest } = useCases.caller
    setLoggedSubject(response, digest)
    const parameters = await whileAccess(access, read)
    const type = preferredType(request, answerTypes)
    const framing = framingOf(request)
    if (framing || !type) {
      const isSubscription = await this.#isSubscription(parameters)
      // If the client accepts Server-Sent Events but no JSON, stream the result of any operation, not only of
      // subscriptions.
      if (framing && (isSubscription || (framing === eventFraming && !type)))
        return this.options.streams.serve(response, { useCases, parameters, framing })
      if (isSubscription) throw subscriptionRefusal()
    }
    if (!type) throw notAcceptable(request.headers.accept ?? '', availableTypes)
    const request_id = requestId(response)
    let operation: Operation | undefined
    const execute = async (): Promise<ExecutionResult> => {
      const { admission, executions } = this.options
      const { socket: connection } = request
      const signal = new ConnectionSignal(connection)
      const admitted = await admission.admit(parameters, useCases, { request_id, connection, signal })
      if (Array.isArray(admitted)) return { errors: admitted }
      operation = admitted
      probe?.operationKnown(response, operation.compiled.name)
      requireMethod(response, operation)
      return executions.execute(operation)
    }
    // The end of the caller's access does not stop a mutation: before its write, the mutation checks the access itself,
    // and after its write, the response must report the outcome.
    const executed = await whileAccess(access, execute, () => operation?.compiled.type === 'mutation')
    const result = formattedResult(executed, this.options.log, request_id)
    response.statusCode = statusOf(result, type)
    if (access?.hasEnded && result.errors?.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')) {
      response.statusCode = errorRow('unauthenticated').status
      access.onEnd(reason => setErrorHeaders(response, reason))
    }
    if (response.statusCode === partialSuccess) response.statusMessage = 'Partial Success'
    response.setHeader('Content-Type', type)
    // A response to a POST request without a link's secret token is safe to compress (see `endCompressed`).
    const isCompressible = request.method === 'POST' && operation && !operation.compiled.mayShowLink
    await (isCompressible ? endCompressed : endWith)(response, `${JSON.stringify(result)}\n`)
  }

  async #respondWithStream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#accept(request, response)) return
    const read = lazily(() => this.#parametersOf(request, response))
    const useCases = await this.#useCasesOf(request, read)
    const { access, digest } = useCases.caller
    setLoggedSubject(response, digest)
    if (!acceptsExplicitly(request, streamType)) throw notAcceptable(request.headers.accept ?? '*/*', [streamType])
    const parameters = await whileAccess(access, read)
    return this.options.streams.serve(response, { useCases, parameters, framing: eventFraming })
  }

  /** Responds to an OPTIONS request itself, and returns false. Throws `method_not_allowed`. */
  #accept(request: IncomingMessage, response: ServerResponse): boolean {
    response.setHeader('Cache-Control', 'no-store')
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { Allow: 'GET, POST, OPTIONS' }).end()
      return false
    }
    this.options.admit(request, response)
    if (request.method === 'GET' || request.method === 'POST') return true
    response.setHeader('Allow', 'GET, POST, OPTIONS')
    throw methodNotAllowed(String(request.method), ['GET', 'POST'])
  }

  /**
   * If authentication fails (invalid token, no role, issuer unavailable), an operation with only public fields still
   * runs. For any other operation, throws the authentication error.
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

  async #parametersOf(request: IncomingMessage, response: ServerResponse): Promise<Parameters> {
    return this.parameters.read(request, await bodyOf(request, response))
  }

  async #isPublic(read: ReadParameters): Promise<boolean> {
    const compiled = await this.options.admission.compiled(await read())
    return !Array.isArray(compiled) && compiled.isPublic
  }

  async #isSubscription(parameters: Parameters): Promise<boolean> {
    const compiled = await this.options.admission.compiled(parameters)
    return !Array.isArray(compiled) && compiled.type === 'subscription'
  }
}

const transportsMessage =
  'A subscription needs a stream: connect by WebSocket (graphql-transport-ws) on this path, accept text/event-stream or multipart/mixed;subscriptionSpec=1.0, or use /graphql/stream.'

const subscriptionRefusal = () => new DomainError('not_acceptable').withMessage(transportsMessage)

/** Throws an error if the request can't execute its operation: GET allows only queries, and JSON no subscriptions. */
function requireMethod(response: ServerResponse, { compiled: { type } }: Operation): void {
  if (type === 'query') return
  if (response.req.method === 'GET') {
    response.setHeader('Allow', 'POST')
    const error = methodNotAllowed('GET', ['POST'])
    throw type === 'subscription' ? error.withMessage(transportsMessage) : error
  }
  if (type === 'subscription') throw subscriptionRefusal()
}

/**
 * Throws `payload_too_large`, `invalid_json`, or `unsupported_media_type` if the body is not declared as JSON in UTF-8
 * or has a content encoding. For a GET request, only checks the body's size, and its media type if it declares one.
 */
async function bodyOf(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const bytes = await bodyBytes(request, graphqlBodyBytes)
  const { method, headers } = request
  if (method === 'POST' || headers['content-type'] !== undefined) requireType(request, response)
  if (method !== 'POST') return undefined
  requireNoEncoding(request, response)
  return parseJson(bytes, maxNesting)
}
