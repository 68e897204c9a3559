import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { within } from './until'

const main = join(__dirname, '../../src/main.js')
const startMs = 30_000

/** A server in a process of its own, as a user starts it. */
export class Instance {
  readonly lines: Record<string, unknown>[] = []
  /** What it wrote to its standard error. */
  errors = ''
  readonly ended: Promise<number | null>

  private constructor(
    readonly child: ChildProcess,
    public url = '',
  ) {
    this.ended = once(child, 'close').then(([code]) => code as number | null)
  }

  static async start(env: Record<string, string>, nodeOptions: string[] = []): Promise<Instance> {
    const child = spawn(process.execPath, [...nodeOptions, main], {
      env: { PATH: process.env.PATH, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const instance = new Instance(child)
    child.stderr.on('data', data => {
      instance.errors += data
    })
    const listening = new Promise<void>((resolve, reject) => {
      createInterface(child.stdout).on('line', text => {
        const line = JSON.parse(text) as Record<string, unknown>
        if (line.msg !== 'request' && line.msg !== 'transition') instance.lines.push(line)
        if (line.msg !== 'listening') return
        instance.url = String(line.url)
        resolve()
      })
      instance.ended.then(code => reject(new Error(`ended with ${code}: ${instance.errors}`)))
    })
    await within(startMs, 'a server that listens', listening)
    return instance
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
