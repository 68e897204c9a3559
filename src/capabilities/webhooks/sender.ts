import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect as connectTcp, type LookupFunction } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Webhook } from 'standardwebhooks'
import { retryAfterMs } from '../../http/retry-after'
import { isPublic, literalAddress } from './addresses'
import { BoundedConnection, TooManyBytes } from './bounded-connection'
import type { AttemptError, WebhookEndpoint } from './model'
import { lookUp } from './name-lookups'

/** This program's name in the `User-Agent` header. */
export const product = 'benefit-sessions'
/** Time limit of an attempt in ms, from connecting to the end of the response. The name look-up precedes the attempt. */
export const attemptTimeoutMs = 15_000
/** Time limit in ms, including the TLS handshake. The response can use the rest of the attempt's time. */
export const connectMs = 5_000
/** Maximum number of bytes read from a response body. */
export const responseBytes = 16 * 1024
/** Maximum number of informational responses (1xx) before the final response. */
export const informationalResponses = 10
/** How long, in ms, an attempt keeps waiting for a response after its signal is aborted. */
export const endingMs = 3_000

/** The delivery attempt succeeded if `error` is null. */
export interface Outcome {
  status: number | null
  error: AttemptError | null
  /** Delay in ms that the receiver requested with the `Retry-After` header of a 429 or 503 response, or 0. */
  retryAfterMs: number
}

export interface Message {
  id: string
  body: string
}

interface Post {
  addresses: string[]
  headers: Record<string, string | number>
  body: string
  signal: AbortSignal
}

/** Replacements for system settings and time limits, which only tests inject. */
export interface SenderSystem {
  ca?: string
  servers?: readonly string[]
  attemptMs?: number
  connectMs?: number
}

/** Sends signed messages to webhook endpoints, according to Standard Webhooks 1.0. */
export class WebhookSender {
  constructor(
    readonly userAgent: string,
    /** Whether endpoint URLs are allowed to use private addresses and `http:`. */
    readonly allowsPrivate: boolean,
    readonly system: SenderSystem = {},
  ) {}

  allows(address: string): boolean {
    return this.allowsPrivate || isPublic(address)
  }

  /** Resolves the host of an endpoint's URL. Never throws. Returns an empty list if its name is not resolved. */
  async find(url: string): Promise<string[]> {
    const target = new URL(url)
    const literal = literalAddress(target)
    return literal === undefined ? lookUp(target.hostname, this.system.servers) : [literal]
  }

  /**
   * Attempts the delivery, using the resolved addresses. Returns undefined if the signal is aborted and no response
   * arrives soon after. In that case, it is unknown whether the receiver got the message. Never throws.
   */
  async send(
    { url, secrets }: Pick<WebhookEndpoint, 'url' | 'secrets'>,
    { id, body }: Message,
    { addresses, signal }: Pick<Post, 'addresses' | 'signal'>,
  ): Promise<Outcome | undefined> {
    if (addresses.length === 0) return failure('name_not_resolved')
    const allowed = addresses.filter(address => this.allows(address))
    if (allowed.length === 0) return failure('address_not_allowed')
    const now = new Date()
    const valid = secrets.filter(({ expires_at }) => expires_at === null || Date.parse(expires_at) > now.getTime())
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': this.userAgent,
      'webhook-id': id,
      'webhook-timestamp': Math.floor(now.getTime() / 1_000),
      'webhook-signature': valid.map(({ secret }) => new Webhook(secret).sign(id, now, body)).join(' '),
    }
    try {
      return await this.#post(new URL(url), { addresses: allowed, headers, body, signal })
    } catch {
      // Node.js throws an error if it can't make a request from this URL and these headers.
      return failure('connection_failed')
    }
  }

  /** Posts the message over a new connection, so that each attempt uses only addresses that it has checked itself. */
  #post(url: URL, { addresses, headers, body, signal }: Post): Promise<Outcome | undefined> {
    const isSecure = url.protocol === 'https:'
    const { promise, resolve } = Promise.withResolvers<Outcome | undefined>()
    const host = literalAddress(url) ?? url.hostname
    const socket = connectTcp({
      host,
      port: Number(url.port || (isSecure ? 443 : 80)),
      lookup: lookupOf(addresses),
      autoSelectFamily: true,
    })
    const connection = new BoundedConnection(socket)
    const servername = literalAddress(url) === undefined ? host : ''
    const { ca } = this.system
    const stream = isSecure
      ? connectTls({ socket: connection, host, servername, ALPNProtocols: ['http/1.1'], ...(ca && { ca }) })
      : connection
    // Errors during the TLS handshake are reported as `tls_failed`, and other connection errors as `connection_failed`.
    let inHandshake = false
    const connected = (): void => {
      inHandshake = false
      clearTimeout(connecting)
    }
    socket.on('connect', () => {
      if (isSecure) inHandshake = true
      else connected()
    })
    stream.on('secureConnect', connected)

    const request = (isSecure ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      headers,
      createConnection: () => stream,
    })
    let response: IncomingMessage | undefined
    const end = (outcome: Outcome | undefined): void => {
      clearTimeout(timer)
      clearTimeout(connecting)
      clearTimeout(ending)
      signal.removeEventListener('abort', endSoon)
      request.destroy()
      connection.destroy()
      resolve(outcome)
    }
    const fail = (error?: Error): void => {
      if (error instanceof TooManyBytes && response) end(outcomeOf(response))
      else end(failure(inHandshake ? 'tls_failed' : 'connection_failed'))
    }
    const timeOut = (): void => end(failure('timed_out'))
    const timer = setTimeout(timeOut, this.system.attemptMs ?? attemptTimeoutMs)
    const connecting = setTimeout(timeOut, this.system.connectMs ?? connectMs)
    let ending: NodeJS.Timeout | undefined
    const endSoon = (): void => {
      ending = setTimeout(() => end(undefined), endingMs)
    }
    if (signal.aborted) endSoon()
    else signal.addEventListener('abort', endSoon, { once: true })

    connection.on('error', fail)
    stream.on('error', fail)
    request.on('error', fail)
    // If the request closes before the attempt's outcome is known, the attempt has failed. Once the outcome is known,
    // this handler has no effect.
    request.on('close', fail)
    request.on('upgrade', upgraded => end(outcomeOf(upgraded)))
    let informational = 0
    request.on('information', () => {
      if (++informational > informationalResponses) fail()
    })
    request.on('response', received => {
      response = received
      readSome(received, () => end(outcomeOf(received)), fail)
    })
    request.end(body)
    return promise
  }
}

/** Returns a `lookup` function for `net.connect` that resolves every name to these addresses. */
const lookupOf =
  (addresses: string[]): LookupFunction =>
  (_hostname, _options, found) =>
    found(
      null,
      addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

const failure = (error: AttemptError): Outcome => ({ status: null, error, retryAfterMs: 0 })

/** Reads and discards the response body to its end, or up to `responseBytes`. */
function readSome(response: IncomingMessage, end: () => void, fail: (error: Error) => void): void {
  let bytes = 0
  response.on('data', (data: Buffer) => {
    bytes += data.length
    if (bytes >= responseBytes) end()
  })
  response.on('end', end)
  response.on('error', fail)
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): Outcome {
  const isSuccess = statusCode >= 200 && statusCode < 300
  const asks = statusCode === 429 || statusCode === 503
  return {
    status: statusCode,
    error: isSuccess ? null : 'unexpected_status',
    retryAfterMs: asks ? retryAfterMs(headers['retry-after']) : 0,
  }
}
