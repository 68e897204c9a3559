import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { until } from '../../support/until'

const certificates = join(__dirname, '../../../../test/capabilities/webhooks/certificates')
/** The file of the certificate authority that issued the receivers' certificate. */
export const authorityFile = join(certificates, 'ca.pem')
export const authority = readFileSync(authorityFile, 'utf8')
const [key, cert] = ['receiver.key', 'receiver.pem'].map(name => readFileSync(join(certificates, name)))

/** A request that a receiver got. */
export interface Received {
  method: string
  path: string
  headers: Record<string, string>
  text: string
  type: string
  /** When it arrived, in ms of performance.now(). */
  at: number
  // biome-ignore lint/suspicious/noExplicitAny: the tests state what it is
  data: any
}

export const sessionOf = ({ data }: Received): string => data.session_id

type Answer = (message: Received, request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Responds with a status and headers. */
export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_message, _request, response) =>
    void response.writeHead(code, headers).end()

/** Never responds. */
export const silent: Answer = () => {}

/** A real receiver of webhooks over TLS, with a certificate of an authority of the tests. */
export class Receiver {
  readonly received: Received[] = []
  /** Chooses the response to a message. */
  answer: Answer = status(204)
  /** Largest number of requests that it served at once. */
  mostAtOnce = 0
  #atOnce = 0
  /** The TCP sockets below those of TLS, by the client's port. */
  readonly #sockets = new Map<number | undefined, Socket>()
  readonly #server = createServer({ key, cert }, (request, response) => this.#take(request, response))

  static async start(): Promise<Receiver> {
    const receiver = new Receiver()
    receiver.#server.on('connection', (socket: Socket) => receiver.#sockets.set(socket.remotePort, socket))
    await new Promise<void>(resolve => {
      receiver.#server.listen(0, '127.0.0.1', resolve)
    })
    return receiver
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  urlAt(host = '127.0.0.1', path = '/hook'): string {
    return `https://${host}:${this.port}${path}`
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#atOnce++
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce)
    response.on('close', () => {
      this.#atOnce--
    })
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    const { method = '', url: path = '' } = request
    const headers = request.headers as Record<string, string>
    const message: Received = { method, path, headers, text, at: performance.now(), ...JSON.parse(text) }
    this.received.push(message)
    await this.answer(message, request, response)
  }

  /** Resets the connection. */
  readonly reset: Answer = (_message, { socket }) => {
    this.#sockets.get(socket.remotePort)?.resetAndDestroy()
  }

  /** Waits for `count` messages, and returns them. */
  async got(count: number, ms = 20_000): Promise<Received[]> {
    const what = () => `${count} messages, got ${JSON.stringify(this.received.map(({ text }) => text))}`
    await until(() => this.received.length >= count, ms, what)
    return this.received
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

/** Verifies the signature of a message with one secret, and returns its body. Throws if it does not match. */
export const verified = (secret: string, { text, headers }: Received): unknown =>
  new Webhook(secret).verify(text, headers)
