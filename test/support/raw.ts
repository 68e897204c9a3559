import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { until } from './until'

/** A client that sends bytes as they are, and reads what comes unless it is paused. */
export class RawClient {
  text = ''
  /** Everything that came, when the server has ended the connection; rejects where that was reset. */
  readonly whole: Promise<string>

  private constructor(readonly socket: Socket) {
    socket.on('data', data => {
      this.text += data
    })
    this.whole = once(socket, 'end').then(() => this.text)
    this.whole.catch(() => {})
  }

  static async connect(url: string, options = {}): Promise<RawClient> {
    const { hostname, port } = new URL(url)
    const socket = connect({ port: Number(port), host: hostname, ...options })
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  send(text: string): this {
    this.socket.write(text)
    return this
  }

  /** Waits until this has come so many times. */
  until(expected: string, count = 1): Promise<void> {
    const come = () => this.text.split(expected).length > count
    return until(come, 20_000, () => `${expected} (${count} times) in ${this.text.slice(0, 500)}`)
  }
}

/** The head of a request, with these fields. */
export const head = (request: string, ...fields: string[]): string =>
  [`${request} HTTP/1.1`, 'Host: h', ...fields]
    .map(line => `${line}\r\n`)
    .join('')
    .concat('\r\n')
