import { attackersAddresses, message, upgradeText, Wire } from './wire'

/** What the attackers know of the server. */
export interface Target {
  url: string
  pid: number
  /** Where the feed began, before the history that stands in it. */
  cursor: string
  /** Sessions of the attackers' own with as many results as a session can have. */
  full: string[]
}

const mostLeftOpen = 150

/** The connections that attackers leave open, as they are, for a while; the oldest go when there are too many. */
export class LeftOpen {
  readonly #wires = new Map<Wire, NodeJS.Timeout>()

  keep(wire: Wire, ms: number): void {
    this.#wires.set(
      wire,
      setTimeout(() => this.#reset(wire), ms),
    )
    wire.socket.once('close', () => this.#forget(wire))
    if (this.#wires.size > mostLeftOpen) this.#reset(this.#wires.keys().next().value as Wire)
  }

  #reset(wire: Wire): void {
    this.#forget(wire)
    wire.reset()
  }

  #forget(wire: Wire): void {
    clearTimeout(this.#wires.get(wire))
    this.#wires.delete(wire)
  }
}

/** One attempt of an attacker, with its chances from a seed and the connections that it opened. */
export class Attempt {
  readonly #opened: Wire[] = []

  constructor(
    readonly target: Target,
    readonly random: () => number,
    readonly leftOpen: LeftOpen,
  ) {}

  below(count: number): number {
    return Math.floor(this.random() * count)
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  chance(of: number): boolean {
    return this.random() < of
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)))
  }

  word(length = 8): string {
    return Array.from({ length }, () => 'abcdefghijklmnopqrstuvwxyz'[this.below(26)]).join('')
  }

  get full(): string {
    return this.pick(this.target.full)
  }

  async open(): Promise<Wire> {
    const wire = await Wire.open(this.target.url, this.pick(attackersAddresses))
    this.#opened.push(wire)
    return wire
  }

  /** A connection that has sent this; what comes back is read. */
  async sending(...all: (string | Buffer)[]): Promise<Wire> {
    const wire = await this.open()
    for (const bytes of all) wire.send(bytes)
    return wire
  }

  /** A WebSocket that is acknowledged. */
  async webSocket(headers: Record<string, string> = {}): Promise<Wire> {
    const wire = await this.sending(upgradeText('/graphql', headers))
    await wire.answered()
    wire.send(message({ type: 'connection_init' }))
    await wire.heard(text => text.includes('connection_ack'))
    return wire
  }

  /** Leaves it open after the attempt: mostly not long, at times past every timer of the server. */
  hold(wire: Wire, leastMs = 0): void {
    const chance = this.random()
    const most = chance < 0.6 ? 1_000 : chance < 0.85 ? 5_000 : 25_000
    this.#opened.splice(this.#opened.indexOf(wire), 1)
    this.leftOpen.keep(wire, leastMs + most * this.random())
  }

  /** Ends what is not held. */
  end(): void {
    for (const wire of this.#opened) {
      if (this.chance(0.5)) wire.reset()
      else wire.socket.destroy()
    }
  }
}
