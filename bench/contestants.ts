import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Answer, type Asked, load } from './load'
import { type Action, type Door, holds, sessionCount } from './paths'
import { type Place, requireWritten, type Written } from './places'
import { Server } from './server'

export interface Figure {
  perSecond: number
  cpuMicros: number
}

/** A server or a bare database. All contestants do the same work in turn. */
export interface Contestant {
  name: string
  /** Response to the path's request, without the parts that differ between runs. */
  answer?: string
  round(seconds: number): Promise<Figure>
  /** Ends it. Throws unless its store holds exactly the acknowledged writes. */
  end(): Promise<void>
}

/** Time before each measurement in which a thawed server restores its connections and fills its pools, in seconds. */
const settlingSeconds = 1

/** Number of calculations with different inputs. */
const inputsLimit = 900_000

/** Number of requests, or seconds for as many requests as possible. */
interface Amount {
  count?: number
  seconds?: number
}

/** A server that is measured over HTTP. It is frozen while others are measured. */
export class Served implements Contestant {
  answer = ''
  readonly #written: Written = { start: 0, dispatch: 0 }
  #ids: string[] = []
  #asked = 0

  private constructor(
    readonly name: string,
    readonly server: Server,
    readonly door: Door,
    readonly action: Action,
    readonly place: Place,
  ) {}

  /** Starts a server, creates sessions, and checks that it refuses invalid requests. */
  static async start(name: string, file: string, door: Door, action: Action, place: Place): Promise<Served> {
    const served = new Served(name, await Server.start(file, place.env), door, action, place)
    await served.#prepare()
    await served.#ask(action, { count: 1 }, ({ body }) => {
      served.answer = body.trim().replace(/(session|calc)_\w{8}|\d{4}-\d\d-\d\dT[\d:]+Z/g, '…')
    })
    await served.#requireRefusal()
    served.server.freeze()
    return served
  }

  /** Starts new sessions with one result each, so that sessions do not grow from round to round. */
  async #prepare(): Promise<void> {
    const ids: string[] = []
    await this.#ask('start', { count: sessionCount }, ({ body }) => ids.push(body.match(/session_\w{8}/)?.[0] ?? ''))
    this.#ids = ids
    await this.#ask('dispatch', { count: sessionCount })
  }

  async #requireRefusal(): Promise<void> {
    const wrong = this.door.askWrongly[this.action]?.(this.#ids[0] as string)
    if (!wrong) return
    await load(this.server.port, [wrong].values(), (answer, asked) => {
      if (!this.door.refuses(answer)) throw this.#wrong(answer, asked)
    })
  }

  /** Sends the requests. Resolves with the number of responses when all have arrived. */
  async #ask(action: Action, amount: Amount, heard?: (answer: Answer) => void): Promise<number> {
    let count = 0
    await load(this.server.port, this.#requests(action, amount), (answer, asked) => {
      if (answer.status > 201 || !holds[action].test(answer.body)) throw this.#wrong(answer, asked)
      count++
      heard?.(answer)
    })
    if (action === 'start' || action === 'dispatch') this.#written[action] += count
    return count
  }

  *#requests(action: Action, { count = Infinity, seconds = Infinity }: Amount): Generator<Asked> {
    const until = performance.now() + seconds * 1_000
    for (; count > 0 && performance.now() < until; count--) {
      const n = this.#asked++
      yield this.door.ask[action](this.#ids[n % sessionCount] ?? '', n % inputsLimit)
    }
  }

  #wrong({ status, body }: Answer, asked: Asked): Error {
    return new Error(`${this.name} answered ${status} ${body} to ${JSON.stringify(asked)}`)
  }

  async round(seconds: number): Promise<Figure> {
    this.server.thaw()
    if (this.action === 'dispatch') await this.#prepare()
    await this.#ask(this.action, { seconds: settlingSeconds })
    const [cpu, began] = [this.server.cpuMicros, performance.now()]
    const count = await this.#ask(this.action, { seconds })
    const took = performance.now() - began
    const cpuMicros = (this.server.cpuMicros - cpu) / count
    this.server.freeze()
    return { perSecond: (count * 1_000) / took, cpuMicros }
  }

  async end(): Promise<void> {
    const lines = await this.server.stop()
    if (this.name === 'ours' && lines < this.#asked) {
      throw new Error(`${this.#asked} requests were made, and ${lines} lines logged`)
    }
    await requireWritten(this.name, this.#written, this.place)
  }
}

/** The same writes to the same tables with better-sqlite3 only, without a server. */
export class Bare implements Contestant {
  readonly #written: Written = { start: 0, dispatch: 0 }

  constructor(
    readonly writesATransaction: number,
    readonly action: 'start' | 'dispatch',
    readonly place: Place,
  ) {}

  get name(): string {
    return `better-sqlite3, ${this.writesATransaction} a transaction`
  }

  async round(seconds: number): Promise<Figure> {
    const args = ['bench/peers/sqlite.mjs', this.action, this.writesATransaction, seconds].map(String)
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
