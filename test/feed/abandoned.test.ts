import type { Store } from '../../src/db/store'
import { intercepting } from '../support/intercepting'
import { base } from '../support/interfaces'
import { startServer } from '../support/server'
import { stored } from '../support/sessions'
import { embeddedDatabase } from '../support/stores'
import { until, within } from '../support/until'

/** A store with a gate: it can hold up the next read of a session until the test lets it go. */
class Stalling {
  read: (() => void) | undefined
  #asked = (): void => {}
  #gate: Promise<void> | undefined

  /** Holds up the next read. Resolves when that read is requested. */
  next(): Promise<void> {
    this.#gate = new Promise(resolve => {
      this.read = resolve
    })
    return new Promise(resolve => {
      this.#asked = resolve
    })
  }

  over = (store: Store): Store =>
    intercepting(store, {
      sessions: {
        snapshot: async id => {
          this.#asked()
          await this.#gate
          return store.sessions.snapshot(id)
        },
      },
    })
}

const transitions = (id: string) =>
  `/graphql/stream?query=${encodeURIComponent(`subscription { sessionTransitions(sessionId: "${id}", after: 0) { sequence } }`)}`

test.each([
  ['a session', (id: string) => `${base}/${id}/events`],
  ['GraphQL', transitions],
])('a client that leaves before its event stream of %s begins does not delay a stop', async (_of, path) => {
  const stalling = new Stalling()
  const database = await embeddedDatabase()
  const server = await startServer(database, { store: stalling.over })
  const { session_id } = await stored(server.store)

  const asked = stalling.next()
  const leave = new AbortController()
  const headers = { Accept: 'text/event-stream' }
  const left = fetch(server.url + path(session_id), { headers, signal: leave.signal }).catch(() => {})
  await within(60_000, 'the read', asked)
  leave.abort()
  await left
  const gone = () => server.log.some(({ aborted }) => aborted === true)
  await until(gone, 60_000, 'the end of the request')
  stalling.read?.()
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)

  await within(8_000, 'the stop', server.stop())
  await database.drop()
})
