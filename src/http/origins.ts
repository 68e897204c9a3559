import type { IncomingMessage } from 'node:http'

/** Whether the page that a request comes from may use the API. What has no Origin is no page of another site. */
export type AllowsOrigin = (request: IncomingMessage) => boolean

/** Allows the pages of these origins, of all where `*` is among them, and those of this server. */
export const originsAllowed =
  (origins: string[]): AllowsOrigin =>
  ({ headers: { origin, host = '' } }) =>
    origin === undefined || origins.includes('*') || origins.includes(origin) || hostOf(origin) === host.toLowerCase()

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)
