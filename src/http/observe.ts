import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { Stalls } from '../time/stalls'

/** Longer paths stand in the log by their beginning. */
const loggedPathLength = 300
/** So many characters in a row may be a token. */
const tokenLength = 32

/** Whom the line of a request names: the digest of his subject. */
const subjects = new WeakMap<ServerResponse, string>()

/** Has the line of a request say who asked, where he came with a token. */
export function nameSubject(response: ServerResponse, digest: string | undefined): void {
  if (digest !== undefined) subjects.set(response, digest)
}

/** Gives the request its id, and the log one line when it is done. Nothing of a body, a query or a share's token is logged. */
export function observe(request: IncomingMessage, response: ServerResponse, log: Logger, stalls: Stalls): void {
  const started = performance.now()
  const given = request.headers['x-request-id']
  const request_id = typeof given === 'string' && /^[\w.:~+/=-]{1,128}$/.test(given) ? given : randomUUID()
  response.setHeader('X-Request-Id', request_id)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  const path = loggedPath(request.url ?? '')
  const over = stalls.begin(`${request.method} ${path}`)
  let isTaken = false
  // Node calls it finished too when its connection is destroyed.
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

/** What follows these in a path is not logged: the token of a share, and the name of somebody who is to be erased. */
const unlogged = /\/(shared|benefit-mentors)\/.+/is

/** A path without the tokens in it, however they and the path are written. */
export function loggedPath(url: string): string {
  const path = url.replace(/\?.*/s, '')
  const decoded = path.replace(/%([2-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return (unlogged.test(decoded) ? decoded.replace(unlogged, '/$1/…') : path)
    .replace(/[\w-]+/g, word => (word.length < tokenLength ? word : '…'))
    .slice(0, loggedPathLength)
}
