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
  new Promise(resolve => {
    execFile(process.execPath, [mainProgram, 'import', ...args], { env, cwd: folder }, (error, stdout, stderr) =>
      resolve({
        code: error ? Number(error.code) : 0,
        sums: stdout.trim(),
        errors: stderr.split('\n').filter(Boolean),
      }),
    )
  })

/** Writes a file into the folder where the command runs. */
export const write = (name: string, content: string | Buffer): void => writeFileSync(join(folder, name), content)
