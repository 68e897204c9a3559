import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../test/support/port'
import { until } from '../test/support/until'
import type { Running } from './contestants'
import { ourProgram } from './report'
import { cpuMicrosOf, Server } from './server'

const startMs = 20_000
const shipped = 'ops/nginx/nginx.conf'
const shippedServers = /( *server )sessions-1:4000(.*\n) *server sessions-2:4000.*\n/

/** Several processes of this server on one database, behind nginx with the shipped configuration. */
export class Processes implements Running {
  private constructor(
    readonly servers: Server[],
    readonly nginx: ChildProcess,
    readonly folder: string,
    readonly port: number,
  ) {}

  static async start(count: number, env: Record<string, string>): Promise<Processes> {
    const servers: Server[] = []
    while (servers.length < count) servers.push(await Server.start(ourProgram, { ...env, TRUST_PROXY: '1' }))
    const folder = mkdtempSync(join(tmpdir(), 'nginx-'))
    const port = await freePort()
    const lines = (_: string, before: string, after: string): string =>
      servers.map(({ port }) => `${before}127.0.0.1:${port}${after}`).join('')
    const text = readFileSync(shipped, 'utf8')
      .replace(shippedServers, lines)
      .replace('listen 80;', `listen 127.0.0.1:${port};`)
    writeFileSync(join(folder, 'nginx.conf'), text)
    const global = `daemon off; pid ${join(folder, 'pid')}; user www-data;`
    const nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-g', global], {
      stdio: 'inherit',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    })
    const serves = (): Promise<boolean> => fetch(`http://127.0.0.1:${port}/healthz`).then(Boolean, () => false)
    await until(serves, startMs, 'nginx that serves')
    return new Processes(servers, nginx, folder, port)
  }

  get node(): string {
    return (this.servers[0] as Server).node
  }

  get #nginxPids(): number[] {
    const { pid } = this.nginx
    const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    return [Number(pid), ...workers.map(Number)]
  }

  /** CPU time of the processes and of nginx. */
  get cpuMicros(): number {
    return [...this.servers.map(({ pid }) => pid), ...this.#nginxPids].reduce((sum, pid) => sum + cpuMicrosOf(pid), 0)
  }

  freeze(): void {
    for (const server of this.servers) server.freeze()
  }

  thaw(): void {
    for (const server of this.servers) server.thaw()
  }

  async stop(): Promise<number> {
    const lines = await Promise.all(this.servers.map(server => server.stop()))
    this.nginx.kill('SIGTERM')
    rmSync(this.folder, { recursive: true })
    return lines.reduce((sum, count) => sum + count, 0)
  }
}
