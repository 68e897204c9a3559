import type { RequestListener } from 'node:http'
import { promisify } from 'node:util'
import express, { type Express, type Request, type Response } from 'express'
import type { Logger } from 'pino'
import { z } from 'zod'
import { whileAccess } from '../concurrency/deadline'
import { DomainError, type ErrorCode, validQuery } from '../domain/errors'
import { authorizationOf } from '../http/authorization'
import { publicPath } from '../http/base-path'
import { ConnectionSignal } from '../http/connection-signal'
import { setResourceMetadata } from '../http/error-headers'
import { matchesWeakly, opaque, tagsOf } from '../http/etags'
import type { EventStreams } from '../http/event-stream'
import { isExact, parseJson } from '../http/json'
import { addLoggedRoute } from '../http/logged-path'
import { setLoggedSubject } from '../http/middleware'
import { methodNotAllowed, notAcceptable, requireNoEncoding, requireType, unsupportedEncoding } from '../http/refusals'
import type { Conditions } from '../sessions/session-commands'
import type { Callers, UseCases } from '../use-cases'
import type { requestHeaders, responseHeaders, Tag } from './description/headers-and-tags'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export interface ServerAddress {
  /** Host and port, in the format of the `Host` header. */
  host: string
  isSecure: boolean
}

export interface RestContext {
  eventStreams: EventStreams
  log: Logger
  links: RequestListener
  openapi: RequestListener
  /** Returns the AsyncAPI description as JSON, for clients that reach the server at this address. */
  asyncapi: (address: ServerAddress) => string
}

export interface Exchange<Query = unknown> {
  request: Request
  response: Response
  useCases: UseCases
  /** Media type of the response, negotiated from the `Accept` header and the resource's media types. */
  type: string
  query: Query
  context: RestContext
}

export type Handler<Query = unknown> = (exchange: Exchange<Query>) => void | Promise<void>

/** The rest of the OpenAPI description is derived from the resource's path and the operation's schemas. */
export interface OperationDescription {
  /** OpenAPI operation id, from which generated clients derive a method name. */
  id: string
  tag: Tag
  summary: string
  description: string
  /** Must be a strict object, unless the resource is public. OpenAPI omits members with `isDescribed: false`. */
  query?: z.ZodObject
  /** Media types of responses. Set `types` if another operation describes the resource's other media types. */
  types?: string[]
  headers?: (keyof typeof requestHeaders)[]
  requestBody?: { schema: z.ZodType; examples: Record<string, unknown> }
  /** Media type of request and response body if it is not JSON. The handler reads the request body as a stream. */
  streams?: string
  /** False for a POST, PUT or PATCH without a request body. The server ignores a body that is sent anyway. */
  takesBody?: false
  /** Responses other than problem documents, by status. */
  responses: Record<number, ResponseDescription>
  /** Error codes for which browsers get an HTML page. */
  pages?: ErrorCode[]
  /** Error codes of this operation that cannot be derived from the rest of its description. */
  problems?: ErrorCode[]
  /** False if the operation works without the store. */
  usesStore?: false
}

export interface ResponseDescription {
  description: string
  body?: z.ZodType
  example?: unknown
  /** Examples of the response body in media types other than JSON, keyed by media type. */
  samples?: Record<string, string>
  headers?: (keyof typeof responseHeaders)[]
  /** OpenAPI links: the operations to call next, with the response members that contain their parameters' values. */
  links?: Record<string, Record<string, string>>
}

/** `isDescribed: false` omits the method from the OpenAPI description. */
export type Operation = { handler: Handler<never> } & (OperationDescription | { isDescribed: false })

export interface Resource extends Partial<Record<Method, Operation>> {
  /** Path in Express's syntax. If a resource has several paths, OpenAPI describes only the first path. */
  path: string | string[]
  /** Name under which `GET /` lists the path. Default: see `linksOf`. False if `GET /` does not list the path. */
  link?: string | false
  /** Media types of responses to GET, with the default first. Other methods respond with JSON. */
  types?: [string, ...string[]]
  /** Whether the resource is public. A public resource requires no token, and ignores unknown query parameters. */
  isPublic?: boolean
  /** Path of the OAuth protected resource metadata, to which a 401 response refers (RFC 9728 §5.1). */
  metadataPath?: string | undefined
  /** Cache-Control header of responses to GET (RFC 9111 §5.2.2). Default: `no-store`. */
  cached?: string
  /** Called for every method, immediately after authentication. Throws if the caller can't use the resource. */
  requireAccess?: (useCases: UseCases) => void
  /** Called before the server reads the request body. Throws if the caller can't change the resource. */
  requireChange?: (request: Request, useCases: UseCases) => Promise<void>
}

const methods: Method[] = ['get', 'post', 'put', 'patch', 'delete']

export const methodsOf = (resource: Resource): [Method, Operation][] =>
  methods.flatMap(method => (resource[method] ? [[method, resource[method]] as [Method, Operation]] : []))

