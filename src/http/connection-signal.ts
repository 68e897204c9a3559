import type { Socket } from 'node:net'
import type { Signal } from '../concurrency/deadline'

/** Signal that is aborted once the client has closed the connection. */
export class ConnectionSignal implements Signal {
  constructor(readonly socket: Socket) {}

  get aborted(): boolean {
    return this.socket.destroyed
  }
}
