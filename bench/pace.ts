import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { MongoClient } from 'mongodb'
import { ReplicaSet } from '../test/support/mongod'
import { type Answer, type Asked, load } from './load'
import { type Action, type Api, apis, calculation } from './paths'
import { mongoDatabase, requireHeld } from './places'
import { machine, median, ourProgram, say } from './report'
import { Server } from './server'

// Compares the CPU time per request of this build and of a fixed earlier commit. Both run on MongoDB with many sessions, and
// each session has a result and a share link. For each path and round, both builds start in a new process and serve the
// same number of requests, one build after the other. A process that serves several paths charges the later ones for
// garbage of the earlier ones, and two processes of one build can differ more than two builds. The run is valid only if
// every response is correct, both builds respond alike, and the stores contain exactly the acknowledged writes.

const { values: stated } = parseArgs({
  options: {
    base: { type: 'string', default: readFileSync('bench/last-release', 'utf8').trim() },
    rounds: { type: 'string', default: '5' },
    sessions: { type: 'string', default: '20000' },
    requests: { type: 'string', default: '12000' },
    connections: { type: 'string', default: '64' },
  },
})
const [rounds, sessions, requests] = [stated.rounds, stated.sessions, stated.requests].map(Number) as [
  number,
  number,
  number,
]
const connections = Number(stated.connections)

/** Starts come last, because they make the lists longer. */
const actions = ['read', 'list', 'dispatch', 'start'] as const satisfies Action[]
const paths = actions.flatMap(action => apis.map(api => ({ api, action, name: `${api.name} ${action}` })))
type Path = (typeof paths)[number]
/** Versions that a request adds to the stored sessions. */
const versionsOf: Record<Action, number> = { read: 0, list: 0, dispatch: 2, start: 1 }
const idleMs = 200
/** Part of the requests of a path that warm up the process, and are not measured. */
const warmUp = 0.25

const [rest] = apis as [Api, Api]
const put = (id: string, body: object): Asked => ({ method: 'PUT', path: rest.ask.read(id, 0).path, body })

/** Returns the main program of another commit. Builds the commit in .cache/pace, unless it has been built before. */
function buildOf(commit: string): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
  const hash = git('rev-parse', '--verify', `${commit}^{commit}`)
  const folder = join('.cache', 'pace', hash)
  const program = join(folder, ourProgram)
  if (existsSync(program)) return program
  if (!existsSync(folder)) git('worktree', 'add', '--detach', folder, hash)
  execFileSync(process.execPath, ['scripts/ready.mjs'], { cwd: folder, stdio: ['ignore', 2, 2] })
  return program
}

/** Waits until a server uses less than a tenth of a processor, because a new process reads all sessions at its start. */
async function idle(server: Server): Promise<void> {
  for (let micros = Number.NEGATIVE_INFINITY; server.cpuMicros - micros > idleMs * 100; ) {
    micros = server.cpuMicros
    await wait(idleMs)
  }
}

function* requestsOf(count: number, ask: (n: number) => Asked): Generator<Asked> {
  for (let n = 0; n < count; n++) yield ask(n)
}

/** A build with its own database. */
class Build {
  readonly micros = new Map<string, number[]>()
  readonly #ids: string[] = []
  #versions = 0
  #stored = 0
  #asked = 0

  constructor(
    readonly name: string,
    readonly program: string,
    readonly place: ReturnType<typeof mongoDatabase>,
  ) {}

  async fill(): Promise<void> {
    const server = await Server.start(this.program, this.place.env)
    await this.#load(
      server,
      sessions,
      () => rest.ask.start('', 0),
      ({ body }) => {
        this.#ids.push(/session_\w{8,}/.exec(body)?.[0] ?? '')
      },
    )
    await this.#load(server, sessions, n => put(this.#id(n), calculation(1 + n)))
    await this.#load(server, sessions, n => put(this.#id(n), { event: 'ShareRequested' }))
    await server.stop()
    this.#stored = sessions
    this.#versions = 4 * sessions
  }

  #id(n: number): string {
    return this.#ids[n % this.#ids.length] as string
  }

  /** Sends requests, and checks each response. Resolves with the last response, without ids, times and figures. */
  async #load(
    server: Server,
    count: number,
    ask: (n: number) => Asked,
    heard = (_: Answer): void => {},
  ): Promise<string> {
    let last = ''
    const check = (answer: Answer, request: Asked): void => {
      if (answer.status > 201 || answer.body.includes('"errors"'))
        throw new Error(`${this.name} answered ${answer.status} ${answer.body} to ${JSON.stringify(request)}`)
      heard(answer)
      last = answer.body
    }
    await load(server.port, requestsOf(count, ask), check, connections)
    return last.replace(/(session|calc)_\w{8,}|\d{4}-\d\d-\d\dT[\d:]+Z|"(version|net\w+|benefit\w+)":[-\d.]+/gi, '…')
  }

  /** Serves a path with a new process. Returns a response. */
  async serve({ api, action, name }: Path): Promise<string> {
    const server = await Server.start(this.program, this.place.env)
    const ask = (): Asked => api.ask[action](this.#id(this.#asked), 1_000 + this.#asked++)
    const response = await this.#load(server, 1, ask)
    await this.#load(server, requests * warmUp, ask)
    await idle(server)
    const began = server.cpuMicros
    await this.#load(server, requests, ask)
    const micros = (server.cpuMicros - began) / requests
    this.micros.set(name, [...(this.micros.get(name) ?? []), micros])
    await server.stop()
    const made = 1 + requests * (1 + warmUp)
    if (action === 'start') this.#stored += made
    this.#versions += made * versionsOf[action]
    return response
  }

  end(): Promise<void> {
    return requireHeld(
      this.name,
      { sessions: this.#stored, versions: this.#versions, transitions: this.#versions },
      this.place,
    )
  }
}

async function main(): Promise<void> {
  const base = buildOf(stated.base)
  const set = await ReplicaSet.start(1)
  const client = new MongoClient(set.uri)
  try {
    const ours = new Build('this build', ourProgram, mongoDatabase(set.uri, client))
    const earlier = new Build(stated.base.slice(0, 8), base, mongoDatabase(set.uri, client))
    for (const build of [ours, earlier]) await build.fill()
    for (const path of paths) {
      for (let round = 0; round < rounds; round++) {
        const [first, second] = round % 2 === 0 ? [ours, earlier] : [earlier, ours]
        const responses = [await first.serve(path), await second.serve(path)]
        if (responses[0] !== responses[1]) throw new Error(`the builds answer ${path.name} differently`)
      }
    }
    say(`${sessions} sessions, ${connections} connections, ${rounds} processes of each build per path; ${machine()}\n`)
    say(`| path | ${earlier.name}, CPU µs/request | this build | ratio |\n| --- | ---: | ---: | ---: |`)
    for (const { name } of paths) {
      const [mine, theirs] = [ours, earlier].map(({ micros }) => micros.get(name) as number[]) as [number[], number[]]
      const ratios = mine.map((micros, i) => micros / (theirs[i] as number))
      const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map(ratio => ratio.toFixed(2))
      const ratio = (median(mine) / median(theirs)).toFixed(2)
      say(`| ${name} | ${median(theirs).toFixed(0)} | ${median(mine).toFixed(0)} | ${ratio} [${least}–${most}] |`)
    }
    for (const build of [ours, earlier]) await build.end()
  } finally {
    await client.close()
    await set.stop()
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
