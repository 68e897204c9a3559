import { attackersAddresses, message, upgradeText, Wire } from './wire'

/** The attackers' knowledge of the server. */
export interface Target {
  url: string
  pid: number
  /** Cursor of the feed before the stored history. */
  cursor: string
  /** Sessions of the attackers with nearly as many results as a session can hold. */
  full: string[]
}

const mostLeftOpen = 150

/** Connections that attackers leave open for a while. If there are too many, the oldest are reset. */
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

/** One attempt of an attacker, with seeded random choices and the connections that it opened. */
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

  /** Opens a connection, sends these bytes, and reads the response. */
  async sending(...all: (string | Buffer)[]): Promise<Wire> {
    const wire = await this.open()
    for (const bytes of all) wire.send(bytes)
    return wire
  }

  /** Opens a WebSocket, and waits for its acknowledgement. */
  async webSocket(headers: Record<string, string> = {}): Promise<Wire> {
    const wire = await this.sending(upgradeText('/graphql', headers))
    await wire.answered()
    wire.send(message({ type: 'connection_init' }))
    await wire.heard(text => text.includes('connection_ack'))
    return wire
  }

  /**
   * Leaves the connection open after the attempt: usually for a short time, sometimes longer than every timer of the
   * server.
   */
  hold(wire: Wire, leastMs = 0): void {
    const chance = this.random()
    const most = chance < 0.6 ? 1_000 : chance < 0.85 ? 5_000 : 25_000
    this.#opened.splice(this.#opened.indexOf(wire), 1)
    this.leftOpen.keep(wire, leastMs + most * this.random())
  }

  /** Ends the connections that are not held. */
  end(): void {
    for (const wire of this.#opened) {
      if (this.chance(0.5)) wire.reset()
      else wire.socket.destroy()
    }
  }
}
