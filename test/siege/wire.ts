import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Addresses of the attackers. Honest clients use 127.0.0.1, so that the limits per address separate them. */
export const attackersAddresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4']

const connectMs = 2_000
/** Maximum size of the response text that is kept. */
const keptBytes = 64 * 1024

/** A connection with full control over each byte and over its end. */
export class Wire {
  received = 0
  /** The beginning of the response. */
  text = ''
  #look: () => void = () => {}

  private constructor(readonly socket: Socket) {
    socket.on('error', () => {})
    socket.on('close', () => this.#look())
    socket.on('data', chunk => {
      this.received += chunk.length
      if (this.text.length < keptBytes) this.text += chunk.toString('latin1')
      this.#look()
    })
  }

  /** Opens a connection that stays half-open when the other side ends it. If it fails, its socket is destroyed. */
  static open(url: string, localAddress: string): Promise<Wire> {
    const { hostname, port } = new URL(url)
    return new Promise(resolve => {
      const socket = connect({ host: hostname, port: Number(port), localAddress, allowHalfOpen: true })
      const wire = new Wire(socket)
      const done = (): void => {
        socket.setTimeout(0)
        resolve(wire)
      }
      socket.setTimeout(connectMs, () => socket.destroy())
      socket.once('connect', done).once('close', done)
    })
  }

  get isGone(): boolean {
    return this.socket.destroyed
  }

  send(bytes: string | Buffer): void {
    if (!this.socket.destroyed && !this.socket.writableEnded) this.socket.write(bytes)
  }

  /** Sends these bytes up to `times` times, and stops when the other side no longer reads. */
  async pour(bytes: Buffer, times: number): Promise<void> {
    for (let i = 0; i < times && !this.isGone; i++) {
      this.send(bytes)
      if (!this.socket.writableNeedDrain) continue
      const taken = new AbortController()
      setTimeout(() => taken.abort(), connectMs).unref()
      await once(this.socket, 'drain', { signal: taken.signal }).catch(() => {})
      if (this.socket.writableNeedDrain) return
    }
  }

  /** Resolves when `holds` is true of the response, when the connection is gone, or after `ms`. */
  heard(holds: (text: string, received: number) => boolean, ms = 1_000): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        this.#look = () => {}
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#look = () => {
        if (this.isGone || holds(this.text, this.received)) done()
      }
      this.#look()
    })
  }

  answered(ms?: number): Promise<void> {
    return this.heard(text => /^HTTP.*?\r\n\r\n/s.test(text), ms)
  }

  pause(): void {
    this.socket.pause()
  }

  finish(): void {
    if (!this.socket.destroyed) this.socket.end()
  }

  reset(): void {
    if (!this.socket.destroyed) this.socket.resetAndDestroy()
  }
}

export const requestText = (
  method: string,
  target: string,
  headers: Record<string, string | number> = {},
  body?: string | Buffer,
): Buffer => {
  const stated = {
    Host: '127.0.0.1',
    ...(body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
    ...headers,
  }
  const fields = Object.entries(stated).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${fields.join('')}\r\n`), Buffer.from(body ?? '')])
}

export const upgradeText = (target = '/graphql', headers: Record<string, string> = {}): Buffer =>
  requestText('GET', target, {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Protocol': 'graphql-transport-ws',
    ...headers,
  })

export interface Bits {
  opcode?: number
  fin?: boolean
  rsv?: number
  masked?: boolean
  /** Length stated in the frame's head, even if the payload has another. */
  length?: number
}

/** A frame of the WebSocket protocol (RFC 6455 §5.2). */
export function frame(content: string | Buffer, bits: Bits = {}): Buffer {
  const payload = Buffer.from(content)
  const { opcode = 1, fin = true, rsv = 0, masked = true, length = payload.length } = bits
  const head = Buffer.alloc(14)
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const mask = masked ? 0x80 : 0
  let size = 2
  if (length < 126) head[1] = mask | length
  else if (length < 65_536) {
    head[1] = mask | 126
    head.writeUInt16BE(length, 2)
    size = 4
  } else {
    head[1] = mask | 127
    head.writeBigUInt64BE(BigInt(length), 2)
    size = 10
  }
  // A mask of zeros is valid, and leaves the payload unchanged.
  return Buffer.concat([head.subarray(0, size), Buffer.alloc(masked ? 4 : 0), payload])
}

export const message = (content: object): Buffer => frame(JSON.stringify(content))

export const subscribe = (id: string, query: string, variables?: object): Buffer =>
  message({ id, type: 'subscribe', payload: { query, variables } })
