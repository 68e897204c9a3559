import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { EventLoopStalls } from '../concurrency/event-loop-stalls'

/** Longest path in the log, in characters. Longer ones are cut. */
const loggedPathLength = 300
/** A word of at least this many characters may be a token, so it is not logged. */
const tokenLength = 32

/** Digest of the subject to log with a request. */
const subjects = new WeakMap<ServerResponse, string>()

/** Adds the digest of the caller's subject to the log line of its request. Without a token there is none. */
export function setLoggedSubject(response: ServerResponse, digest: string | undefined): void {
  if (digest !== undefined) subjects.set(response, digest)
}

/** Sets the request id and logs one line when the response closes. Never logs a body, a query or a share token. */
export function logRequests(
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
  stalls: EventLoopStalls,
): void {
  const started = performance.now()
  const given = request.headers['x-request-id']
  const request_id = typeof given === 'string' && /^[\w.:~+/=-]{1,128}$/.test(given) ? given : randomUUID()
  response.setHeader('X-Request-Id', request_id)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  const path = loggedPath(request.url ?? '')
  const over = stalls.begin(`${request.method} ${path}`)
  let isTaken = false
  // Node emits `finish` also when the connection is destroyed.
  response.prependOnceListener('finish', () => {
    isTaken = !request.socket.destroyed
  })
  response.once('close', () => {
    over()
    const ms = Math.round((performance.now() - started) * 10) / 10
    const { method } = request
    const { statusCode: status } = response
    const aborted = isTaken && !request.errored ? {} : { aborted: true }
    const subject = subjects.get(response)
    log.info({ request_id, subject, method, path, status, ...aborted, ms }, 'request')
  })
}

/** The rest of a path after these segments is not logged: a share token, or the id of a mentor to erase. */
const unlogged = /\/(shared|benefit-mentors)\/.+/is

/** Returns a path without the tokens in it, even if it is percent-encoded or in capitals. */
export function loggedPath(url: string): string {
  const path = url.replace(/\?.*/s, '')
  const decoded = path.replace(/%([2-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return (unlogged.test(decoded) ? decoded.replace(unlogged, '/$1/…') : path)
    .replace(/[\w-]+/g, word => (word.length < tokenLength ? word : '…'))
    .slice(0, loggedPathLength)
}
