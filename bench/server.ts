import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePort } from '../test/support/port'
import { until } from '../test/support/until'

const startMs = 60_000

/** Unit of CPU time in /proc on every Linux, in microseconds. */
export const tickMicros = 10_000

/** Returns the CPU time of all threads of a process, in microseconds. */
export function cpuMicrosOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14)
  return (Number(user) + Number(system)) * tickMicros
}

/** Returns the resident memory of a process, in MB. */
export const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1_024

/** Returns the number of bytes that a process has caused to be written to disks. */
export const diskBytesOf = (pid: number): number =>
  Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))?.[1])

// A frozen server would outlive this process.
const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/**
 * A server in its own process. As in production, its log goes through a pipe to another process, which counts the
 * lines.
 */
export class Server {
  readonly #child: ChildProcess
  readonly #lines: Promise<string>

  private constructor(
    file: string,
    env: Record<string, string>,
    readonly port: number,
  ) {
    const pipe = join(tmpdir(), `log-${process.pid}-${port}`)
    execFileSync('mkfifo', [pipe])
    this.#lines = text(spawn('wc', ['-l', pipe], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout)
    const log = openSync(pipe, 'w')
    this.#child = spawn(process.execPath, [file], {
      env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: String(port), ...env },
      stdio: ['ignore', log, 'inherit'],
    })
    children.add(this.#child)
    closeSync(log)
    rmSync(pipe)
  }

  /** Starts a server, and waits until it listens. */
  static async start(file: string, env: Record<string, string>, port?: number): Promise<Server> {
    const server = new Server(file, env, port ?? (await freePort()))
    const listens = (): Promise<boolean> => {
      if (server.#child.exitCode !== null) throw new Error(`${file} ended`)
      return fetch(`http://127.0.0.1:${server.port}/`).then(Boolean, () => false)
    }
    await until(listens, startMs, `${file} to listen`)
    return server
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** Version of the server's Node.js. */
  get node(): string {
    return execFileSync(`/proc/${this.pid}/exe`, ['--version'], { encoding: 'utf8' }).trim().slice(1)
  }

  get cpuMicros(): number {
    return cpuMicrosOf(this.pid)
  }

  /** Suspends the process. Until it is thawed, it does nothing and sends nothing to MongoDB. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  /** Kills the server at once, like a power cut. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  /** Stops the server. Resolves with the number of lines in its log. */
  async stop(): Promise<number> {
    this.thaw()
    this.#child.kill('SIGTERM')
    return Number.parseInt(await this.#lines, 10)
  }
}
