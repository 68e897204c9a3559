import { type AddressInfo, createServer, type Socket } from 'node:net'

/** What a hostile receiver sends once a request has begun to arrive. */
export interface HostileBytes {
  first?: string
  /** Sent after that, endlessly, as fast as the server reads. */
  repeats?: string
  /** Sent one byte at a time. */
  slowly?: string
  /** False if the receiver reads nothing. */
  reads?: boolean
}

const slowMs = 50

const repeatedBytes = 64 * 1024

/** A receiver below HTTP: it sends bytes that no honest receiver sends. */
export class HostileReceiver {
  /** Number of connections so far. */
  connections = 0
  readonly #sockets = new Set<Socket>()
  readonly #server

  private constructor({ first = '', repeats = '', slowly = '', reads = true }: HostileBytes) {
    const many = repeats.repeat(Math.ceil(repeatedBytes / Math.max(1, repeats.length)))
    this.#server = createServer(socket => {
      this.connections++
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
      if (!reads) return
      const send = (): void => {
        while (repeats !== '' && !socket.destroyed && socket.write(many));
      }
      socket.once('data', () => {
        socket.write(first)
        send()
        let n = 0
        const dripping = setInterval(() => socket.write(slowly[n++] ?? ''), slowMs)
        socket.once('close', () => clearInterval(dripping))
      })
      socket.on('drain', send).resume()
    })
  }

  static async start(bytes: HostileBytes): Promise<HostileReceiver> {
    const receiver = new HostileReceiver(bytes)
    await new Promise<void>(resolve => {
      receiver.#server.listen(0, '127.0.0.1', resolve)
    })
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
