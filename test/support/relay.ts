import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP proxy between a client and a server, with faults on demand. */
export class Relay {
  readonly #links = new Set<Socket>()
  #answersToLose = 0
  #bytesLeft = Number.POSITIVE_INFINITY
  #isSilent = false
  #isCut = false

  private constructor(
    readonly server: Server,
    readonly port: number,
  ) {
    server.on('connection', client => this.#join(client))
  }

  static async before(url: string): Promise<Relay> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Relay(server, Number(new URL(url).port))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  #join(client: Socket): void {
    if (this.#isCut) return void client.destroy()
    this.#links.add(client)
    client.on('error', () => {})
    client.on('close', () => this.#links.delete(client))
    if (this.#isSilent) return void client.resume()
    const upstream = connect({ port: this.port, host: '127.0.0.1' })
    upstream.on('error', () => client.destroy())
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    client.on('data', chunk => this.#isSilent || upstream.write(chunk))
    upstream.on('data', (chunk: Buffer) => {
      if (this.#isSilent) return
      this.#bytesLeft -= chunk.length
      if (this.#bytesLeft < 0) return void client.end(chunk.subarray(0, this.#bytesLeft))
      if (this.#answersToLose === 0) return void client.write(chunk)
      this.#answersToLose--
      client.destroy()
    })
  }

  /** Drops the next `count` responses with their connections, after the server has sent them. */
  loseAnswers(count: number): void {
    this.#answersToLose = count
  }

  /** Ends the connection after this many response bytes. */
  cutAfter(bytes: number): void {
    this.#bytesLeft = bytes
  }

  /** While silent, connections stay open and are accepted, but no data passes. */
  silence(isSilent: boolean): void {
    this.#isSilent = isSilent
  }

  /** Ends all connections, and refuses new ones until `mend`. */
  cut(): void {
    this.#isCut = true
    for (const link of this.#links) link.destroy()
  }

  mend(): void {
    this.#isCut = false
  }

  async stop(): Promise<void> {
    this.cut()
    this.server.close()
    await once(this.server, 'close')
  }
}
