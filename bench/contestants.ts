import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Answer, type Asked, load } from './load'
import { type Action, type Api, holds } from './paths'
import { type Place, requireWritten, type Written } from './places'

/** The work of one path. All contestants do the same work. */
export interface Workload {
  api: Api
  action: Action
  /** Number of sessions that are created first. Dispatches go to them in turn. */
  sessions: number
  /** Lowest version of these sessions before the first round. */
  version: number
  /** Time limit in seconds for the dispatches that bring the sessions to this version. */
  warmUpSeconds: number
  /** Number of connections, each with one request at a time. */
  connections: number
}

export interface Figure {
  perSecond: number
  /** CPU time per request of the server, and of MongoDB. */
  cpuMicros: number
  databaseMicros?: number
  /** Lowest and highest version of the sessions in the responses to dispatches. */
  versions?: [number, number]
}

/** A server or a bare database. All contestants do the same work in turn. */
export interface Contestant {
  name: string
  /** Version of the contestant's Node.js. */
  node: string
  /** Response to the path's request, without the parts that differ between runs. */
  answer?: string
  round(seconds: number): Promise<Figure>
  /** Ends the contestant. Throws unless its store contains exactly the acknowledged writes. */
  end(): Promise<void>
}

/**
 * Maximum time in seconds before a measurement in which a thawed server restores its connections and fills its pools.
 */
const settlingSeconds = 1

/** Number of calculations with different inputs. */
const inputsLimit = 900_000

/** A calculation makes two transitions. */
const versionsPerDispatch = 2

/** What a contestant needs from one server, or from several behind a proxy. */
export interface Running {
  readonly port: number
  /** Version of the server's Node.js. */
  readonly node: string
  readonly cpuMicros: number
  freeze(): void
  thaw(): void
  /** Stops the server. Resolves with the number of lines in its log. */
  stop(): Promise<number>
}

export interface Program {
  name: string
  /** Whether the server logs each request. */
  isOurs: boolean
  start(env: Record<string, string>): Promise<Running>
}

/** Number of requests, or seconds for as many requests as possible, or whichever is reached first. */
interface Amount {
  count?: number
  seconds?: number
}

/** A server that is measured over HTTP. It is frozen while others are measured. */
export class Served implements Contestant {
  answer = ''
  readonly #written: Written = { start: 0, dispatch: 0 }
  #sessions: { id: string; version: number }[] = []
  /** Number of dispatches to these sessions so far. */
  #dispatches = 0
  /** Sessions and versions of the dispatches that have no response yet. */
  readonly #expected = new Set<string>()
  #versions: [number, number] = [Infinity, 0]
  #asked = 0

  readonly node: string

  private constructor(
    readonly name: string,
    readonly isOurs: boolean,
    readonly server: Running,
    readonly workload: Workload,
    readonly place: Place,
  ) {
    this.node = server.node
  }

  /** Starts a server, creates sessions, and checks that the server refuses invalid requests. */
  static async start({ name, isOurs, start }: Program, workload: Workload, place: Place): Promise<Served> {
    const served = new Served(name, isOurs, await start(place.env), workload, place)
    await served.#startSessions()
    // After a warm-up that was too short, the contestants' versions differ, and so do their responses to a dispatch.
    if (workload.action === 'dispatch') await served.#hearAnswer()
    await served.#warmUp()
    if (workload.action !== 'dispatch') await served.#hearAnswer()
    await served.#requireRefusal()
    served.server.freeze()
    return served
  }

