import { z } from 'zod'
import { isTrustworthy, isUrl } from './access/urls'

// Schemas that several environment variables share.

export const countSchema = z
  .string()
  .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')
  .transform(Number)

const portSchema = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number, 0 to 65535')
  .transform(Number)
  .refine(port => port <= 65_535, 'must be a port number, 0 to 65535')

export const switchSchema = (initial: 'on' | 'off') =>
  z
    .enum(['on', 'off'])
    .default(initial)
    .transform(value => value === 'on')

const originOf = (text: string): string | undefined => (URL.canParse(text) ? new URL(text).origin : undefined)

/** The core's environment variables. `--help` and docs/operations/configuration.md show the variables' descriptions. */
export const coreVariables = {
  PORT: portSchema.default(4_000).describe('port that the server listens on'),
  HOST: z.string().default('127.0.0.1').describe('address that the server listens on'),
  MONGODB_URI: z
    .string()
    .optional()
    .describe('MongoDB replica set that stores the sessions ([sharded clusters](sharding.md) are untested)'),
  DATA_FILE: z
    .string()
    .default('data/sessions.db')
    .describe('SQLite file that stores the sessions if `MONGODB_URI` is unset'),
  FEED_DAYS: countSchema
    .default(7)
    .describe('days for which the SQLite file keeps the feed; on MongoDB, the size of the oplog decides'),
  PUBLIC: switchSchema('off').describe(
    '`on` lets other machines reach the server without authentication, and read and change everything',
  ),
  AUTH_ISSUER: z
    .string()
    .refine(
      text => isTrustworthy(text) && !/[?#]/.test(text),
      'must be an https URL (or an http URL of a loopback host) without query and fragment',
    )
    .optional()
    .describe('OpenID Connect issuer whose tokens the server accepts ([signing in](sign-in.md))'),
  AUTH_KEYS: z
    .string()
    .optional()
    .describe(
      '[service keys](sign-in.md#service-keys) that the server accepts: a JSON file, `stored` for the keys that admins manage over the API, or `stored,FILE` for both; if neither this nor `AUTH_ISSUER` is set: no authentication',
    ),
  AUTH_AUDIENCE: z
    .string()
    .optional()
    .describe('audience that the `aud` claim of a token must contain; required with `AUTH_ISSUER`'),
  AUTH_JWKS: z
    .string()
    .refine(
      text => !isUrl(text) || isTrustworthy(text),
      'must be a file, or an https URL (or an http URL of a loopback host)',
    )
    .optional()
    .describe("URL or file of the issuer's key set; unset: the URL in the issuer's discovery document"),
  AUTH_ROLE_CLAIM: z
    .string()
    .default('role')
    .describe('claim with the role or a list of roles; write `a.b` for a nested claim'),
  AUTH_ORGANISATION_CLAIM: z.string().default('organisation_id').describe("claim with the organisation's id"),
  AUTH_MENTOR_CLAIM: z.string().default('mentor_id').describe("claim with the mentor's id"),
  AUTH_NAME_CLAIM: z
    .string()
    .default('name')
    .describe('claim with the author of a change; if the claim is absent, the subject is the author'),
  AUTH_MENTORS_CHOOSE_ORGANISATION: switchSchema('off').describe(
    '`on` lets mentors without an organisation start sessions in any organisation',
  ),
  AUTH_CLIENT_ID: z.string().optional().describe('id of the public client with which users sign in to the dashboard'),
  AUTH_PARAMETERS: z
    .string()
    .optional()
    .describe("parameters of the dashboard's sign-in request, as a URL query; unset: `scope=openid+profile`"),
  METRICS_PORT: portSchema
    .optional()
    .describe('port on `HOST` for the Prometheus [metrics](monitoring.md#metrics); unset: no metrics'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`'),
  CORS_ORIGIN: z
    .string()
    .transform(text => text.split(',').map(origin => origin.trim()))
    .refine(
      origins => origins.every(origin => origin === '*' || (origin !== 'null' && origin === originOf(origin))),
      'must be * or origins such as https://a.example, separated by commas',
    )
    .default(['*'])
    .describe('origins whose pages are allowed to use the API, separated by commas'),
  TRUST_PROXY: z
    .string()
    .regex(/^\d{1,2}$/, 'must be the number of trusted proxies, 0 to 99')
    .transform(Number)
    .default(0)
    .describe('number of proxies in front of the server that append to `X-Forwarded-For`'),
  SHUTDOWN_SECONDS: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, 'must be a whole number of seconds, 1 to 9999')
    .transform(Number)
    .default(10)
    .describe('maximum number of seconds that the server takes to stop'),
  BASE_PATH: z
    .string()
    .regex(
      /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/,
      'must be a path such as /benefits: only letters, digits, -, ., _ and ~ between the slashes, and no slash at the end',
    )
    .default('')
    .describe('path under which a proxy serves the server, such as `/benefits`'),
  INTROSPECTION: switchSchema('on').describe('`off` refuses introspection of the GraphQL schema'),
  FEDERATION: switchSchema('off').describe(
    '`on` serves the schema as [part of a bigger graph](../reference/graphql.md#as-part-of-a-bigger-graph)',
  ),
  REQUESTS_PER_SECOND: countSchema
    .optional()
    .describe('maximum requests per second per client address or IPv6 /64; unset: no limit'),
  SESSIONS_PER_MENTOR: countSchema
    .optional()
    .describe("maximum open sessions per mentor, within the caller's scope; unset: no limit"),
  CONNECTIONS_PER_ADDRESS: countSchema
    .default(10_000)
    .describe('maximum number of WebSockets, and of event streams, per client address'),
  SUBSCRIPTIONS_PER_CONNECTION: countSchema.default(1_000).describe('maximum subscriptions per WebSocket'),
}

/** The server's configuration. Each capability adds its variables by declaration merging. */
export interface Config extends z.infer<z.ZodObject<typeof coreVariables>> {}
