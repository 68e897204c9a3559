/** A command of the command line that a capability adds, such as `benefit-sessions import`. */
export interface Command {
  name: string
  /** Its arguments, as the usage shows them. */
  usage: string
  /** What it does, for `--help`. */
  explanation: string
  /** Runs it. Returns the exit code. Throws StartupError for arguments that it does not accept. */
  run(args: string[], env: NodeJS.ProcessEnv): Promise<number>
}
