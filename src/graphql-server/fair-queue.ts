import { runLater } from '../concurrency/scheduler'

/** Connection with waiting messages. */
interface QueuedConnection {
  readonly address: string
  /** Handles one message. */
  step(): void
}

/** Fair queue of WebSocket messages. Handles one message per address in turn. Other work gets time in between. */
export class FairQueue {
  readonly #asking = new Map<string, Set<QueuedConnection>>()
  #isGoing = false

  ask(connection: QueuedConnection): void {
    const { address } = connection
    this.#asking.set(address, (this.#asking.get(address) ?? new Set()).add(connection))
    if (this.#isGoing) return
    this.#isGoing = true
    runLater(() => this.#go())
  }

  #go(): void {
    const [[address, connections] = []] = this.#asking
    const [connection] = connections ?? []
    if (address === undefined || !connections || !connection) return
    this.#asking.delete(address)
    connections.delete(connection)
    if (connections.size > 0) this.#asking.set(address, connections)
    connection.step()
    this.#isGoing = this.#asking.size > 0
    if (this.#isGoing) runLater(() => this.#go())
  }
}
