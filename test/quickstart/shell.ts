import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { within } from '../support/until'

const commandsMs = 240_000

/** Ends a process that leads a group, with everything that it started. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A bash that runs one block of commands after the other, as a terminal does. A failing command ends it. */
export class Shell {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #ended: Promise<unknown>
  #count = 0

  /** `scratch`: a folder for the texts of the blocks and of what they print. */
  constructor(
    cwd: string,
    env: NodeJS.ProcessEnv,
    readonly scratch: string,
  ) {
    this.#child = spawn('bash', ['-e'], { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
    this.#ended = once(this.#child, 'close')
  }

  /** Returns what the commands write to the standard output. Throws an error if one fails. */
  async run(code: string): Promise<string> {
    const [script, out, err] = ['sh', 'out', 'err'].map(kind => join(this.scratch, `${this.#count}.${kind}`)) as [
      string,
      string,
      string,
    ]
    this.#count++
    writeFileSync(script, code)
    const done = once(this.#child.stdout, 'data').then(() => true)
    this.#child.stdin.write(`. '${script}' </dev/null >'${out}' 2>'${err}'; echo\n`)
    const succeeded = await within(commandsMs, `the end of\n${code}`, Promise.race([done, this.#ended]))
    const printed = readFileSync(out, 'utf8')
    if (succeeded !== true) throw new Error(`These commands failed:\n${code}\n${printed}${readFileSync(err, 'utf8')}`)
    return printed
  }

  stop(): void {
    endGroup(this.#child.pid)
  }
}

/** A block that runs until it is stopped, in a terminal of its own. */
export class Background {
  /** What it has written to the standard output since the last `forget`. */
  printed = ''
  #errors = ''
  readonly #child: ChildProcessByStdio<null, Readable, Readable>

  constructor(
    readonly code: string,
    cwd: string,
    env: NodeJS.ProcessEnv,
  ) {
    this.#child = spawn('bash', ['-ec', code], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.setEncoding('utf8')
    this.#child.stdout.on('data', data => {
      this.printed += data
    })
    this.#child.stderr.on('data', data => {
      this.#errors += data
    })
  }

  /** Says that it has ended with an error. Undefined otherwise. */
  get failure(): string | undefined {
    const { exitCode } = this.#child
    return exitCode ? `This has ended with ${exitCode}:\n${this.code}\n${this.#errors}` : undefined
  }

  forget(): void {
    this.printed = ''
  }

  stop(): void {
    endGroup(this.#child.pid)
  }
}
