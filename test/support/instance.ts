import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { within } from './until'

export const mainProgram = join(__dirname, '../../src/main.js')
const startMs = 30_000

export type Line = Record<string, unknown>

function isJson(text: string): boolean {
  try {
    return JSON.parse(text) !== undefined
  } catch {
    return false
  }
}

/** A server in its own process, started as a user starts it. */
export class Instance {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly lines: Line[] = []
  /** Everything that the server wrote to stderr. */
  errors = ''
  url = ''
  readonly ended: Promise<number | null>
  readonly #waiting = new Set<() => void>()
  #isKilled = false

  /** The process gets only this environment, and the PATH of the test. */
  constructor(
    env: Record<string, string>,
    {
      nodeOptions = [] as string[],
      cwd = process.cwd(),
      keeps = (_: Line): boolean => true,
      program = [process.execPath, mainProgram],
    } = {},
  ) {
    const [command = '', ...args] = program
    this.child = spawn(command, [...nodeOptions, ...args], {
      cwd,
      env: { PATH: process.env.PATH, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stderr.on('data', data => {
      this.errors += data
    })
    createInterface(this.child.stdout).on('line', text => {
      // A kill may cut the last line.
      if (this.#isKilled && !isJson(text)) return
      const line = JSON.parse(text) as Line
      if (!keeps(line)) return
      this.lines.push(line)
      for (const look of this.#waiting) look()
    })
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
  }

  /**
   * Starts a server, and waits until it listens. Discards the log lines of requests and transitions, because under load
   * they are too many. `main` is the server's program, by default the one of this build.
   */
  static async start(env: Record<string, string>, nodeOptions: string[] = [], main = mainProgram): Promise<Instance> {
    const keeps = ({ msg }: Line): boolean => msg !== 'request' && msg !== 'transition'
    const instance = new Instance(env, { nodeOptions, keeps, program: [process.execPath, main] })
    await within(startMs, 'a server that listens', instance.listening())
    return instance
  }

  /** Resolves with the first log line that has this message. */
  said(msg: string): Promise<Line> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const line = this.lines.find(line => line.msg === msg)
        if (!line) return
        this.#waiting.delete(look)
        resolve(line)
      }
      this.#waiting.add(look)
      look()
      void this.ended.then(code => reject(new Error(`ended with ${code} before it said ${msg}: ${this.errors}`)))
    })
  }

  /** Resolves with the server's URL when it listens. */
  async listening(): Promise<string> {
    this.url = String((await this.said('listening')).url)
    return this.url
  }

  /** Kills the server at once, like a power cut. */
  async kill(): Promise<void> {
    this.#isKilled = true
    this.child.kill('SIGKILL')
    await this.ended
  }

  /** Asks the server to stop. Resolves with its exit code. */
  stop(): Promise<number | null> {
    this.child.kill('SIGTERM')
    return this.ended
  }
}
