import { type ChildProcess, fork, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Subscribers that run in a separate process. */
export class Clients {
  readonly #child: ChildProcess

  private constructor(file: string, port: number, count: number) {
    this.#child = fork(join(__dirname, file), [String(port), String(count)])
  }

  /** Starts a process with `count` subscribers, and waits until all have received `ready`. */
  static async start(file: string, port: number, count: number): Promise<Clients> {
    const clients = new Clients(file, port, count)
    await clients.#message()
    return clients
  }

  /** Sends a message to the process. Resolves with its reply. */
  ask<T>(message: Serializable): Promise<T> {
    this.#child.send(message)
    return this.#message() as Promise<T>
  }

  async #message(): Promise<unknown> {
    const ended = new AbortController()
    const { signal } = ended
    try {
      const exit = once(this.#child, 'exit', { signal }).then(() => Promise.reject(new Error('the clients ended')))
      const [message] = await Promise.race([once(this.#child, 'message', { signal }), exit])
      return message
    } finally {
      ended.abort()
    }
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
