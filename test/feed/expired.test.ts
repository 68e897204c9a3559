import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { MongoStore } from '../../src/db/mongo/mongo-store'
import { HistoryGone } from '../../src/domain/errors'
import { feedCursorOf } from '../../src/feed/ring'
import { follow } from '../support/follow'
import { Instance } from '../support/instance'
import { restApi } from '../support/interfaces'
import { ReplicaSet } from '../support/mongod'
import { client } from '../support/rest'
import { stored } from '../support/sessions'
import { describeMongo, embeddedDatabase, openMongo } from '../support/stores'
import { feedPath, type TransportName, transportNames } from '../support/transports'
import { until } from '../support/until'

const streams: TransportName[] = transportNames.filter(name => name !== 'polling')

/** Expects, over every transport, a gap with the reason expired and then the live feed. */
async function isExpired(url: string, after: string): Promise<void> {
  const server = { url }
  for (const transport of streams) {
    const { received, connection } = follow(url, transport, after)
    const [gap, ready] = await received(2)
    expect(gap).toEqual({ kind: 'gap', after, reason: 'expired' })
    expect(ready).toEqual({ kind: 'ready', cursor: expect.any(String) })
    await restApi(server).start({ mentor_id: 'live' })
    expect((await received(3))[2]).toMatchObject({ kind: 'transition', event: 'SessionStarted' })
    connection.cut()
  }
  const { status, text } = await client(server).get(`${feedPath}?after=${after}`)
  expect(status).toBe(410)
  expect(JSON.parse(text)).toMatchObject({ code: 'cursor_expired' })
}

describe('over the embedded store', () => {
  test('a cursor before pruned commits yields a typed gap, then the live feed', async () => {
    const database = await embeddedDatabase()
    const store = await database.open()
    await stored(store)
    const { entries } = await store.log.history('0'.repeat(15), 1)
    await stored(store)
    await stored(store)
    store.db.exec('DELETE FROM commits WHERE position < 3')
    await store.end()
    const instance = await Instance.start(database.env)
    try {
      await isExpired(instance.url, feedCursorOf(store, { position: entries[0]?.position as string, skip: 0 }))
    } finally {
      await instance.kill()
      rmSync(dirname(database.env.DATA_FILE as string), { recursive: true })
    }
  })
})

describeMongo('over a mongod with an oplog of 1 MB', () => {
  let set: ReplicaSet
  let store: MongoStore
  let instance: Instance
  beforeAll(async () => {
    set = await ReplicaSet.start(1, ['--oplogSize', '1', '--syncdelay', '1'])
    const uri = set.uri.replace(/\/\?/, '/expired?')
    instance = await Instance.start({ MONGODB_URI: uri })
    store = await openMongo(uri)
  })
  afterAll(async () => {
    await instance?.kill()
    await store?.end()
    await set?.stop()
  })

  /** Writes until the oplog no longer holds the events after this position. */
  async function pushedOut(position: string): Promise<void> {
    const scrap = store.db.collection('scrap')
    const body = 'x'.repeat(500_000)
    const gone = () =>
      store.log.history(position, 1).then(
        () => false,
        (error: unknown) => error instanceof HistoryGone,
      )
    await until(
      async () => {
        for (let i = 0; i < 10; i++) await scrap.insertOne({ body })
        await scrap.deleteMany({})
        return gone()
      },
      60_000,
      'an oplog that has moved on',
    )
  }

  const nowOf = async (): Promise<string> => JSON.parse((await client(instance).get(feedPath)).text).next
  const positionOf = (cursor: string): string => cursor.split('.')[1] as string

  test('a cursor that has left the oplog yields a typed gap, then the live feed', async () => {
    const after = await nowOf()
    await stored(store)
    await pushedOut(positionOf(after))
    // A process that followed the log all along still has this cursor in its ring. A new process does not.
    const fresh = await Instance.start({ MONGODB_URI: set.uri.replace(/\/\?/, '/expired?') })
    try {
      await isExpired(fresh.url, after)
    } finally {
      await fresh.kill()
    }
  })

  test('after a suspension that outlasts the oplog, a process sends its subscribers a typed gap, then the live feed', async () => {
    const followed = streams.map(transport => follow(instance.url, transport))
    await Promise.all(followed.map(({ received }) => received(1)))
    const after = await nowOf()
    instance.child.kill('SIGSTOP')
    // The reply to the last request of the process waits in its socket. The process misses everything after that reply.
    const first = await stored(store)
    await stored(store)
    const { entries } = await store.log.history(positionOf(after), 2)
    await pushedOut(entries[1]?.position as string)
    instance.child.kill('SIGCONT')
    for (const { received } of followed) {
      const [, transition, gap, ready] = await received(4)
      expect(transition).toMatchObject({ kind: 'transition', session_id: first.session_id })
      expect(gap).toMatchObject({ kind: 'gap', reason: 'expired' })
      expect(ready).toMatchObject({ kind: 'ready' })
    }
    const { session_id } = await stored(store)
    for (const { received, connection } of followed) {
      expect((await received(5)).at(-1)).toMatchObject({ kind: 'transition', session_id })
      connection.cut()
    }
  })
})
