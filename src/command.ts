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
