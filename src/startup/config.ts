import { z } from 'zod'
import { isLoopback, isTrustworthy, isUrl } from '../access/urls'
import { StartupError } from '../domain/errors'

const countSchema = z
  .string()
  .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')
  .transform(Number)

const portSchema = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number, 0 to 65535')
  .transform(Number)
  .refine(port => port <= 65_535, 'must be a port number, 0 to 65535')

const switchSchema = (initial: 'on' | 'off') =>
  z
    .enum(['on', 'off'])
    .default(initial)
    .transform(value => value === 'on')

const originOf = (text: string): string | undefined => (URL.canParse(text) ? new URL(text).origin : undefined)

const environmentSchema = z.object({
  PORT: portSchema.default(4_000),
  HOST: z.string().default('127.0.0.1'),
  MONGODB_URI: z.string().optional(),
  BASE_PATH: z
    .string()
    .regex(
      /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/,
      'must be a path such as /benefits: only letters, digits, -, ., _ and ~ between the slashes, and no slash at the end',
    )
    .default(''),
  DATA_FILE: z.string().default('data/sessions.db'),
  FEED_DAYS: countSchema.default(7),
  SESSION_DAYS: countSchema.optional(),
  CONNECTIONS_PER_ADDRESS: countSchema.default(10_000),
  SUBSCRIPTIONS_PER_CONNECTION: countSchema.default(1_000),
  REQUESTS_PER_SECOND: countSchema.optional(),
  SESSIONS_PER_MENTOR: countSchema.optional(),
  INTROSPECTION: switchSchema('on'),
  FEDERATION: switchSchema('off'),
  CORS_ORIGIN: z
    .string()
    .transform(text => text.split(',').map(origin => origin.trim()))
    .refine(
      origins => origins.every(origin => origin === '*' || (origin !== 'null' && origin === originOf(origin))),
      'must be * or origins such as https://a.example, separated by commas',
    )
    .default(['*']),
  TRUST_PROXY: z
    .string()
    .regex(/^\d{1,2}$/, 'must be the number of trusted proxies, 0 to 99')
    .transform(Number)
    .default(0),
  PUBLIC: switchSchema('off'),
  AUTH_ISSUER: z
    .string()
    .refine(
      text => isTrustworthy(text) && !/[?#]/.test(text),
      'must be an https URL (or an http URL of a loopback host) without query and fragment',
    )
    .optional(),
  AUTH_AUDIENCE: z.string().optional(),
  AUTH_JWKS: z
    .string()
    .refine(
      text => !isUrl(text) || isTrustworthy(text),
      'must be a file, or an https URL (or an http URL of a loopback host)',
    )
    .optional(),
  AUTH_KEYS: z.string().optional(),
  AUTH_ROLE_CLAIM: z.string().default('role'),
  AUTH_ORGANISATION_CLAIM: z.string().default('organisation_id'),
  AUTH_MENTOR_CLAIM: z.string().default('mentor_id'),
  AUTH_NAME_CLAIM: z.string().default('name'),
  AUTH_MENTORS_CHOOSE_ORGANISATION: switchSchema('off'),
  AUTH_CLIENT_ID: z.string().optional(),
  AUTH_PARAMETERS: z.string().optional(),
  MCP: z.enum(['off', 'read', 'write']).default('off'),
  WEBHOOKS: switchSchema('off'),
  WEBHOOKS_ALLOW_PRIVATE: switchSchema('off'),
  SHUTDOWN_SECONDS: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, 'must be a whole number of seconds, 1 to 9999')
    .transform(Number)
    .default(10),
  METRICS_PORT: portSchema.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

export type Config = z.infer<typeof environmentSchema>

/**
 * Parses the environment into one checked object. An empty variable counts as not set. Throws StartupError for an
 * invalid one.
 */
export function configOf(env: NodeJS.ProcessEnv): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environmentSchema.safeParse(set)
  if (parsed.success) {
    requireWhole(set)
    requireChoice(parsed.data)
    requireTwoPorts(parsed.data)
    return parsed.data
  }
  const [issue] = parsed.error.issues
  const expected = issue?.code === 'invalid_value' ? `must be one of ${issue.values.join(', ')}` : issue?.message
  throw new StartupError(`${issue?.path.join('.')} ${expected}.`)
}

/** Variables of authentication that have an effect with `AUTH_KEYS` alone. */
const ofKeys = ['AUTH_KEYS', 'AUTH_MENTORS_CHOOSE_ORGANISATION']

/** Refuses an incomplete configuration of authentication: setting any AUTH_ variable means that tokens are required. */
function requireWhole(set: Record<string, unknown>): void {
  const names = Object.keys(environmentSchema.shape).filter(name => name.startsWith('AUTH_') && name in set)
  const [useless] = set.AUTH_KEYS ? names.filter(name => !ofKeys.includes(name)) : names
  if (useless && !set.AUTH_ISSUER) throw new StartupError(`Set AUTH_ISSUER too: ${useless} has no effect without it.`)
  if (set.AUTH_ISSUER && !set.AUTH_AUDIENCE) {
    throw new StartupError('Set AUTH_AUDIENCE too: AUTH_ISSUER requires the audience that the tokens are for.')
  }
}

/** Refuses to serve other machines without authentication, unless that is asked for. */
function requireChoice({ HOST, AUTH_ISSUER, AUTH_KEYS, PUBLIC }: Config): void {
  const required = (AUTH_ISSUER && 'AUTH_ISSUER') || (AUTH_KEYS && 'AUTH_KEYS')
  if (required && PUBLIC) {
    throw new StartupError(`Unset PUBLIC or ${required}: PUBLIC=on is for a server without authentication.`)
  }
  if (required || PUBLIC || isLoopback(HOST)) return
  throw new StartupError(
    `Set AUTH_ISSUER to require tokens, AUTH_KEYS to require service keys, or PUBLIC=on to let everyone read and change everything: HOST=${HOST} lets other machines reach this server.`,
  )
}

/** Refuses one port for two servers. Port 0 is any free port. */
function requireTwoPorts({ PORT, METRICS_PORT }: Config): void {
  if (PORT !== 0 && METRICS_PORT === PORT) {
    throw new StartupError(`PORT and METRICS_PORT are both ${PORT}. Give the metrics another port.`)
  }
}
