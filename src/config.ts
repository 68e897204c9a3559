import { z } from 'zod'
import { CannotStart } from './domain/errors'

const countSchema = z
  .string()
  .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')
  .transform(Number)

const originOf = (text: string): string | undefined => (URL.canParse(text) ? new URL(text).origin : undefined)

const environmentSchema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number, 0 to 65535')
    .transform(Number)
    .refine(port => port <= 65_535, 'must be a port number, 0 to 65535')
    .default(4_000),
  HOST: z.string().default('127.0.0.1'),
  MONGODB_URI: z.string().optional(),
  DATA_FILE: z.string().default('data/sessions.db'),
  FEED_DAYS: countSchema.default(7),
  SESSION_DAYS: countSchema.optional(),
  CONNECTIONS_PER_ADDRESS: countSchema.default(10_000),
  SUBSCRIPTIONS_PER_CONNECTION: countSchema.default(1_000),
  REQUESTS_PER_SECOND: countSchema.optional(),
  INTROSPECTION: z
    .enum(['on', 'off'])
    .default('on')
    .transform(value => value === 'on'),
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
    .regex(/^\d{1,2}$/, 'must be how many proxies stand in front, 0 to 99')
    .transform(Number)
    .default(0),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

export type Config = z.infer<typeof environmentSchema>

/** The environment as one checked object. An empty variable is one that is not set; a bad one is CannotStart. */
export function configOf(env: NodeJS.ProcessEnv): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environmentSchema.safeParse(set)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const expected = issue?.code === 'invalid_value' ? `must be one of ${issue.values.join(', ')}` : issue?.message
  throw new CannotStart(`${issue?.path.join('.')} ${expected}.`)
}