/** Clients must revalidate before each use, so a cache never serves deleted or no longer accessible content. */
export const revalidated = 'private, no-cache'

interface ResourceOptions extends RestContext {
  callers: Callers
}

/**
 * Adds a resource to an Express application: its methods, HEAD if it has GET, and OPTIONS. All other methods get a 405
 * response. OPTIONS responses and 405 responses have an `Allow` header (RFC 9110 §10.2.1).
 */
export function addResource(app: Express, resource: Resource, { callers, ...context }: ResourceOptions): void {
  const { path, types = ['application/json'], isPublic, cached = 'no-store', requireAccess, requireChange } = resource
  const { metadataPath } = resource
  const route = app.route(path)
  for (const one of [path].flat()) addLoggedRoute(one)
  for (const [method, operation] of methodsOf(resource)) {
    const { handler } = operation
    const schema = queryOf(operation, isPublic)
    const ifEmpty = schema?.safeParse({}).data
    const takesBody = /^p/.test(method) && !('takesBody' in operation)
    const streamed = 'streams' in operation ? operation.streams : undefined
    route[method](async (request, response) => {
      if (metadataPath) setResourceMetadata(response, urlOf(request, metadataPath))
      const useCases = isPublic
        ? callers.anyone
        : await callers.of(authorizationOf(request), context.eventStreams.addressOf(request))
      const { access, digest } = useCases.caller
      setLoggedSubject(response, digest)
      requireAccess?.(useCases)
      if (method !== 'get') await requireChange?.(request, useCases)
      const parsed = schema && (request.url.includes('?') || !ifEmpty) ? validQuery(schema, request.query) : ifEmpty
      if (streamed) requireStream(request, response, streamed)
      else if (takesBody) await whileAccess(access, () => readBody(request, response))
      if (method === 'get' && types.length > 1) response.vary('Accept')
      const type = method === 'get' ? accepting(request, ...types) : accepting(request, streamed ?? 'application/json')
      response.setHeader('Cache-Control', method === 'get' ? cached : 'no-store')
      const respond = () => handler({ request, response, useCases, type, query: parsed as never, context })
      // Don't abort changes here. Before a change is written, the change itself checks whether the caller's access has
      // ended. Once a change is written, the response must report its outcome.
      await (method === 'get' ? whileAccess(access, respond) : respond())
    })
  }
  const allowed = methodsOf(resource).flatMap(([method]) =>
    method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
  )
  const allow = [...allowed, 'OPTIONS'].join(', ')
  route.all((request, response) => {
    response.setHeader('Allow', allow)
    if (request.method !== 'OPTIONS') throw methodNotAllowed(request.method, allowed)
    response.status(204).end()
  })
}

const noParameters = z.strictObject({})

/** A public operation without parameters has no schema: browsers and health probes add their own parameters. */
const queryOf = (operation: Operation, isPublic = false): z.ZodObject | undefined =>
  ('query' in operation && operation.query) || (isPublic ? undefined : noParameters)

/** Maximum size of a request body in bytes, after decompression. */
export const restBodyBytes = 16 * 1024

const rawBody = express.raw({ type: () => true, limit: restBodyBytes })
const readBytes = promisify(rawBody)

/** Throws `unsupported_media_type` if the request body has a content encoding, or a media type other than `type`. */
function requireStream(request: Request, response: Response, type: string): void {
  requireType(request, response, type)
  requireNoEncoding(request, response)
}

/** Reads a JSON body into `request.body`, as bytes. Refuses other media types and charsets before it reads the body. */
export async function readBody(request: Request, response: Response): Promise<void> {
  requireType(request, response)
  try {
    await readBytes(request, response)
  } catch (error) {
    const isUnknownEncoding = (error as { type?: string }).type === 'encoding.unsupported'
    throw isUnknownEncoding ? unsupportedEncoding(response, ['gzip', 'deflate', 'br']) : error
  }
}

/** Parses the request body that `readBody` has read. Like `parseJson`, throws `invalid_json` if the body is invalid. */
export const parsedBody = ({ body }: Request, levels?: number): unknown =>
  parseJson(Buffer.isBuffer(body) ? body : Buffer.alloc(0), levels)

/** Maximum length of an id or token in a path, in characters. Generated ids and tokens are much shorter. */
const pathIdLength = 512

export interface PathParameter {
  description: string
  example: string
  /** Error code of the response if nothing with this parameter value exists. */
  notFound: ErrorCode
  /** Returns the schema of the parameter's values. By default, any text is valid. */
  schema?: () => z.ZodType
}

/** Path parameters by name. This map is module state, because Express paths refer to parameters only by name. */
const parameters = new Map<string, PathParameter>()

export const parametersIn = (path: string): [string, PathParameter][] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    const parameter = parameters.get(name)
    if (!parameter) throw new Error(`Call pathParameter() for ${name} of ${path}`)
    return [name, parameter]
  })

