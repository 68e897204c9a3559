import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BSON, type Db } from 'mongodb'
import type { Store } from '../../src/db/store'
import { base } from '../support/interfaces'
import { ReplicaSet } from '../support/mongod'
import { client, json } from '../support/rest'
import { type Reachable, startServer } from '../support/server'
import { openEmbedded, openMongo } from '../support/stores'
import { cursorOf, folder, itemsAfter, viewsOf, type Written } from './written'

// Writes the data of this version: an SQLite file, a dump of MongoDB in the format of `mongodump`, and what a server shows
// of each. Run `npm run fixtures` once for each release, before its tag. upgrade.test.ts opens the data of all versions.

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const place = join(folder, version)

/** Fills the store over the REST interface. Returns what the server shows then. */
async function fill(server: Reachable): Promise<Written> {
  const rest = client(server)
  const after = await cursorOf(server)
  const tokens: string[] = []

  async function start(who: object, headers: object = {}): Promise<string> {
    const { status, text } = await rest.post(base, JSON.stringify(who), { ...json, ...headers })
    if (status !== 201) throw new Error(`a start answered ${status} ${text}`)
    return `${base}/${JSON.parse(text).session_id}`
  }
  async function dispatch(path: string, event: string, payload?: object, headers: object = {}): Promise<void> {
    const { status, text } = await rest.put(path, JSON.stringify({ event, payload }), { ...json, ...headers })
    if (status !== 200) throw new Error(`${event} answered ${status} ${text}`)
  }
  const calculate = (path: string, stated: object = {}, headers: object = {}) => {
    const figures = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30.01 }
    return dispatch(path, 'CalculateRequested', { ...figures, ...stated }, headers)
  }
  async function share(path: string): Promise<void> {
    await dispatch(path, 'ShareRequested')
    const { text } = await rest.get(`${path}/share`)
    tokens.push(JSON.parse(text).token)
  }

  await start({ mentor_id: 'Zoë ☕ 𝒳' })
  await start({ mentor_id: 'keyed', organisation_id: 'org_42' }, { 'Idempotency-Key': '"start"' })
  const often = await start({ mentor_id: 'often', organisation_id: 'org_42' })
  for (let n = 1; n <= 40; n++) await calculate(often, { sessions: n }, { 'Idempotency-Key': `"${n}"` })
  const stated = await start({ mentor_id: 'stated', organisation_id: 'org_42' })
  const period = { from: '2026-01-01', to: '2026-03-31' }
  await calculate(stated, { label: 'Spring, “quoted”', currency: 'GBP', period })
  await share(stated)
  await calculate(stated, { label: 'Spring', currency: 'JPY', cost_per_session: 0.0001 })
  await share(stated)
  const nothing = await start({ mentor_id: 'nothing' })
  await calculate(nothing, { sessions: 0, avg_minutes: 0, cost_per_session: 0, cost_per_hour: 0 })
  const reset = await start({ mentor_id: 'reset' })
  await calculate(reset)
  await share(reset)
  await dispatch(reset, 'ShareRevokeRequested')
  await share(reset)
  await dispatch(reset, 'ResetRequested')
  const closed = await start({ mentor_id: 'closed' })
  await calculate(closed)
  await rest.call('DELETE', closed)
  const erased = await start({ mentor_id: 'erased', organisation_id: 'org_42' })
  await calculate(erased)
  const { status, text } = await rest.call('DELETE', '/api/v1/benefit-mentors/erased')
  if (status !== 200) throw new Error(`an erasure answered ${status} ${text}`)

  return { views: await viewsOf(server), tokens, after, items: await itemsAfter(server, after) }
}

/** Returns JSON text with one line for each view and for each item. */
function lines({ views, items, ...rest }: Written): string {
  const viewLines = Object.entries(views).map(([name, view]) => `${JSON.stringify(name)}:${JSON.stringify(view)}`)
  const itemLines = items.map(item => JSON.stringify(item))
  const others = JSON.stringify(rest).slice(1, -1)
  return `{${others},\n"views":{\n${viewLines.join(',\n')}\n},\n"items":[\n${itemLines.join(',\n')}\n]}\n`
}

async function write(name: string, store: Store, dump: () => Promise<void> = async () => {}): Promise<void> {
  const server = await startServer({ env: {}, open: async () => store, drop: async () => {} })
  writeFileSync(join(place, `${name}.json`), lines(await fill(server)))
  await dump()
  await server.stop()
  await store.end()
}

/** Writes a collection like `mongodump`: its documents, and its options. The server creates the indexes. */
async function dumpCollection(db: Db, name: string): Promise<void> {
  const documents = await db.collection(name).find().sort({ _id: 1 }).toArray()
  const { options } = (await db.listCollections({ name }).next()) as { options?: object }
  writeFileSync(
    join(place, 'mongodb', `${name}.bson`),
    Buffer.concat(documents.map(document => BSON.serialize(document))),
  )
  const metadata = { options, indexes: [{ v: 2, key: { _id: 1 }, name: '_id_' }], collectionName: name }
  writeFileSync(join(place, 'mongodb', `${name}.metadata.json`), `${JSON.stringify(metadata)}\n`)
}

async function main(): Promise<void> {
  if (existsSync(place)) throw new Error(`${place} exists: the data of a released version never changes.`)
  mkdirSync(join(place, 'mongodb'), { recursive: true })
  await write('embedded', openEmbedded(join(place, 'sessions.db')))
  const set = await ReplicaSet.start()
  try {
    const store = await openMongo(set.uri)
    await write('mongo', store, async () => {
      for (const name of ['sessions', 'layout', 'erasures']) await dumpCollection(store.db, name)
    })
  } finally {
    await set.stop()
  }
}

main().catch(error => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
