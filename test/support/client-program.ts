import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { until, within } from './until'

const entry = pathToFileURL(join(__dirname, '../../../packages/client/dist/esm/index.js'))
const waitMs = 30_000

/** End of a program that tries something: prints the code of the error. */
export const printCode = 'catch (error) { console.log(error.code) }'

/** A process that runs a program with the package. The program prints lines. */
export class ClientProgram {
  readonly lines: string[] = []
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess

  constructor(url: string, body: string) {
    const head = `import { SessionsClient } from ${JSON.stringify(entry.href)}
      const client = new SessionsClient({ url: ${JSON.stringify(url)} })`
    const program = ['--input-type=module', '--eval', `${head}\n${body}`]
    this.#child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] })
    createInterface(this.#child.stdout as NodeJS.ReadableStream).on('line', line => this.lines.push(line))
    this.ended = new Promise(resolve => this.#child.once('close', resolve))
  }

  /** Waits until the program prints a line. */
  printed(line: string): Promise<void> {
    return until(
      () => this.lines.includes(line),
      waitMs,
      () => `${line}, not ${this.lines}`,
    )
  }

  /** Waits until the program ends by itself, and returns its lines. */
  async linesAtEnd(): Promise<string[]> {
    try {
      expect(await within(waitMs, `the end, after ${this.lines}`, this.ended)).toBe(0)
      return this.lines
    } finally {
      this.#child.kill('SIGKILL')
    }
  }
}
