import { StartupError } from './domain/errors'

/** A subcommand that a capability adds, such as `benefit-sessions import`. */
export interface Command {
  name: string
  /** The command's arguments, as the usage shows them. */
  usage: string
  /** What the command does, for `--help`. */
  explanation: string
  /** Runs the command. Returns the exit code. Throws StartupError for arguments that it does not accept. */
  run(args: string[], env: NodeJS.ProcessEnv): Promise<number>
}

/** Returns the error for arguments that `parseArgs` or a command refused. */
export function refusedArguments(error: unknown): StartupError {
  // Only the first sentence of a Node.js message says what is wrong.
  const [reason] = (error as Error).message.split(/\.\s/, 1)
  return new StartupError(`${reason}. Try --help.`)
}
