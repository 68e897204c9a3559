import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { within } from './until'

const main = join(__dirname, '../../src/main.js')
const startMs = 30_000

export type Line = Record<string, unknown>

/** A server in a process of its own, as a user starts it. */
export class Instance {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** Of its log. */
  readonly lines: Line[] = []
  /** What it wrote to its standard error. */
  errors = ''
  url = ''
  readonly ended: Promise<number | null>
  /** Those who wait for a line look at each that comes. */
  readonly #waiting = new Set<() => void>()

  /** It has this environment, and nothing of the test's own but the path. */
  constructor(
    env: Record<string, string>,
    {
      nodeOptions = [] as string[],
      cwd = process.cwd(),
      keeps = (_: Line): boolean => true,
      program = [process.execPath, main],
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
      const line = JSON.parse(text) as Line
      if (!keeps(line)) return
      this.lines.push(line)
      for (const look of this.#waiting) look()
    })
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
  }

  /** One that listens. Of its log it keeps no line of a request or a transition: under load they would be too many. */
  static async start(env: Record<string, string>, nodeOptions: string[] = []): Promise<Instance> {
    const keeps = ({ msg }: Line): boolean => msg !== 'request' && msg !== 'transition'
    const instance = new Instance(env, { nodeOptions, keeps })
    await within(startMs, 'a server that listens', instance.listening())
    return instance
  }

  /** The first line of the log that says this. */
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
      this.ended.then(code => reject(new Error(`ended with ${code} before it said ${msg}: ${this.errors}`)))
    })
  }

  /** Resolves with its address. */
  async listening(): Promise<string> {
    this.url = String((await this.said('listening')).url)
    return this.url
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  /** Asks it to stop, and gives its exit code. */
  stop(): Promise<number | null> {
    this.child.kill('SIGTERM')
    return this.ended
  }
}
