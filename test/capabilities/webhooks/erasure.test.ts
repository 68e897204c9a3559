import type { EmbeddedStore } from '../../../src/db/embedded/embedded-store'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import type { Store } from '../../../src/db/store'
import { base, done } from '../../support/interfaces'
import { client, json } from '../../support/rest'
import { overStores } from '../../support/stores'
import { until } from '../../support/until'
import { deliveringAlone } from './delivering'
import { sessionOf, status } from './receiver'

/** Returns all rows and documents of a store as text, by table or collection: those that the database itself lists. */
async function contentOf(store: Store): Promise<Map<string, string[]>> {
  const { db } = store as EmbeddedStore | MongoStore
  if ('prepare' in db) {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[]
    return new Map(tables.map(name => [name, (db.prepare(`SELECT * FROM "${name}"`).all() as object[]).map(asText)]))
  }
  const collections = await db.listCollections({}, { nameOnly: true }).toArray()
  const documents = collections.map(
    async ({ name }) => [name, (await db.collection(name).find().toArray()).map(asText)] as const,
  )
  return new Map(await Promise.all(documents))
}

/** Returns a row as text, with bytes as characters. */
const asText = (row: object): string =>
  JSON.stringify(row, (_, value) => {
    const bytes = value?.type === 'Buffer' ? value.data : value?._bsontype === 'Binary' ? value.buffer : undefined
    return bytes ? Buffer.from(bytes).toString('latin1') : value
  })

overStores(({ newDatabase }) => {
  const alone = deliveringAlone(newDatabase)

  test.concurrent(
    "after an erasure beside deliveries, nothing in the store has the mentor's id, and only closes have those of its sessions",
    alone(async ({ server, at, created, becomes, started, dispatch, api }) => {
      const { call, post, get } = client(server)
      const { endpoint_id } = await created(at.receiver.urlAt())
      const failing = await created(at.receiver.urlAt('127.0.0.1', '/failing'))
      await created(at.receiver.urlAt('127.0.0.1', '/its'), { mentor_id: 'erased-mentor' })
      const respond: (() => void)[] = []
      at.receiver.answer = (message, request, response) => {
        const fails = message.path === '/failing' && message.type !== 'session.closed'
        // These attempts are under way during the erasure.
        if (message.type === 'session.share_requested') respond.push(() => void response.writeHead(200).end())
        else return status(fails ? 500 : 200)(message, request, response)
      }
      const body = { mentor_id: 'erased-mentor', organisation_id: 'o' }
      const keyed = await call('POST', base, { ...json, 'Idempotency-Key': 'erased-key' }, JSON.stringify(body))
      const ids = [JSON.parse(keyed.text).session_id, await started('erased-mentor')]
      for (const id of ids) {
        await dispatch(id, 'CalculateRequested')
        await dispatch(id, 'ShareRequested')
        const { path } = JSON.parse((await get(`${base}/${id}/share`)).text)
        expect((await get(path)).status).toBe(200)
      }
      // A session that left the mentor, and one that the mentor has only since then.
      const moved = async (from: string, mentor_id: string) => {
        const id = await started(from)
        await dispatch(id, 'CalculateRequested')
        done(await api().dispatch(id, 'ReassignRequested', { mentor_id, organisation_id: 'p' }))
        return id
      }
      const left = await moved('erased-mentor', 'another-mentor')
      await moved('another-mentor', 'erased-mentor')
      const report = { title: 'Its report', mentor_id: 'erased-mentor', from: '2026-01', to: '2026-12' }
      expect((await post('/api/v1/benefit-reports', JSON.stringify(report))).status).toBe(201)
      // While a subscriber stalls, the feed holds erased commits for a moment.
      const asleep = new Promise<void>(() => {})
      const leave = server.feed.subscribe().attach({ take: () => asleep, end: () => {} })
      const other = await started('another-mentor')
      await until(() => respond.length === 2 * ids.length, 20_000, 'the attempts')

      let erased = false
      while (!erased) erased = JSON.parse((await call('DELETE', '/api/v1/benefit-mentors/erased-mentor')).text).erased
      leave()
      for (const end of respond) end()
      await becomes(endpoint_id, ({ pending, status: now }) => pending === 0 && now === 'active')
      // The start of the other, the reassignment of the one that left, and all messages of the one that arrived.
      await becomes(failing.endpoint_id, ({ pending }) => pending === 1 + 1 + 4)
      await server.stop()

      const store = await server.database.open()
      const content = await contentOf(store)
      expect(content.size).toBeGreaterThan(3)
      const rows = [...content].flatMap(([name, rows]) => rows.map(row => ({ name, row })))
      const found = (...texts: string[]) => rows.filter(({ row }) => texts.some(text => row.includes(text)))
      expect(found('erased-mentor', 'erased-key')).toEqual([])
      const isClose = /session\.closed|SessionClosed|"transitions":\[\]/
      expect(found(...ids).filter(({ row }) => !isClose.test(row.replaceAll('\\', '')))).toEqual([])
      for (const id of [other, left]) expect(found(id).length).toBeGreaterThan(0)
      expect(at.receiver.received.filter(({ path }) => path === '/hook').map(sessionOf)).toContain(other)
    }),
  )
})