  /** Sends one request, and records the response without ids and times. */
  async #hearAnswer(): Promise<void> {
    await this.#ask(this.workload.action, { count: 1 }, ({ body }) => {
      this.answer = body.trim().replace(/(session|calc)_\w{8,}|\d{4}-\d\d-\d\dT[\d:]+Z/g, '…')
    })
  }

  get #dispatchesToWarmUp(): number {
    const { sessions, version } = this.workload
    return sessions * Math.ceil((version - 1) / versionsPerDispatch)
  }

  async #startSessions(): Promise<void> {
    const ids: string[] = []
    await this.#ask('start', { count: this.workload.sessions }, ({ body }) => ids.push(sessionIn(body)))
    this.#sessions = ids.map(id => ({ id, version: 1 }))
  }

  /** Dispatches to each new session until it has the version of the workload, or the time limit is reached. */
  async #warmUp(): Promise<void> {
    await this.#ask('dispatch', { count: this.#dispatchesToWarmUp, seconds: this.workload.warmUpSeconds })
    this.#dispatches = 0
  }

  async #requireRefusal(): Promise<void> {
    const { api, action } = this.workload
    const wrong = api.askWrongly[action]?.(this.#sessions[0]?.id as string)
    if (!wrong) return
    await load(this.server.port, [wrong].values(), (answer, asked) => {
      if (!api.refuses(answer)) throw this.#wrong(answer, asked)
    })
  }

  /** Sends the requests. Resolves with the number of responses when all have arrived. */
  async #ask(action: Action, amount: Amount, heard?: (answer: Answer) => void): Promise<number> {
    let count = 0
    const check = (answer: Answer, asked: Asked): void => {
      const isRight = answer.status <= 201 && holds[action].test(answer.body)
      if (!isRight || (action === 'dispatch' && !this.#isExpected(answer))) throw this.#wrong(answer, asked)
      count++
      heard?.(answer)
    }
    await load(this.server.port, this.#requests(action, amount), check, this.workload.connections)
    if (action === 'start' || action === 'dispatch') this.#written[action] += count
    if (action === 'dispatch') this.#dispatches += count
    return count
  }

  *#requests(action: Action, { count = Infinity, seconds = Infinity }: Amount): Generator<Asked> {
    const { api } = this.workload
    const until = performance.now() + seconds * 1_000
    for (; count > 0 && performance.now() < until; count--) {
      const n = this.#asked++
      const session = this.#sessions[n % this.#sessions.length]
      if (session && action === 'dispatch') {
        session.version += versionsPerDispatch
        this.#expected.add(`${session.id} ${session.version}`)
      }
      yield api.ask[action](session?.id ?? '', n % inputsLimit)
    }
  }

  /** Whether this is the first response with this version of this session, and a dispatch leads to that version. */
  #isExpected(answer: Answer): boolean {
    const version = this.workload.api.version(answer)
    const [lowest, highest] = this.#versions
    this.#versions = [Math.min(lowest, version), Math.max(highest, version)]
    return this.#expected.delete(`${sessionIn(answer.body)} ${version}`)
  }

  #wrong({ status, head, body }: Answer, asked: Asked): Error {
    return new Error(`${this.name} answered ${status} ${body} to ${JSON.stringify(asked)}, with ${head}`)
  }

  async round(seconds: number): Promise<Figure> {
    const { server, place } = this
    const { action } = this.workload
    server.thaw()
    // Replace grown sessions by new ones, so that a round does not depend on earlier rounds.
    if (action === 'dispatch' && this.#dispatches > this.#dispatchesToWarmUp) {
      await this.#startSessions()
      await this.#warmUp()
    }
    await this.#ask(action, { seconds: Math.min(settlingSeconds, seconds) })
    this.#versions = [Infinity, 0]
    const [cpu, database, began] = [server.cpuMicros, place.cpuMicros?.(), performance.now()]
    const count = await this.#ask(action, { seconds })
    const took = performance.now() - began
    const cpuMicros = (server.cpuMicros - cpu) / count
    server.freeze()
    return {
      perSecond: (count * 1_000) / took,
      cpuMicros,
      ...(database !== undefined && { databaseMicros: ((place.cpuMicros?.() ?? 0) - database) / count }),
      ...(action === 'dispatch' && { versions: this.#versions }),
    }
  }

  async end(): Promise<void> {
    const lines = await this.server.stop()
    if (this.isOurs && lines < this.#asked) {
      throw new Error(`${this.name}: ${this.#asked} requests were made, and ${lines} lines logged`)
    }
    await requireWritten(this.name, this.#written, this.place)
  }
}

const sessionIn = (body: string): string => /session_\w{8,}/.exec(body)?.[0] ?? ''

/** Makes the same writes to the same tables with better-sqlite3 only, without a server and without reads. */
export class Bare implements Contestant {
  readonly #written: Written = { start: 0, dispatch: 0 }
  /** Each round is a process of this Node.js. */
  readonly node = process.versions.node

  constructor(
    readonly writesATransaction: number,
    readonly workload: Workload,
    readonly place: Place,
  ) {}

  get name(): string {
    return `better-sqlite3, ${this.writesATransaction} a transaction`
  }

  async round(seconds: number): Promise<Figure> {
    const { action, sessions } = this.workload
    const args = ['bench/peers/sqlite.mjs', action, this.writesATransaction, seconds, sessions].map(String)
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: this.place.env })
    const { written, figure } = JSON.parse(stdout) as { written: Written; figure: Figure }
    this.#written.start += written.start
    this.#written.dispatch += written.dispatch
    return figure
  }

  end(): Promise<void> {
    return requireWritten(this.name, this.#written, this.place)
  }
}
