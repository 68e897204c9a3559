import { cpSync, rmSync } from 'node:fs'
import type { Document } from 'mongodb'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { Feed } from '../../../src/feed/feed'
import type { FeedMessage } from '../../../src/feed/ring'
import { ReplicaSet } from '../../support/mongod'
import { keptLog } from '../../support/server'
import { calculation, quiet, sessionsOver, stored } from '../../support/sessions'
import { describeMongo, mongoDatabase, openMongo } from '../../support/stores'
import { until } from '../../support/until'

interface Opened {
  store: MongoStore
  feed: Feed
}

async function feedOver(store: MongoStore, log = quiet): Promise<Opened> {
  const feed = new Feed(store, log)
  await store.log.follow(feed)
  return { store, feed }
}

const nowOf = async ({ feed }: Opened): Promise<string> => (await feed.page({ limit: 1 })).next

/** Returns the cursors before, during and after the commit of `work`. */
async function cursorsOf(opened: Opened, work: () => Promise<{ session_id: string }>): Promise<string[]> {
  const before = await nowOf(opened)
  const { session_id } = await work()
  const items = async () => (await opened.feed.page({ after: before, limit: 100 })).items
  await until(async () => (await items()).some(({ commit }) => commit.session_id === session_id), 60_000, 'the commit')
  const cursors = (await items()).map(({ cursor }) => cursor)
  // A write to another collection advances the log.
  await opened.store.db.collection('probes').insertOne({})
  await until(async () => !cursors.includes(await nowOf(opened)), 60_000, 'a moment without a commit')
  return [before, ...cursors, await nowOf(opened)]
}

/** Returns the first messages to a subscriber with this cursor. */
async function toldFirst({ feed }: Opened, after: string): Promise<FeedMessage[]> {
  const told: FeedMessage[] = []
  const leave = feed.subscribe({ after }).attach({ take: message => void told.push(message), end: () => {} })
  await until(() => told.some(({ kind }) => kind === 'ready'), 60_000, 'an answer')
  leave()
  return told
}

/** Expects a gap for every earlier cursor, the stored session unchanged, and new commits to arrive. */
async function holdRestored(opened: Opened, earlier: string[], kept: { session_id: string }): Promise<void> {
  expect(await opened.store.sessions.read(kept.session_id)).toEqual(kept)
  expect(await opened.store.lists.count({})).toBe(1)
  for (const after of earlier) {
    await expect(opened.feed.page({ after, limit: 10 })).rejects.toMatchObject({ code: 'invalid_cursor' })
    expect(await toldFirst(opened, after)).toMatchObject([{ kind: 'gap', after, reason: 'unknown' }, { kind: 'ready' }])
  }
  const now = await nowOf(opened)
  await sessionsOver(opened.store).dispatch(kept.session_id, calculation(2))
  await until(
    async () => (await opened.feed.page({ after: now, limit: 10 })).items.length === 2,
    60_000,
    'the calculation',
  )
}

describeMongo('a restored database', () => {
  test('has a new history after mongorestore --drop', async () => {
    const database = await mongoDatabase()
    const first = await feedOver(await database.open())
    const kept = await stored(first.store, {}, [calculation(1)])
    const { db } = first.store
    const names = ['sessions', 'layout']
    const dump = await Promise.all(names.map(name => db.collection(name).find().toArray()))
    const earlier = await cursorsOf(first, () => stored(first.store))
    await first.store.end()
    const tool = await database.open()
    for (const [i, name] of names.entries()) {
      await tool.db.collection(name).drop()
      await tool.db.collection(name).insertMany(dump[i] as Document[])
    }
    await tool.end()
    const { log, lines } = keptLog()
    await holdRestored(await feedOver(await database.open(), log), earlier, kept)
    // A warning that says what happened. Only an error would have a stack.
    const warnings = lines.filter(({ level }) => level !== 'debug')
    expect(warnings).toEqual([
      {
        level: 'warn',
        time: expect.any(Number),
        reason: 'unknown',
        msg: expect.stringContaining('no session is lost'),
      },
    ])
    await database.drop()
  })

  test('has a new history after its data files were replaced, once it is marked as restored', async () => {
    const set = await ReplicaSet.start(1)
    try {
      const first = await feedOver(await openMongo(set.uri))
      const kept = await stored(first.store, {}, [calculation(1)])
      const before = await nowOf(first)
      const data = set.dataOf(0)
      await set.command(0, { fsync: 1, lock: true })
      cpSync(data, `${data}.copy`, { recursive: true })
      await set.command(0, { fsyncUnlock: 1 })
      const earlier = [before, ...(await cursorsOf(first, () => stored(first.store)))]
      await first.store.end()
      await set.kill(0)
      rmSync(data, { recursive: true })
      cpSync(`${data}.copy`, data, { recursive: true })
      rmSync(`${data}.copy`, { recursive: true })
      await set.restart(0)
      await set.primary()
      const tool = await openMongo(set.uri)
      const said = { $currentDate: { restored: true as const } }
      await tool.db.collection<{ _id: string }>('layout').updateOne({ _id: 'sessions' }, said, { upsert: true })
      await tool.end()
      const again = await feedOver(await openMongo(set.uri))
      await holdRestored(again, earlier, kept)
      await again.store.end()
    } finally {
      await set.stop()
    }
  })
})