/** The returned function reads the parameter. It throws the parameter's not-found error for a too long value. */
export function pathParameter(name: string, parameter: PathParameter): (request: Request) => string {
  parameters.set(name, parameter)
  return request => {
    const value = String(request.params[name])
    if (value.length > pathIdLength) throw new DomainError(parameter.notFound as 'route_not_found')
    return value
  }
}

/** Throws `not_acceptable` if the request accepts none of the offered types (RFC 9110 §12.5.1). */
export function accepting(request: Request, first: string, ...others: string[]): string {
  const { accept = '*/*' } = request.headers
  if (accept === '*/*') return first
  const accepted = request.accepts([first, ...others])
  if (accepted) return accepted
  throw notAcceptable(accept, [first, ...others])
}

/** Omits weak ETags and ETags that this server did not issue. */
const versionsOf = (tags: string[]): number[] =>
  tags.flatMap(tag => /^"([1-9]\d{0,8})"$/.exec(tag)?.[1] ?? []).map(Number)

export const etag = (version: number): string => `"${version}"`

/** Returns the weak entity tag of a version, for content with several encodings (RFC 9110 §8.8.3.3). */
export const weakEtag = (version: number): string => `W/${etag(version)}`

/** Whether the client already has the content with this ETag, according to `If-None-Match` (RFC 9110 §13.1.2). */
export function isKnown(request: Request, tag: string): boolean {
  const known = tagsOf(request, 'If-None-Match')
  return known !== undefined && matchesWeakly(known, tag)
}

export async function sendTagged(response: Response, tag: string, send: () => void | Promise<void>): Promise<void> {
  const known = isKnown(response.req, tag)
  response.setHeader('ETag', tag)
  if (known) response.status(304).end()
  else await send()
}

/** Also returns the values that `clientOf` returns. */
export function conditionsOf(request: Request, response: Response): Conditions {
  const expected = tagsOf(request, 'If-Match')
  const excluded = tagsOf(request, 'If-None-Match')
  return {
    // If-Match uses strong comparison, and If-None-Match uses weak comparison (RFC 9110 §13.1).
    expected_versions: Array.isArray(expected) ? versionsOf(expected) : undefined,
    excluded_versions: Array.isArray(excluded) ? versionsOf(excluded.map(opaque)) : excluded,
    idempotency_key: idempotencyKey(request),
    ...clientOf(request, response),
  }
}

export const hostOf = ({ headers, socket }: Request): string => headers.host || `localhost:${socket.localPort}`

export const urlOf = (request: Request, path: string): string =>
  `${request.protocol}://${hostOf(request)}${publicPath(path)}`

export const clientOf = (request: Request, response: Response): Pick<Conditions, 'request_id' | 'signal'> => ({
  request_id: String(response.getHeader('X-Request-Id')),
  signal: new ConnectionSignal(request.socket),
})

/**
 * Throws `invalid_request` if the request has an idempotency key. `reason` says why the resource does not support
 * idempotency keys.
 */
export function requireNoIdempotencyKey(request: Request, reason: string): void {
  if (request.get('Idempotency-Key') === undefined) return
  const errors = [{ detail: `is not supported here: ${reason}`, header: 'Idempotency-Key' }]
  throw new DomainError('invalid_request', { errors })
}

/**
 * Throws `invalid_request` if the request has an idempotency key, because the stored response would contain a secret.
 */
export const refuseIdempotencyKey = async (request: Request): Promise<void> =>
  requireNoIdempotencyKey(request, 'a stored response would contain a secret')

const quotedKey = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/
const bareKey = /^[\x21\x23-\x7e]*$/

/** The header contains a structured-field string (RFC 8941 §3.3.3) or an unquoted key. */
function idempotencyKey(request: Request): string | undefined {
  const value = request.get('Idempotency-Key')
  if (value === undefined) return undefined
  const quoted = quotedKey.exec(value)?.[1]
  if (quoted !== undefined) return quoted.replace(/\\(["\\])/g, '$1')
  if (bareKey.test(value)) return value
  const detail = 'must be a quoted string, or visible ASCII characters without quotes'
  throw new DomainError('invalid_request', { errors: [{ detail, header: 'Idempotency-Key' }] })
}

/** Returns NaN for text that is no number, or that a double would round. A missing parameter stays undefined. */
export function numberOf(text: unknown): unknown {
  if (typeof text !== 'string') return text
  if (!/^-?\d+(\.\d+)?$/.test(text)) return Number.NaN
  return isExact(text) || !Number.isSafeInteger(Number(text)) ? Number(text) : Number.NaN
}

/** Returns text that is not a boolean unchanged, so that the schema refuses it. */
export const booleanOf = (text: unknown): unknown => (text === 'true' ? true : text === 'false' ? false : text)
