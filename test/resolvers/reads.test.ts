import type { CommandStartedEvent } from 'mongodb'
import type { MongoStore } from '../../src/db/mongo/mongo-store'
import { query } from '../support/interfaces'
import { type Server, startServer } from '../support/server'
import { calculation, stored } from '../support/sessions'
import { describeMongo, mongoDatabase, openMongo, type TestDatabase } from '../support/stores'

describeMongo('a page of sessions over MongoDB', () => {
  const commands: string[] = []
  let database: TestDatabase
  let server: Server
  let watched: MongoStore

  beforeAll(async () => {
    database = await mongoDatabase()
    const uri = new URL(database.env.MONGODB_URI ?? '')
    uri.searchParams.set('monitorCommands', 'true')
    watched = await openMongo(uri.href)
    server = await startServer({ ...database, open: async () => watched })
    watched.client.on('commandStarted', ({ commandName }: CommandStartedEvent) => commands.push(commandName))
    for (let n = 0; n < 40; n++) {
      await stored(watched, { mentor_id: 'm' }, [calculation(n), { event: 'ShareRequested' }, calculation(n + 100)])
    }
  })
  afterAll(async () => {
    await server.stop()
    await database.drop()
  })

  /**
   * Returns the database reads for a page with these fields. Reads of one turn are one query, and on a busy machine a turn
   * may end within a page: the fewest of several attempts count.
   */
  async function reads(first: number, fields: string, expected: number): Promise<string[]> {
    let fewest = await readsOnce(first, fields)
    for (let attempt = 1; attempt < 5 && fewest.length > expected; attempt++) fewest = await readsOnce(first, fields)
    return fewest
  }

  async function readsOnce(first: number, fields: string): Promise<string[]> {
    commands.length = 0
    const { data, errors } = await query(server, `{ sessions(first: ${first}) { nodes { id ${fields} } } }`)
    expect(errors).toBeUndefined()
    expect((data as { sessions: { nodes: unknown[] } }).sessions.nodes).toHaveLength(first)
    return commands.filter(name => ['find', 'aggregate', 'getMore', 'count', 'distinct'].includes(name))
  }

  test.each([
    ['', 1],
    ['results { id }', 2],
    ['result { id }', 2],
    ['share { token }', 2],
    ['transitions { sequence }', 2],
    ['result { id } results { id outputs { timeValue } } share { token }', 3],
  ])('with %j takes %d queries, for any page size', async (fields, expected) => {
    for (const first of [1, 10, 19]) expect(await reads(first, fields, expected)).toHaveLength(expected)
  })
})
