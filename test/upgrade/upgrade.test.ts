import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BSON, MongoClient } from 'mongodb'
import { caveat, method } from '../../src/domain/methods'
import { monthOf, selects } from '../support/filters'
import { base } from '../support/interfaces'
import { calculation, client } from '../support/rest'
import { type Server, startServer } from '../support/server'
import { describeMongo, embeddedDatabase, mongoDatabase, type TestDatabase } from '../support/stores'
import { until } from '../support/until'
import {
  bodyOf,
  cursorOf,
  folder,
  itemsAfter,
  readWritten,
  upgradeParts,
  versions,
  viewsOf,
  type Written,
} from './written'

/** Keeps the events of old versions, however old they are. */
const forever = 36_500

/** Holds that months select the old sessions by their current results. */
async function holdMonths(server: Server): Promise<void> {
  const body = (path: string) => bodyOf(server, path)
  const sessions = (await body(`${base}?limit=100&view=full`)).data as (Selected & { session_id: string })[]
  const months = new Set(sessions.flatMap(({ result }) => (result ? monthOf(result) : [])))
  expect(months.size).toBeGreaterThan(0)
  for (const month of months) {
    for (const range of [`from=${month}`, `to=${month}`, `from=${month}&to=${month}`]) {
      const { from, to } = Object.fromEntries(new URLSearchParams(range))
      const filter = { months: { ...(from && { from }), ...(to && { to }) } }
      const expected = sessions.filter(session => selects(filter, session)).map(({ session_id }) => session_id)
      expect(expected.length).toBeGreaterThan(0)
      const { data, pagination } = await body(`${base}?limit=100&${range}`)
      expect(data.map(({ session_id }: { session_id: string }) => session_id)).toEqual(expected)
      expect(pagination.total).toBe(expected.length)
      const sorted = await body(`${base}?limit=100&sort=total_hours&${range}`)
      expect(sorted.data).toHaveLength(expected.length)
      for (const { count } of upgradeParts) expect(await count(body, range)).toBe(expected.length)
    }
  }
}

type Selected = Parameters<typeof selects>[1]
const shareFor7Days = '{"event":"ShareRequested","payload":{"expires_in_days":7}}'

/** Holds that a server on old data shows the same as before, and that each session goes on. */
async function holdSame(server: Server, { views, tokens }: Written): Promise<void> {
  const shown = await viewsOf(server)
  // The data of old versions also contains what capabilities showed that were removed since.
  expect(shown).toEqual(Object.fromEntries(Object.keys(shown).map(name => [name, views[name]])))
  await holdMonths(server)
  const rest = client(server)
  for (const token of tokens) {
    const { status } = await rest.get(`/shared/${token}`, { Accept: 'application/json' })
    expect([200, 410]).toContain(status)
  }
  const stated = JSON.stringify({ mentor_id: 'mentor', external_id: 'new' })
  const { session_id: started } = JSON.parse((await rest.post(base, stated)).text)
  expect(JSON.parse((await rest.post(base, stated)).text)).toMatchObject({
    code: 'external_id_taken',
    session_id: started,
  })
  expect((await rest.call('DELETE', `${base}/${started}`)).status).toBe(200)
  const after = await cursorOf(server)
  const sessions = views.list as { session_id: string }[]
  expect(sessions.length).toBeGreaterThan(5)
  let shares = 0
  for (const { session_id } of sessions) {
    const path = `${base}/${session_id}`
    const version = Number(JSON.parse((await rest.get(`${path}/events?limit=1000`)).text).data.at(-1).sequence)
    const links = await server.store.sessions.shares(session_id)
    expect(links.map(({ days }) => days)).toEqual(links.map(() => 30))
    shares += links.length
    const { status, headers } = await rest.put(path, calculation)
    expect([status, headers['session-version']]).toEqual([200, String(version + 2)])
    expect((await rest.put(path, shareFor7Days)).headers['session-version']).toBe(String(version + 3))
    const { days } = (await server.store.sessions.latestShare(session_id)) ?? {}
    expect(days).toBe(7)
    expect(await server.store.sessions.shares(session_id)).toHaveLength(links.length + 1)
    const results = JSON.parse((await rest.get(`${path}/results`)).text).data
    expect(results[0]).toMatchObject({ method, caveat })
    expect(results).toHaveLength((views[`${path}/results`] as { data: unknown[] }).data.length + 1)
    expect(results.slice(1)).toEqual((views[`${path}/results`] as { data: unknown[] }).data)
    expect((await rest.call('DELETE', path)).status).toBe(200)
  }
  expect(shares).toBeGreaterThan(0)
  const hasAll = async () => (await itemsAfter(server, after)).length >= 4 * sessions.length
  await until(hasAll, 60_000, 'the events of each session')
  expect(await itemsAfter(server, after)).toHaveLength(4 * sessions.length)
}

describe.each(versions())('data of version %s', version => {
  let database: TestDatabase
  let server: Server
  afterEach(async () => {
    await server.stop()
    await database.drop()
  })

  test('in an SQLite file is shown as before, with the same cursors, and goes on', async () => {
    database = await embeddedDatabase()
    copyFileSync(join(folder, version, 'sessions.db'), database.env.DATA_FILE as string)
    server = await startServer(database, { config: { FEED_DAYS: forever } })
    const written = readWritten(version, 'embedded')
    expect(await itemsAfter(server, written.after)).toEqual(written.items)
    await holdSame(server, written)
  })

  describeMongo('in a dump of MongoDB', () => {
    test('is shown as before, and goes on', async () => {
      database = await mongoDatabase()
      const mongo = await MongoClient.connect(database.env.MONGODB_URI as string)
      for (const name of ['sessions', 'layout', 'erasures']) {
        const [data, metadata] = ['bson', 'metadata.json'].map(end =>
          readFileSync(join(folder, version, 'mongodb', `${name}.${end}`)),
        ) as [Buffer, Buffer]
        await mongo.db().createCollection(name, JSON.parse(String(metadata)).options)
        const documents = documentsIn(data)
        if (documents.length > 0) await mongo.db().collection(name).insertMany(documents)
      }
      await mongo.close()
      server = await startServer(database)
      await holdSame(server, readWritten(version, 'mongo'))
    })
  })
})

/** Returns the documents of a dump, which follow each other. */
function documentsIn(data: Buffer): object[] {
  const documents: object[] = []
  for (let at = 0; at < data.length; at += data.readInt32LE(at)) {
    documents.push(BSON.deserialize(data.subarray(at, at + data.readInt32LE(at))))
  }
  return documents
}
