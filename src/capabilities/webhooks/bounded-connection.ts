import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** Maximum bytes that a receiver sends in one attempt, with TLS records, headers, bodies and trailers. */
export const receivedBytes = 64 * 1024

/** Thrown if a receiver has sent more than `receivedBytes`. */
export class TooManyBytes extends Error {}

/**
 * TCP connection that fails once the receiver has sent more than `receivedBytes`. The TLS and HTTP parsers never see
 * bytes beyond this limit, so they need no limits of their own.
 */
export class BoundedConnection extends Duplex {
  #received = 0

  constructor(readonly socket: Socket) {
    super()
    socket.on('data', (data: Buffer) => {
      this.#received += data.length
      if (this.#received > receivedBytes) this.destroy(new TooManyBytes())
      else if (!this.push(data)) socket.pause()
    })
    socket.on('end', () => this.push(null))
    socket.on('error', error => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  override _read(): void {
    this.socket.resume()
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(data, done)
  }

  override _final(done: () => void): void {
    this.socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy()
    done(error)
  }
}
