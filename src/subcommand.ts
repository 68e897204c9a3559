import { StartupError } from './domain/errors'

export interface Subcommand {
  name: string
  usage: string
  /** Description of the command for `--help`. */
  explanation: string
  /** Runs the command, and returns the exit code. Throws `StartupError` for invalid arguments. */
  run(args: string[], env: NodeJS.ProcessEnv): Promise<number>
}

/** Converts an invalid-argument error, thrown by `parseArgs` or a subcommand, to a StartupError. */
export function refusedArguments(error: unknown): StartupError {
  // Keep only the first sentence of Node.js's message, because that sentence says what is wrong.
  const [reason] = (error as Error).message.split(/\.\s/, 1)
  return new StartupError(`${reason}. Try --help.`)
}
