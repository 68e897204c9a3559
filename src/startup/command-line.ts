import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { parseArgs } from 'node:util'
import { keyOptions, newServiceKey } from '../access/service-key'
import { capabilityCommands } from '../capabilities/commands'
import { StartupError } from '../domain/errors'
import { refusedArguments, type Subcommand } from '../subcommand'
import { version } from '../version'
import { configOf, describedVariables } from './config'

const keyCommand: Subcommand = {
  name: 'key',
  usage: 'key --name NAME --role ROLE [--organisation ID] [--mentor ID] [--expires DATE]',
  explanation: 'creates a service key, and prints it with its entry for the key file (AUTH_KEYS)',
  run: async args => print(keyOutput(args)),
}
const commands = [keyCommand, ...capabilityCommands]

const usage = `Usage: benefit-sessions [option]
${commands.map(({ usage }) => `       benefit-sessions ${usage}\n`).join('')}
Without an option, starts the server that these environment variables configure.

-h, --help     prints this text
-v, --version  prints the version
--health       checks whether the server with this configuration is alive
${commands.map(({ name, explanation }) => `${name.padEnd(15)}${explanation}\n`).join('')}`

function help(): string {
  const rows = describedVariables().map(({ name, initial, text }) => [name, initial, plain(text)])
  const width = (column: number): number => Math.max(...rows.map(row => row[column]?.length ?? 0))
  const widths = [width(0), width(1), 0]
  const variables = rows.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  return [usage, ...variables].join('\n')
}

/** Strips code and link markup from Markdown. */
const plain = (text: string): string => text.replace(/`|\[|\]\([^()[\]]*\)/g, '')

/** Maximum response time of `/healthz` in ms, after which the health check fails. */
const healthMs = 3_000

/** Throws StartupError if the server that the environment configures does not respond with status 200. */
async function health(env: NodeJS.ProcessEnv): Promise<string> {
  const { HOST, PORT } = configOf(env)
  const path = '/healthz'
  const request = get({ host: HOST, port: PORT, path, signal: AbortSignal.timeout(healthMs) })
  const [response] = (await once(request, 'response').catch((error: Error) => {
    throw new StartupError(`No response from port ${PORT} on ${HOST}: ${error.message}.`)
  })) as [IncomingMessage]
  response.destroy()
  if (response.statusCode !== 200) throw new StartupError(`${path} returned status ${response.statusCode}.`)
  return 'ok'
}

const outputs = new Map<string, (env: NodeJS.ProcessEnv) => string | Promise<string>>([
  ['-h', help],
  ['--help', help],
  ['-v', () => version],
  ['--version', () => version],
  ['--health', health],
])

const keyArguments = Object.fromEntries(Object.values(keyOptions).map(name => [name, { type: 'string' as const }]))

function keyOutput(args: string[]): string {
  try {
    const { values } = parseArgs({ args, options: keyArguments })
    const { key, entry } = newServiceKey(values, new Date())
    return `The service key. Store it now, because it is not shown again.

${key}

Its entry for the file that AUTH_KEYS names:

${JSON.stringify(entry, null, 2)}`
  } catch (error) {
    throw refusedArguments(error)
  }
}

/**
 * Runs the command that the arguments name, and returns the exit code. Returns undefined if there are no arguments, so
 * that the caller starts the server. Throws StartupError for invalid arguments.
 */
export async function runCommandLine(args: string[], env: NodeJS.ProcessEnv): Promise<number | undefined> {
  if (args.length === 0) return
  const command = commandOf(args)
  if (!command) return print(await optionOutput(args, env))
  const others = args.slice(command.name.split(' ').length)
  if (others.includes('-h') || others.includes('--help')) return print(help())
  return command.run(others, env)
}

/** Returns the command with the longest name that the arguments begin with: a name can be two words. */
const commandOf = ([first, second]: string[]): Subcommand | undefined =>
  commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first)

function print(text: string | undefined): number {
  process.stdout.write(`${text}\n`)
  return 0
}

function optionOutput(args: string[], env: NodeJS.ProcessEnv): string | Promise<string> | undefined {
  const unknown = args.filter(arg => !outputs.has(arg))
  if (unknown.length > 0) {
    throw new StartupError(`Unknown ${unknown.length === 1 ? 'option' : 'options'} ${unknown.join(' ')}. Try --help.`)
  }
  if (args.length > 1) throw new StartupError(`Use one option at a time, not ${args.join(' ')}. Try --help.`)
  return outputs.get(args[0] as string)?.(env)
}
