import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mainProgram } from '../../support/instance'
import { folder } from '../../support/process'

export interface CommandOutcome {
  code: number
  sums: string
  errors: string[]
}

/** Runs `benefit-sessions import` with these arguments, in the folder of the suite. */
export const importing = (args: string[], env: Record<string, string> = {}): Promise<CommandOutcome> =>
  begun(args, env).outcome

/** Starts the command, which can then get a signal. */
export function begun(args: string[], env: Record<string, string> = {}) {
  const { promise: outcome, resolve } = Promise.withResolvers<CommandOutcome>()
  const child = execFile(
    process.execPath,
    [mainProgram, 'import', ...args],
    { env, cwd: folder },
    (error, stdout, stderr) =>
      resolve({
        code: error ? Number(error.code) : 0,
        sums: stdout.trim(),
        errors: stderr.split('\n').filter(Boolean),
      }),
  )
  return { child, outcome }
}

/** Environment in which the command's waits and its clock are a hundred times as fast. */
export const hurried = { NODE_OPTIONS: `--require ${join(__dirname, 'hurried.js')}` }

/** Writes a file into the folder where the command runs. */
export const write = (name: string, content: string | Buffer): void => writeFileSync(join(folder, name), content)
