import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Webhook } from 'standardwebhooks'
import { AddressNotAllowed, checkedLookup, isPublic, type Lookup, literalAddress } from './addresses'
import type { AttemptError, WebhookEndpoint } from './model'

/** Time limit of an attempt, from the look-up of the name to the end of the response. */
export const attemptTimeoutMs = 15_000
/** Maximum number of bytes that are read of a response. */
export const responseBytes = 16 * 1024

/** The outcome of an attempt. It succeeded if `error` is null. */
export interface Outcome {
  status: number | null
  error: AttemptError | null
  /** The wait that `Retry-After` of a 429 or 503 asks for, or 0. */
  retryAfterMs: number
}

/** A message to send. */
export interface Message {
  id: string
  body: string
}

class TimedOut extends Error {}

/** Sends messages to endpoints, signed as Standard Webhooks 1.0 says. */
export class WebhookSender {
  readonly #lookup

  constructor(
    readonly userAgent: string,
    /** Whether private addresses and `http:` are allowed. */
    readonly allowsPrivate: boolean,
    /** Certificate authorities and lookup of a test, in place of the system's. */
    readonly system: { ca?: string; lookup?: Lookup } = {},
  ) {
    this.#lookup = checkedLookup(address => this.allows(address), system.lookup)
  }

  allows(address: string): boolean {
    return this.allowsPrivate || isPublic(address)
  }

  /** Makes one attempt. Never throws. */
  async send({ url, secrets }: Pick<WebhookEndpoint, 'url' | 'secrets'>, { id, body }: Message): Promise<Outcome> {
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
      return await this.#post(new URL(url), headers, body)
    } catch {
      // Node.js refuses a request that it cannot make.
      return failure('connection_failed')
    }
  }

  #post(url: URL, headers: Record<string, string | number>, body: string): Promise<Outcome> {
    const literal = literalAddress(url)
    if (literal !== undefined && !this.allows(literal)) return Promise.resolve(failure('address_not_allowed'))
    const { ca } = this.system
    const isSecure = url.protocol === 'https:'
    // A connection of its own for each attempt, so that each attempt checks the address that it uses.
    const options = {
      method: 'POST',
      headers,
      agent: false,
      lookup: this.#lookup,
      rejectUnauthorized: true,
      ...(ca && { ca }),
    }
    return new Promise(resolve => {
      const request = (isSecure ? httpsRequest : httpRequest)(url, options)
      let reached: 'nothing' | 'host' | 'peer' = 'nothing'
      const timer = setTimeout(() => request.destroy(new TimedOut()), attemptTimeoutMs)
      const end = (outcome: Outcome): void => {
        clearTimeout(timer)
        request.destroy()
        resolve(outcome)
      }
      request.on('socket', socket => {
        socket.on('connect', () => {
          reached = isSecure ? 'host' : 'peer'
        })
        socket.on('secureConnect', () => {
          reached = 'peer'
        })
      })
      request.on('error', error => end(failure(errorOf(error, reached === 'host'))))
      request.on('response', response => readSome(response, end))
      request.end(body)
    })
  }
}

const failure = (error: AttemptError): Outcome => ({ status: null, error, retryAfterMs: 0 })

function errorOf(error: Error & { syscall?: string }, inHandshake: boolean): AttemptError {
  if (error instanceof TimedOut) return 'timed_out'
  if (error instanceof AddressNotAllowed) return 'address_not_allowed'
  if (error.syscall === 'getaddrinfo') return 'name_not_resolved'
  return inHandshake ? 'tls_failed' : 'connection_failed'
}

/** Reads the response to its end, or up to `responseBytes`, and drops what it reads. */
function readSome(response: IncomingMessage, end: (outcome: Outcome) => void): void {
  const outcome = outcomeOf(response)
  let bytes = 0
  response.on('data', (data: Buffer) => {
    bytes += data.length
    if (bytes >= responseBytes) end(outcome)
  })
  response.on('end', () => end(outcome))
  response.on('error', error => end(failure(error instanceof TimedOut ? 'timed_out' : 'connection_failed')))
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): Outcome {
  const isSuccess = statusCode >= 200 && statusCode < 300
  const asks = statusCode === 429 || statusCode === 503
  return {
    status: statusCode,
    error: isSuccess ? null : 'unexpected_status',
    retryAfterMs: asks ? retryAfterMs(headers['retry-after'], Date.now()) : 0,
  }
}

/** Returns the wait that a `Retry-After` asks for (RFC 9110 §10.2.3), or 0. */
export function retryAfterMs(field: string | undefined, now: number): number {
  if (field === undefined) return 0
  const ms = /^\d{1,9}$/.test(field) ? Number(field) * 1_000 : Date.parse(field) - now
  return Number.isNaN(ms) ? 0 : Math.max(0, ms)
}
