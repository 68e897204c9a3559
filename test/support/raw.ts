import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { until } from './until'

/** A client that sends bytes unchanged. It reads the response unless it is paused. */
export class RawClient {
  text = ''
  /** Everything received once the server has ended the connection. Rejects if the connection was reset. */
  readonly whole: Promise<string>

  private constructor(readonly socket: Socket) {
    socket.on('error', () => {})
    socket.setEncoding('utf8').on('data', data => {
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

  send(text: string | Buffer): this {
    this.socket.write(text)
    return this
  }

  /** Waits until the response contains `expected` at least `count` times. */
  until(expected: string, count = 1): Promise<void> {
    const come = () => this.text.split(expected).length > count
    return until(come, 20_000, () => `${expected} (${count} times) in ${this.text.slice(0, 500)}`)
  }
}

/** Returns the head of a request with these header fields. */
export const head = (request: string, ...fields: string[]): string =>
  [`${request} HTTP/1.1`, 'Host: h', ...fields]
    .map(line => `${line}\r\n`)
    .join('')
    .concat('\r\n')

/** Sends bytes unchanged. Returns everything received until the server ends the connection. */
export const sendRaw = async (url: string, text: string | Buffer): Promise<string> =>
  (await RawClient.connect(url)).send(text).whole

export interface RawAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** Sends a request without normalising its path and headers. */
export function send(
  url: string,
  method: string,
  path: string,
  headers = {},
  body?: string | Buffer,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
