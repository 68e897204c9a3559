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

/** Empty variables are treated as unset. Throws StartupError if a variable is invalid. */
export function configOf(env: NodeJS.ProcessEnv): Config {
  const set = setVariables(env)
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

/** Returns one sentence per variable that has no effect, but that the operator could have set for this server. */
export function configWarnings(env: NodeJS.ProcessEnv): string[] {
  const injected = Object.keys(environmentSchema.shape).filter(name => isInjected([name, env[name]]))
  return [
    ...injected.map(
      name =>
        `${name}=${env[name]} has no effect: it looks like the address of a Kubernetes service. Set ${name} to a port, or enableServiceLinks to false in the pod.`,
    ),
    ...misspelledIn(setVariables(env)).map(
      ({ name, meant }) =>
        `${name} has no effect, because it is not a variable of this server. If you mean ${meant}, rename the variable.`,
    ),
  ]
}

type Variables = Record<string, string>

const setVariables = (env: NodeJS.ProcessEnv): Variables =>
  Object.fromEntries(Object.entries(env).filter(entry => entry[1] !== '' && !isInjected(entry))) as Variables

/** Whether Kubernetes has set a variable. For a service named `metrics`, Kubernetes sets METRICS_PORT to an address. */
const isInjected = ([name, value]: [string, string | undefined]): boolean =>
  name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value ?? '')

/** Shorter variable names are never suggested, because they resemble too many variables of other programs. */
const comparedCharacters = 8
/** Maximum edit distance of a misspelled variable. Two swapped characters count as two edits. */
const maxEdits = 2

/**
 * The environment also contains other programs' variables. An unknown variable therefore counts as misspelled only if
 * it resembles an unset variable of at least `comparedCharacters` characters, and its value is valid for that variable.
 */
function misspelledIn(set: Variables): { name: string; meant: string }[] {
  const known: Record<string, z.ZodType> = environmentSchema.shape
  const compared = Object.keys(known).filter(name => name.length >= comparedCharacters && !(name in set))
  const unknown = Object.keys(set).filter(name => !(name in known))
  return unknown.flatMap(name => {
    const [nearest] = compared
      .map(meant => ({ name, meant, edits: editsBetween(name.toUpperCase(), meant) }))
      .filter(({ meant, edits }) => edits <= maxEdits && known[meant]?.safeParse(set[name]).success)
      .sort((a, b) => a.edits - b.edits)
    return nearest ? [nearest] : []
  })
}

/** Variables that each make the server require authentication. */
const requiring = ['AUTH_ISSUER', 'AUTH_KEYS']

/**
 * Throws StartupError for a misspelled variable without which callers could do more than the operator wants: for a
 * misspelled AUTH_ISSUER or AUTH_KEYS if the server would require no authentication, and for any other misspelled
 * variable that begins with AUTH_. Variables such as OAUTH_CLIENT_ID probably belong to another program.
 */
function refuseMisspelled(set: Variables): void {
  const isOpen = !requiring.some(name => name in set)
  const refused = misspelledIn(set).find(({ name, meant }) =>
    requiring.includes(meant) ? isOpen : /^AUTH_/i.test(name),
  )
  if (!refused) return
  const { name, meant } = refused
  throw new StartupError(
    `${name} is not a variable of this server. If you mean ${meant}, rename the variable. Otherwise, also set ${meant}, or unset ${name}.`,
  )
}

/** Authentication variables that take effect without `AUTH_ISSUER`, provided that `AUTH_KEYS` is set. */
const ofKeys = ['AUTH_KEYS', 'AUTH_MENTORS_CHOOSE_ORGANISATION']

/**
 * Throws StartupError if the authentication settings are incomplete. An operator who sets any AUTH_ variable wants the
 * server to require tokens.
 */
function requireWhole(set: Variables): void {
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
