import { Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { Wire } from './wire'

export interface NoisyTarget {
  url: string
  /** Cursor of the feed before some 20,000 commits. */
  cursor: string
  /** Headers that identify the attacker. */
  headers: Record<string, string>
  /** Headers of other principals of its organisation. They are empty if the server requires no tokens. */
  peers: Record<string, string>[]
  localAddress: string
  /** Sessions in the attacker's scope. */
  sessions: string[]
  /** Sessions that have left the attacker's scope, and that honest clients change. */
  movedAway: string[]
}

/** Number of requests and connections by what became of them: a status, an error code, or a word. */
export type Outcomes = Record<string, number>

/** Pause after a refused request or connection, so that the attackers' process does not spin. */
const refusedMs = 20

export interface Asked {
  /** POST with a body, GET without one, unless stated. */
  method?: 'POST' | 'PATCH'
  path: string
  headers?: Record<string, string>
  body?: object
}

/** The connections of one attacker. It counts what the server does with its requests. */
export class NoisyClient {
  readonly outcomes: Outcomes = {}
  readonly #agent: Agent
  #unique = 0

  constructor(readonly target: NoisyTarget) {
    this.#agent = new Agent({ keepAlive: true, localAddress: target.localAddress })
  }

  unique(): string {
    return `${process.pid}_${this.#unique++}`
  }

  count(outcome: string | number): void {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1
  }

  /** Resolves with the response, of which nothing is read yet. */
  ask({ method, path, headers, body }: Asked, agent: Agent | false = this.#agent): Promise<IncomingMessage> {
    const { url, headers: own, localAddress } = this.target
    const text = body && JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const asked = request(url + path, {
        method: method ?? (text === undefined ? 'GET' : 'POST'),
        agent,
        localAddress,
        headers: {
          ...own,
          ...headers,
          ...(text !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
        },
      })
      asked.once('error', reject).once('response', resolve)
      asked.end(text)
    })
  }

  /** Keeps this number of turns under way. A turn says whether it was served. */
  keep(number: number, turn: (n: number) => Promise<boolean>): void {
    let turns = 0
    const work = async (): Promise<never> => {
      for (;;) {
        let served = false
        try {
          served = await turn(turns++)
        } catch (error) {
          this.count((error as NodeJS.ErrnoException).code ?? (error as Error).message)
        }
        if (!served) await wait(refusedMs)
      }
    }
    for (let i = 0; i < number; i++) void work()
  }

  /** Keeps this number of requests under way, and reads their responses. */
  keepAsking(number: number, next: (n: number) => Asked): void {
    this.keep(number, async n => {
      const response = await this.ask(next(n))
      let beginning = ''
      for await (const chunk of response) beginning ||= String(chunk)
      const code = /^{"errors":.*?"code":"(\w+)"/.exec(beginning)?.[1]
      this.count(code ?? response.statusCode ?? 0)
      return code === undefined && response.statusCode === 200
    })
  }

  async open(...all: (string | Buffer)[]): Promise<Wire> {
    const wire = await Wire.open(this.target.url, this.target.localAddress)
    for (const bytes of all) wire.send(bytes)
    return wire
  }
}
