import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** Ways to lose a connection. */
export const cuts = ['destroyed', 'reset', 'half-closed', 'stalled'] as const
export type Cut = (typeof cuts)[number]

/** Maximum time that a cut waits for its bytes to pass, in ms. */
const armedMs = 1_000

/** Time after which a half-closed connection is destroyed, in ms. */
const halfClosedMs = 1_000

interface Link {
  client: Socket
  upstream: Socket
  /** Time at which data last passed. */
  passed: number
  armed: { from: Socket; bytes: number; act(): void } | undefined
}

/** A TCP proxy between servers and one mongod. It cuts connections between two messages or within one. */
export class Cutter {
  readonly links = new Set<Link>()

  private constructor(
    readonly server: Server,
    readonly before: string,
    readonly of: string,
  ) {
    server.on('connection', client => this.#join(client))
  }

  /**
   * Starts a proxy in front of the mongod at `before`, a host and port. The proxy cuts only connections whose first
   * bytes contain `of`.
   */
  static async start(before: string, of: string): Promise<Cutter> {
    const server = createServer({ allowHalfOpen: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Cutter(server, before, of)
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  #join(client: Socket): void {
    const [host, port] = this.before.split(':') as [string, string]
    const upstream = connect({ port: Number(port), host, allowHalfOpen: true })
    const link: Link = { client, upstream, passed: 0, armed: undefined }
    client.once('data', first => first.includes(this.of) && this.links.add(link))
    const ways = [
      [client, upstream],
      [upstream, client],
    ] as const
    for (const [from, to] of ways) {
      from.setNoDelay(true)
      from.on('data', (chunk: Buffer) => this.#pass(link, from, to, chunk))
      from.on('drain', () => to.resume())
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
      from.on('close', () => this.links.delete(link))
    }
  }

  #pass(link: Link, from: Socket, to: Socket, chunk: Buffer): void {
    const { armed } = link
    link.passed = performance.now()
    if (armed?.from === from && armed.bytes < chunk.length) {
      if (to.writable) to.write(chunk.subarray(0, armed.bytes))
      armed.act()
      // If the connection stalled, send the rest of the chunk after the stall.
      from.unshift(chunk.subarray(armed.bytes))
      return
    }
    if (armed?.from === from) armed.bytes -= chunk.length
    if (to.writable && !to.write(chunk)) from.pause()
  }

  /**
   * Cuts one connection, at once or after `bytes` more have passed in one direction. Resolves when the cut is over. A
   * stalled connection resumes after `stallMs`, or is closed then.
   */
  async cut(link: Link, how: Cut, towards: 'client' | 'mongod', bytes: number | 'now', stallMs: number): Promise<void> {
    const from = towards === 'client' ? link.upstream : link.client
    await new Promise<void>(resolve => {
      const act = (): void => {
        clearTimeout(late)
        link.armed = undefined
        for (const socket of [link.client, link.upstream]) socket.pause()
        if (how === 'destroyed') link.client.destroy()
        if (how === 'reset') link.client.resetAndDestroy()
        if (how === 'half-closed') link.client.end()
        if (how !== 'stalled') link.upstream.destroy()
        resolve()
      }
      const late = setTimeout(act, armedMs)
      if (bytes === 'now') act()
      else link.armed = { from, bytes, act }
    })
    if (how === 'destroyed' || how === 'reset') return
    await wait(how === 'stalled' ? stallMs : halfClosedMs)
    if (how === 'half-closed' || stallMs % 2 < 1) this.#end(link)
    else for (const socket of [link.client, link.upstream]) socket.resume()
  }

  #end({ client, upstream }: Link): void {
    client.destroy()
    upstream.destroy()
  }

  async stop(): Promise<void> {
    for (const link of this.links) this.#end(link)
    this.server.close()
  }
}
