import { setTimeout as wait } from 'node:timers/promises'
import { inputs } from '../support/inputs'
import { base } from '../support/interfaces'

const pauseMs = 40

/** Clients that only read, over REST and GraphQL in turn, and check the responses. */
export class Readers {
  readonly wrong: string[] = []
  answered = 0
  #stopped = false
  readonly #running: Promise<unknown>

  constructor(
    readonly url: string,
    count: number,
  ) {
    this.#running = Promise.all(Array.from({ length: count }, (_, i) => this.#read(`reader ${i}`)))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #read(mentor_id: string): Promise<void> {
    const started = await this.#ask(base, { mentor_id })
    const id = started?.session_id
    while (!this.#stopped) {
      const session = await this.#ask(`${base}/${id}`)
      this.#expect('its session', session?.state, 'initial')
      const calculated = await this.#ask('/api/v1/benefit-calculations', inputs)
      this.#expect('a calculation', calculated?.net_benefit, 287.5)
      const list = await this.#ask(`${base}?mentor_id=${encodeURIComponent(mentor_id)}`)
      this.#expect('the list of its sessions', list?.pagination?.total, 1)
      const query = '{ session(id: $id) { state transitions { event sequence } } }'
      const body = { query: `query ($id: ID!) ${query}`, variables: { id } }
      const { data } = (await this.#ask('/graphql', body)) ?? {}
      const expected = { state: 'INITIAL', transitions: [{ event: 'SESSION_STARTED', sequence: 1 }] }
      this.#expect('its session by GraphQL', JSON.stringify(data?.session), JSON.stringify(expected))
      await wait(pauseMs)
    }
  }

  #expect(what: string, told: unknown, right: unknown): void {
    if (told !== right) this.wrong.push(`a reader was told of ${what}: ${told}, and ${right} is right`)
    this.answered++
  }

  // biome-ignore lint/suspicious/noExplicitAny: callers compare the members that they read.
  async #ask(path: string, body?: object): Promise<any> {
    try {
      const headers = { 'Content-Type': 'application/json' }
      const response = await fetch(this.url + path, {
        ...(body && { method: 'POST', headers, body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (!response.ok) this.wrong.push(`a reader was answered ${response.status} on ${path}: ${text}`)
      return JSON.parse(text)
    } catch (error) {
      this.wrong.push(`a reader got no answer on ${path}: ${(error as Error).cause ?? error}`)
      await wait(pauseMs)
    }
  }
}
