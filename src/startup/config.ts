// This folder has the code that runs before the app: the command line, the configuration and the log. `app.ts` connects
// the parts and starts them.

import { z } from 'zod'
import { isLoopback } from '../access/urls'
import { capabilityVariables } from '../capabilities/variables'
import { StartupError } from '../domain/errors'
import { editsBetween } from '../domain/nearest-name'
import { type Config, coreVariables } from '../variables'

export type { Config }

const environmentSchema = z.object({ ...coreVariables, ...capabilityVariables })

/** Documentation of an environment variable. The text may have Markdown. */
export interface DescribedVariable {
  name: string
  /** Default value. Empty if the variable is unset by default. */
  initial: string
  text: string
}

export const describedVariables = (): DescribedVariable[] =>
  Object.entries<z.ZodType>(environmentSchema.shape).map(([name, schema]) => ({
    name,
    initial: shownValue(schema.parse(undefined)),
    text: schema.description ?? '',
  }))

const shownValue = (value: unknown): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : value === undefined ? '' : String(value)

/**
 * Parses the environment into one validated object. An empty variable counts as unset. Throws StartupError for an
 * invalid one.
 */
export function configOf(env: NodeJS.ProcessEnv): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  refuseMisspelled(set)
  const parsed = environmentSchema.safeParse(set)
  if (parsed.success) {
    requireWhole(set)
    requireChoice(parsed.data as Config)
    requireTwoPorts(parsed.data as Config)
    return parsed.data as Config
  }
  const [issue] = parsed.error.issues
  const expected = issue?.code === 'invalid_value' ? `must be one of ${issue.values.join(', ')}` : issue?.message
  throw new StartupError(`${issue?.path.join('.')} ${expected}.`)
}

/**
 * Minimum length of a name that is checked for misspellings. Shorter names resemble too many variables of other
 * programs.
 */
const comparedCharacters = 8
/** Maximum edit distance of a misspelled name. Two swapped characters count as two edits. */
const maxEdits = 2
/** Names of other programs' variables that are never treated as misspellings. */
const foreignNames = new Set(['LOGLEVEL', 'AUTH_KEY'])

/**
 * Refuses a name that is almost the name of a variable, because a misspelled variable would be ignored. Since the
 * environment also has variables of other programs, a name is refused only if it resembles the long name of an unset
 * variable, and if its value is valid for that variable.
 */
function refuseMisspelled(set: Record<string, unknown>): void {
  const known: Record<string, z.ZodType> = environmentSchema.shape
  const compared = Object.keys(known).filter(name => name.length >= comparedCharacters && !(name in set))
  const unknown = Object.keys(set).filter(name => !(name in known) && !foreignNames.has(name))
  for (const name of unknown) {
    const [nearest] = compared
      .map(other => ({ other, edits: editsBetween(name.toUpperCase(), other) }))
      .filter(({ other, edits }) => edits <= maxEdits && known[other]?.safeParse(set[name]).success)
      .sort((a, b) => a.edits - b.edits)
    if (!nearest) continue
    const { other } = nearest
    throw new StartupError(
      `${name} is not a variable of this server. If you mean ${other}, rename it; otherwise also set ${other}, or unset ${name}.`,
    )
  }
}

/** Variables of authentication that take effect with `AUTH_KEYS` alone. */
const ofKeys = ['AUTH_KEYS', 'AUTH_MENTORS_CHOOSE_ORGANISATION']

/** Refuses an incomplete configuration of authentication. Any AUTH_ variable means that tokens are required. */
function requireWhole(set: Record<string, unknown>): void {
  const names = Object.keys(environmentSchema.shape).filter(name => name.startsWith('AUTH_') && name in set)
  const [useless] = set.AUTH_KEYS ? names.filter(name => !ofKeys.includes(name)) : names
  if (useless && !set.AUTH_ISSUER) throw new StartupError(`Set AUTH_ISSUER too: ${useless} has no effect without it.`)
  if (set.AUTH_ISSUER && !set.AUTH_AUDIENCE) {
    throw new StartupError('Set AUTH_AUDIENCE too: AUTH_ISSUER requires the audience that the tokens are for.')
  }
}

/** Refuses to serve other machines without authentication, unless `PUBLIC=on`. */
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

/** Refuses the same port for two servers. Port 0 means any free port. */
function requireTwoPorts({ PORT, METRICS_PORT }: Config): void {
  if (PORT !== 0 && METRICS_PORT === PORT) {
    throw new StartupError(`PORT and METRICS_PORT are both ${PORT}. Give the metrics another port.`)
  }
}
