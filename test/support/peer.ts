import { once } from 'node:events'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { within } from './until'

const limitMs = 10_000

export interface PeerMessage {
  id?: string
  type: string
  payload?: unknown
}

/** A WebSocket client that speaks the protocol without a library. */
export class Peer {
  readonly received: PeerMessage[] = []
  readonly closed: Promise<number>

  constructor(
    readonly socket: WebSocket,
    readonly opened = once(socket, 'open'),
  ) {
    socket.on('message', data => this.received.push(JSON.parse(String(data))))
    socket.on('error', () => {})
    this.closed = within(
      limitMs,
      'a close',
      once(socket, 'close').then(([code]) => code as number),
    )
    this.closed.catch(() => {})
  }

  static async connect(url: string, options = {}): Promise<Peer> {
    const peer = new Peer(new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', options))
    await peer.opened
    return peer
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  /** Sends all messages of `work` in one write. */
  atOnce(work: () => void): void {
    const { _socket: wire } = this.socket as unknown as { _socket: Socket }
    wire.cork()
    work()
    wire.uncork()
  }

  async next(type: string): Promise<PeerMessage> {
    for (;;) {
      const found = this.received.findIndex(told => told.type === type)
      if (found >= 0) return this.received.splice(found, 1)[0] as PeerMessage
      await within(limitMs, `${type}, after ${JSON.stringify(this.received)}`, once(this.socket, 'message'))
    }
  }

  async init(): Promise<this> {
    this.send({ type: 'connection_init' })
    await this.next('connection_ack')
    return this
  }

  subscribe(id: string, query = 'subscription { feed { __typename } }', variables: object = {}): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } })
  }
}
