import type { IncomingMessage, ServerResponse } from 'node:http'
import cors from 'cors'

/** Response headers that a page of another origin may read. */
const exposedHeaders = [
  'Allow',
  'Content-Disposition',
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Retry-After',
  'Session-Version',
  'WWW-Authenticate',
  'X-Request-Id',
].join(',')

/** Sets CORS headers that tell pages of these origins (`*` for all) what they may send and read. */
export function crossOrigin(origins: string[]): (request: IncomingMessage, response: ServerResponse) => void {
  const tell = cors({
    // A response names at most one origin.
    origin: origins.includes('*') ? '*' : origins,
    exposedHeaders,
    maxAge: 86_400,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    // Each resource responds to OPTIONS itself, with its own `Allow`.
    preflightContinue: true,
  })
  return (request, response) => tell(request, response, () => {})
}

/**
 * Returns whether the page that sent a request may use the API. A request without `Origin` does not come from a page of
 * another site, so it may.
 */
export type AllowsOrigin = (request: IncomingMessage) => boolean

/** Allows pages of these origins (`*` for all) and pages of this server. */
export const originsAllowed =
  (origins: string[]): AllowsOrigin =>
  ({ headers: { origin, host = '' } }) =>
    origin === undefined || origins.includes('*') || origins.includes(origin) || hostOf(origin) === host.toLowerCase()

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)
