// This folder contains the code that runs before the app: the command line, the configuration and the log. `app.ts`
// connects and starts the parts of the server.

import { z } from 'zod'
import { isLoopback } from '../access/urls'
import { capabilityVariables } from '../capabilities/variables'
import { StartupError } from '../domain/errors'
import { editsBetween } from '../domain/nearest-name'
import { type Config, coreVariables } from '../variables'

export type { Config }

const environmentSchema = z.object({ ...coreVariables, ...capabilityVariables })

/** Documentation of an environment variable. `text` can contain Markdown. */
export interface DescribedVariable {
  name: string
  /** Default value, or an empty string if there is no default. */
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
 * Parses the environment variables into one validated object. Empty variables are treated as unset. Throws StartupError
 * if a variable is invalid.
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
 * Shortest variable name that the spell check suggests for an unknown variable. Shorter names are never suggested,
 * because they resemble too many variables of other programs.
 */
const comparedCharacters = 8
/**
 * Maximum edit distance at which an unknown variable counts as a misspelled one. Two swapped characters count as two
 * edits.
 */
const maxEdits = 2
/** Other programs' variables, which are never treated as misspellings. */
const foreignNames = new Set(['LOGLEVEL', 'AUTH_KEY'])

/**
 * Throws StartupError if an unknown variable is probably misspelled, because it would otherwise be ignored silently.
 * The environment also contains other programs' variables. An unknown variable therefore counts as misspelled only if
 * it resembles an unset variable of at least `comparedCharacters` characters, and its value is valid for that variable.
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
      `${name} is not a variable of this server. If you mean ${other}, rename the variable. Otherwise, also set ${other}, or unset ${name}.`,
    )
  }
}

/** Authentication variables that take effect without `AUTH_ISSUER`, provided that `AUTH_KEYS` is set. */
const ofKeys = ['AUTH_KEYS', 'AUTH_MENTORS_CHOOSE_ORGANISATION']

/**
 * Throws StartupError if the authentication settings are incomplete. An operator who sets any AUTH_ variable wants the
 * server to require tokens.
 */
function requireWhole(set: Record<string, unknown>): void {
  const names = Object.keys(environmentSchema.shape).filter(name => name.startsWith('AUTH_') && name in set)
  const [useless] = set.AUTH_KEYS ? names.filter(name => !ofKeys.includes(name)) : names
  if (useless && !set.AUTH_ISSUER) throw new StartupError(`Set AUTH_ISSUER too: ${useless} has no effect without it.`)
  if (set.AUTH_ISSUER && !set.AUTH_AUDIENCE) {
    throw new StartupError('Set AUTH_AUDIENCE too: the server cannot check tokens without it.')
  }
}

/** Throws StartupError if other machines could use the server without authentication, unless `PUBLIC=on`. */
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

/**
 * Throws StartupError if the API and the metrics are configured to use the same port. Both ports can be 0, because port
 * 0 stands for any free port.
 */
function requireTwoPorts({ PORT, METRICS_PORT }: Config): void {
  if (PORT !== 0 && METRICS_PORT === PORT) {
    throw new StartupError(`PORT and METRICS_PORT are both ${PORT}. Give the metrics another port.`)
  }
}
