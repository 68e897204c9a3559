import type { Document } from 'mongodb'
import type { Filter } from '../../../src/domain/list-query'
import { multiply } from '../../support/many'
import { stored } from '../../support/sessions'
import { describeMongo, gathered, mongoDatabase, suiteDatabase } from '../../support/stores'

const count = 3_000
const never = new AbortController().signal

describeMongo('an export of MongoDB', () => {
  const database = suiteDatabase(mongoDatabase)
  beforeAll(async () => {
    const one = await stored(database.store, { mentor_id: 'm', organisation_id: 'o' })
    await multiply(database.store, one, count - 1)
  })

  test.each<Filter>([
    {},
    { state: 'initial' },
    { mentor_id: 'm' },
    { organisation_id: 'o' },
    { mentor_id: 'm', organisation_id: 'o' },
    { organisation_id: 'o', state: 'initial' },
  ])('by %j is read in the order of an index, each session once, without a sort', async filter => {
    const { db } = database.store
    await db.command({ profile: 2 })
    expect((await gathered(database.store.export(filter, never))).flat()).toHaveLength(count)
    await db.command({ profile: 0 })
    const steps = await db
      .collection('system.profile')
      .find({ op: { $in: ['query', 'getmore'] } })
      .toArray()
    await db.collection('system.profile').drop()
    expect(steps.length).toBeGreaterThan(5)
    const sum = (name: string): number => steps.reduce((sum: number, step: Document) => sum + step[name], 0)
    expect(steps.filter(({ hasSortStage }) => hasSortStage)).toEqual([])
    expect(sum('docsExamined')).toBe(count)
    expect(sum('keysExamined')).toBeLessThan(count + 10)
  })

  test('is unavailable once the server no longer knows its cursor', async () => {
    const { client, db } = database.store
    const read = gathered(
      (async function* () {
        for await (const batch of database.store.export({}, never)) {
          yield batch
          const pipeline = [
            { $currentOp: { idleCursors: true } },
            { $match: { ns: `${db.databaseName}.sessions`, type: 'idleCursor' } },
          ]
          const { cursor } = await client.db('admin').command({ aggregate: 1, pipeline, cursor: {} })
          const cursors = cursor.firstBatch.map((found: Document) => found.cursor.cursorId)
          await db.command({ killCursors: 'sessions', cursors })
        }
      })(),
    )
    await expect(read).rejects.toMatchObject({ code: 'unavailable' })
  })
})
