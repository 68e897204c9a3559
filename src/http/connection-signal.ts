import type { Socket } from 'node:net'
import type { Signal } from '../concurrency/deadline'

export class ConnectionSignal implements Signal {
  constructor(readonly socket: Socket) {}

  get aborted(): boolean {
    return this.socket.destroyed
  }
}
