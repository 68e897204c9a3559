import type { IncomingMessage, ServerResponse } from 'node:http'
import cors from 'cors'

/** What a page of another origin may read beside the body. */
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

/** Tells the pages of these origins, of all where `*` is among them, what they may send and read. */
export function crossOrigin(origins: string[]): (request: IncomingMessage, response: ServerResponse) => void {
  const tell = cors({
    // Each answer names one origin at most.
    origin: origins.includes('*') ? '*' : origins,
    exposedHeaders,
    maxAge: 86_400,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    // Every resource answers OPTIONS itself, with its Allow.
    preflightContinue: true,
  })
  return (request, response) => tell(request, response, () => {})
}

/** Whether the page that a request comes from may use the API. What has no Origin is no page of another site. */
export type AllowsOrigin = (request: IncomingMessage) => boolean

/** Allows the pages of these origins, of all where `*` is among them, and those of this server. */
export const originsAllowed =
  (origins: string[]): AllowsOrigin =>
  ({ headers: { origin, host = '' } }) =>
    origin === undefined || origins.includes('*') || origins.includes(origin) || hostOf(origin) === host.toLowerCase()

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)
