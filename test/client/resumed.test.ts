import { type SessionsChange, SessionsClient } from '../../packages/client/src/index'
import { Relay } from '../support/relay'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'

const waitMs = 20_000

const server = serving(embeddedDatabase)
let relay: Relay
let client: SessionsClient
beforeAll(async () => {
  relay = await Relay.before(server.url)
  client = new SessionsClient({ url: relay.url })
})
afterAll(async () => {
  client.close()
  await relay.stop()
})

const start = async (mentor_id: string): Promise<string> =>
  (await server.sessions.start({ mentor_id })).session.session_id

/** Follows the sessions of a mentor, and reports the changes as texts. */
function followed(mentorId: string, resume?: { after: string; versionOf(): undefined }) {
  const changes: SessionsChange[] = []
  const leaving = new AbortController()
  const following = (async () => {
    for await (const change of client.followSessions({ filter: { mentorId }, resume, signal: leaving.signal }))
      changes.push(change)
  })()
  const types = (): string => changes.map(({ type }) => type).join(' ')
  return {
    changes,
    becomes: (expected: string) =>
      until(
        () => types() === expected,
        waitMs,
        () => `${expected}, not ${types()}`,
      ),
    async leave(): Promise<void> {
      leaving.abort()
      await following
    },
  }
}

test('a follower is synced again once it has what it missed while the connection was lost', async () => {
  const { becomes, leave } = followed('lost')
  await becomes('reset synced')
  relay.cut()
  for (let i = 0; i < 3; i++) await start('lost')
  relay.mend()
  await becomes('reset synced changed changed changed synced')
  await start('lost')
  await becomes('reset synced changed changed changed synced changed')
  await leave()
})

test('a stored copy is synced once its changes are there, or at once if there are none', async () => {
  const first = followed('stored')
  await first.becomes('reset synced')
  const { cursor } = first.changes.at(-1) as SessionsChange & { cursor: string }
  await first.leave()
  // More than the server delivers in one go, of another mentor.
  for (let i = 0; i < 200; i++) await start('another')
  const unchanged = followed('stored', { after: cursor, versionOf: () => undefined })
  await unchanged.becomes('synced')
  await unchanged.leave()

  const id = await start('stored')
  const changed = followed('stored', { after: cursor, versionOf: () => undefined })
  await changed.becomes('changed synced')
  expect(changed.changes).toMatchObject([{ session: { id } }, { cursor: expect.any(String) }])
  await changed.leave()
})
