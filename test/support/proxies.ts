import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from './port'
import { send } from './raw'
import { until } from './until'

/** A reverse proxy with a shipped configuration. */
export interface ProxyKind {
  name: 'nginx' | 'haproxy' | 'caddy'
  shipped: string
  /** Whether the proxy repeats a change that has an Idempotency-Key, if an instance that may have read it is gone. */
  repeatsKeyed: boolean
  /**
   * Whether the proxy sends a request with a body to another instance if none of it was sent. Caddy does this since
   * 2.11.2.
   */
  repeatsUnsent: boolean
  /** Whether the proxy sends a request only once it has its whole body. */
  buffersBodies: boolean
  /** Line with the address on which the shipped configuration listens. */
  listens: string
  /** Returns the same line for a port of this machine. */
  listensOn(port: number): string
  checks(file: string, folder: string): string[]
  runs(file: string, folder: string): string[]
}

const debianNginx = (file: string, folder: string): string[] =>
  // The folders of Debian's nginx for temporary files belong to www-data, and keep that owner.
  ['-c', file, '-g', `daemon off; pid ${join(folder, 'nginx.pid')}; user www-data;`]

const kinds: ProxyKind[] = [
  {
    name: 'nginx',
    shipped: 'ops/nginx/nginx.conf',
    repeatsKeyed: true,
    repeatsUnsent: true,
    buffersBodies: true,
    listens: 'listen 80;',
    listensOn: port => `listen 127.0.0.1:${port};`,
    checks: (file, folder) => ['-t', ...debianNginx(file, folder)],
    runs: debianNginx,
  },
  {
    name: 'haproxy',
    shipped: 'ops/haproxy/haproxy.cfg',
    repeatsKeyed: true,
    repeatsUnsent: true,
    buffersBodies: false,
    listens: 'bind :80\n',
    listensOn: port => `bind 127.0.0.1:${port}\n`,
    checks: file => ['-c', '-f', file],
    runs: file => ['-db', '-f', file],
  },
  {
    name: 'caddy',
    shipped: 'ops/caddy/Caddyfile',
    repeatsKeyed: false,
    repeatsUnsent: false,
    buffersBodies: false,
    listens: '\n:80 {',
    listensOn: port => `\nhttp://:${port} {`,
    checks: file => ['validate', '--adapter', 'caddyfile', '--config', file],
    runs: file => ['run', '--adapter', 'caddyfile', '--config', file],
  },
]

/** Debian installs nginx and HAProxy in /usr/sbin, which only root has on the PATH. */
const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }

/** Returns the reason why a proxy cannot run here, or undefined if it can. */
function absence({ name }: ProxyKind): string | undefined {
  const version = name === 'caddy' ? 'version' : '-v'
  if (spawnSync(name, [version], { env: environment }).error) return `there is no ${name} on the PATH`
  if (name === 'nginx' && process.getuid?.() !== 0) return "Debian's nginx runs as root alone"
  return undefined
}

/**
 * Describes one suite over each proxy. A proxy that cannot run is skipped with a printed reason. In CI, that is an
 * error.
 */
export function overProxies(body: (kind: ProxyKind) => void): void {
  for (const kind of kinds) {
    const why = absence(kind)
    if (why && process.env.CI) throw new Error(`What is behind ${kind.name} must be tested in CI: ${why}`)
    if (why) process.stderr.write(`What is behind ${kind.name} is not tested: ${why}\n`)
    ;(why ? describe.skip : describe)(`behind ${kind.name}`, () => body(kind))
  }
}

/** A proxy with the shipped configuration in front of two instances. */
export class ReverseProxy {
  #child: ChildProcess | undefined
  #said = ''

  private constructor(
    readonly kind: ProxyKind,
    readonly url: string,
    readonly folder: string,
    readonly file: string,
  ) {}

  /** Writes the configuration, with only the addresses changed. */
  static async before(kind: ProxyKind, instances: [number, number]): Promise<ReverseProxy> {
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), `${kind.name}-`))
    const file = join(folder, 'configuration')
    const addresses: [string, string][] = [
      [kind.listens, kind.listensOn(port)],
      ...instances.map((port, i): [string, string] => [`sessions-${i + 1}:4000`, `127.0.0.1:${port}`]),
    ]
    let text = readFileSync(resolve(kind.shipped), 'utf8')
    for (const [shipped, here] of addresses) {
      const parts = text.split(shipped)
      if (parts.length !== 2) throw new Error(`${kind.shipped} holds ${JSON.stringify(shipped)} not once`)
      text = parts.join(here)
    }
    writeFileSync(file, text)
    return new ReverseProxy(kind, `http://127.0.0.1:${port}`, folder, file)
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...environment, HOME: this.folder, XDG_CONFIG_HOME: this.folder, XDG_DATA_HOME: this.folder }
  }

  /** Runs the program's own check of the configuration. */
  check(): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync(this.kind.name, this.kind.checks(this.file, this.folder), {
      encoding: 'utf8',
      env: this.#environment,
    })
    return { status, said: stdout + stderr }
  }

  async start(): Promise<void> {
    const admin = `127.0.0.1:${await freePort()}`
    const child = spawn(this.kind.name, this.kind.runs(this.file, this.folder), {
      env: { ...this.#environment, CADDY_ADMIN: admin },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', data => {
        this.#said += data
      })
    }
    const serves = (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(`${this.kind.name} ended: ${this.#said}`)
      return send(this.url, 'GET', '/healthz').then(
        ({ status }) => status === 200,
        () => false,
      )
    }
    await until(serves, 20_000, () => `${this.kind.name} that serves: ${this.#said}`)
  }

  async stop(): Promise<void> {
    if (this.#child?.exitCode === null) {
      this.#child.kill('SIGTERM')
      await once(this.#child, 'exit')
    }
    rmSync(this.folder, { recursive: true })
  }
}

/** A rule of a capability that also holds behind a proxy. `test/capabilities/NAME/proxied.ts` exports these as `proxied`. */
export interface ProxiedRule {
  rule: string
  /** `below` is the URL of the server behind the proxy. `sessions` is the URL of the server's sessions. */
  holds(proxied: { below: string; sessions: string; buffersBodies: boolean }): Promise<void>
}
