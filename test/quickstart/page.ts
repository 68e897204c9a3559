import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Instance } from '../support/instance'
import { fixedPort } from '../support/port'
import { mongoDatabase, type TestDatabase } from '../support/stores'
import { compact, Transcript } from '../support/transcript'
import { until, within } from '../support/until'
import { Background, Shell } from './shell'
import { type Step, stepsOf } from './steps'

const root = join(__dirname, '../../..')
const run = promisify(execFile)
const outputMs = 60_000

/** The address in every page, and the URI of the database in the page for operators. */
const host = '127.0.0.1:4000'
const databaseUri = /mongodb:\/\/127\.0\.0\.1:27017[^'"\s]*/g
const usesDatabase = (page: string): boolean => page.search(databaseUri) >= 0
/** The commands that start our server: in a clone, and where the package is installed. */
const startCommand = /\b(?:npm start|npx benefit-sessions)[ \t]*$/m
/** Packages that a page installs, each with its folder. */
const packages = { 'benefit-sessions': '.', 'benefit-sessions-client': 'packages/client' }

/** What the shells of a page know: nothing of the tests, and how to install packages without noise. */
function environment(wheels: string): NodeJS.ProcessEnv {
  const { NODE_ENV: _, NODE_OPTIONS: __, JEST_WORKER_ID: ___, ...env } = process.env
  return {
    ...env,
    PATH: [dirname(process.execPath), env.PATH].join(delimiter),
    NO_COLOR: '1',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_loglevel: 'error',
    npm_config_prefer_offline: 'true',
    npm_config_update_notifier: 'false',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_COMPILE: '1',
    // pip finds only the packages that were downloaded and checked.
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: wheels,
  }
}

/** Returns why a page cannot run on this machine. In CI it must. */
export function missingFor(page: string): string | undefined {
  const used = ['curl', 'python3'].filter(name => new RegExp(`\\b${name}\\b`).test(page))
  const missing = used.filter(name => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)
  if (usesDatabase(page) && !process.env.TEST_MONGODB_URI) missing.push('MongoDB')
  if (missing.length === 0) return
  const reason = `${missing.join(', ')} not found on this machine`
  if (process.env.CI) throw new Error(reason)
  return reason
}

/** Downloads the pinned Python packages, each with a hash that pip checks. */
async function downloadWheels(folder: string): Promise<void> {
  const options = ['--quiet', '--no-deps', '--require-hashes', '--only-binary', ':all:', '--dest', folder]
  await run('python3', ['-m', 'pip', 'download', ...options, '-r', join(root, 'test/quickstart/requirements.txt')])
}

/** A page under way: what it has started, and what must be removed after it. */
class Run {
  readonly #folder = mkdtempSync(join(tmpdir(), 'quickstart-'))
  /** Where the commands run: empty at first. */
  readonly #work = join(this.#folder, 'work')
  /** Python packages for the page. */
  readonly #wheels = join(this.#folder, 'wheels')
  readonly #env = environment(this.#wheels)
  readonly #transcript = new Transcript()
  readonly #backgrounds: Background[] = []
  readonly #ports = new Map<string, number>()
  #shell: Shell | undefined
  #server: Instance | undefined
  #database: TestDatabase | undefined
  #printed = ''

  #last: Step['kind'] | undefined

  constructor(
    readonly page: string,
    readonly skipped: (code: string, reason: string) => void,
  ) {}

  async prepare(): Promise<void> {
    for (const folder of ['work', 'clone', 'scratch']) mkdirSync(join(this.#folder, folder))
    this.#shell = new Shell(this.#work, this.#env, join(this.#folder, 'scratch'))
    for (const [, port = ''] of this.page.matchAll(/\b(?:127\.0\.0\.1|localhost):(\d+)/g)) {
      if (!this.#ports.has(port)) this.#ports.set(port, await fixedPort())
    }
    if (!this.#ports.has('4000')) this.#ports.set('4000', await fixedPort())
    if (usesDatabase(this.page)) this.#database = await mongoDatabase()
    if (/\bpip install\b/.test(this.page)) await downloadWheels(this.#wheels)
    for (const [name, folder] of Object.entries(packages)) {
      if (!new RegExp(`\\b${name}-\\d[\\w.]*\\.tgz`).test(this.page)) continue
      // Packs the existing build. A new build would delete the files of this running test.
      await run('npm', ['pack', '--ignore-scripts', '--pack-destination', this.#work, join(root, folder)], {
        cwd: root,
      })
    }
    if (!stepsOf(this.page).some(({ kind }) => kind === 'server')) await this.#serve('npm start')
  }

  /** Puts the ports and the database of this run in the place of the page's. */
  #placed(text: string): string {
    let placed = text.replaceAll(databaseUri, this.#database?.env.MONGODB_URI ?? '')
    placed = placed.replaceAll(host, `127.0.0.1:${this.#ports.get('4000')}`)
    for (const [port, actual] of this.#ports) {
      if (port !== '4000') placed = placed.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), String(actual))
    }
    return placed
  }

  #command = (code: string): string => this.#placed(this.#transcript.resolved(code))

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'skip':
        this.skipped(step.code, step.reason)
        break
      case 'file':
        writeFileSync(join(this.#work, step.name), this.#command(step.code))
        break
      case 'run':
        this.#printed = (await this.#shell?.run(this.#command(step.code))) ?? ''
        break
      case 'background':
        this.#backgrounds.push(new Background(this.#command(step.code), this.#work, this.#env))
        break
      case 'server':
        await this.#serve(step.code)
        break
      case 'output':
        await this.#compare(step)
    }
    this.#last = step.kind
  }

  /** Compares a shown output with what the commands before it printed, or with what a background block prints soon. */
  async #compare({ format, later, text }: Step & { kind: 'output' }): Promise<void> {
    const normal = (text: string): string => (format === 'json' ? compact(text) : text.replaceAll(/[ \t]+$/gm, ''))
    const shown = normal(this.#placed(text))
    if (this.#last === 'run' && !later) return this.#transcript.compare(shown, normal(this.#printed))
    const background = this.#backgrounds.at(-1)
    if (!background) throw new Error(`No block runs in the background that could print:\n${text}`)
    const matches = (): boolean => this.#transcript.matches(shown, normal(background.printed))
    await until(() => matches() || background.failure !== undefined, outputMs, 'it').catch(() => {})
    if (background.failure !== undefined && !matches()) throw new Error(background.failure)
    this.#transcript.compare(shown, normal(background.printed))
    background.forget()
  }

  /** Starts our server with the variables that the commands set, in place of one that runs. */
  async #serve(code: string): Promise<void> {
    const [command] = startCommand.exec(code) ?? []
    if (!command) throw new Error(`This does not start the server with npm start:\n${code}`)
    if (this.#server) expect(await this.#server.stop()).toBe(0)
    const script = this.#command(code).replace(startCommand, 'env -0')
    const { stdout } = await run('bash', ['-ec', script], { cwd: this.#work, env: this.#env })
    const variables = stdout.split('\0').flatMap(line => {
      const [, name = '', value = ''] = /^([A-Z_]+)=(.*)$/s.exec(line) ?? []
      return this.#env[name] === value || ['', 'PWD', 'OLDPWD', 'SHLVL', '_'].includes(name) ? [] : [[name, value]]
    })
    const env = { PORT: String(this.#ports.get('4000')), ...Object.fromEntries(variables) }
    const isInstalled = command.startsWith('npx')
    this.#server = new Instance(env, {
      cwd: isInstalled ? this.#work : join(this.#folder, 'clone'),
      ...(isInstalled && { program: [join(this.#work, 'node_modules/.bin/benefit-sessions')] }),
    })
    const url = await within(outputMs, 'a server that listens', this.#server.listening())
    await until(async () => (await fetch(`${url}/readyz`)).ok, outputMs, 'a server that is ready')
  }

  /** Failures that nothing on the page shows: of background blocks, and in the log of the server. */
  get failures(): unknown[] {
    const { lines = [], errors = '' } = this.#server ?? {}
    const logged = [...lines.filter(({ level }) => level === 'error'), ...(errors ? [errors] : [])]
    return [...this.#backgrounds.flatMap(({ failure }) => failure ?? []), ...logged]
  }

  async end(): Promise<void> {
    this.#shell?.stop()
    for (const background of this.#backgrounds) background.stop()
    await this.#server?.kill()
    await this.#database?.drop()
    rmSync(this.#folder, { recursive: true, maxRetries: 10 })
  }
}

/**
 * Runs a quickstart as its reader does, from an empty folder, and compares what it prints with what the page shows. `skipped`
 * is told about each block that the page says is not run.
 */
export async function runPage(page: string, skipped: (code: string, reason: string) => void): Promise<void> {
  const running = new Run(page, skipped)
  try {
    await running.prepare()
    for (const step of stepsOf(page)) await running.take(step)
    expect(running.failures).toEqual([])
  } finally {
    await running.end()
  }
}
