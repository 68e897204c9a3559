import { setTimeout as wait } from 'node:timers/promises'
import type { Checker, Heard } from './checker'
import { type Connection, type Filter, type Message, type TransportName, transports } from './transports'

const retryMs = 30

export interface Travel {
  /** Returns the URL and the transport of the next connection. */
  next(): { url: string; transport: TransportName }
  /** Returns the number of messages after which the connection is cut. If absent, it is never cut. */
  cutAfter?(): number
  expects?: { gaps?: number }
  filter?: Filter
  /** Returns the Authorization header of the next connection. */
  authorization?(): string
}

/** A feed subscriber that reconnects after each disconnection, from the last cursor that it received. */
export class Subscriber {
  readonly heard: Heard
  cursor: string | undefined
  connections = 0
  /** Reasons, as far as known, why connections ended that were not cut. */
  readonly lost: unknown[] = []
  /** Number of connections that resumed between two transitions of one commit. */
  midCommit = 0
  #stopped = false
  #connection: Connection | undefined
  readonly #running: Promise<void>

  constructor(
    name: string,
    checker: Checker,
    readonly travel: Travel,
    after?: string,
  ) {
    this.heard = checker.subscriber(name, travel.expects)
    this.cursor = after
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#connect()
      if (!this.#stopped) await wait(retryMs)
    }
  }

  async #connect(): Promise<void> {
    const { url, transport } = this.travel.next()
    let left = this.travel.cutAfter?.() ?? Number.POSITIVE_INFINITY
    let leave: () => void = () => {}
    const cut = new Promise<void>(resolve => {
      leave = resolve
    })
    if (this.cursor && this.cursor.split('.')[2] !== '0') this.midCommit++
    this.heard.connected()
    let first = true
    const take = (message: Message): void => {
      // Messages after the cut do not count as received.
      if (left <= 0 || this.#stopped) return
      if (first) this.connections++
      first = false
      if (message.kind === 'transition') this.heard.transition(message)
      else this.heard[message.kind]()
      if (message.kind !== 'gap') this.cursor = message.cursor
      if (--left <= 0) leave()
    }
    const authorization = this.travel.authorization?.()
    const connection = transports[transport](url, this.cursor, take, this.travel.filter, authorization)
    this.#connection = { ended: cut, cut: leave }
    const ended = connection.ended.then(why => {
      if (left > 0 && !this.#stopped) this.lost.push(why)
    })
    await Promise.race([cut, ended])
    connection.cut()
  }

  /** Whether the subscriber has received its first `ready`. */
  get isReady(): boolean {
    return this.heard.from !== Number.POSITIVE_INFINITY
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#connection?.cut()
    await this.#running
  }
}
