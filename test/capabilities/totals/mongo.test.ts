import type { Document } from 'mongodb'
import { MongoTotals } from '../../../src/capabilities/totals/mongo'
import type { SessionTotals } from '../../../src/capabilities/totals/store'
import type { MongoConnection } from '../../../src/db/mongo/connection'
import { DomainError, unavailable } from '../../../src/domain/errors'
import { addManyDocuments, queryProfile, size } from '../../db/mongo/many-documents'
import { intercepting } from '../../support/intercepting'
import { noon } from '../../support/sessions'
import { describeMongo, gathered, mongoDatabase, suiteDatabase } from '../../support/stores'

describeMongo('MongoDB with many sessions', () => {
  const database = suiteDatabase(mongoDatabase)
  beforeAll(() => addManyDocuments(database.store))

  test("the totals of everything scan each session once, and those of a mentor read only the mentor's sessions", async () => {
    const { store } = database
    const all = await queryProfile(store, () => gathered(store.totals.rows({}, ['state'])))
    expect(all.planSummary).toBe('COLLSCAN')
    expect(all.docsExamined).toBeLessThan(1.1 * size)
    const some = await queryProfile(store, () => gathered(store.totals.rows({ mentor_id: 'mentor_5' }, ['state'])))
    expect(some.docsExamined).toBe(await store.lists.count({ mentor_id: 'mentor_5' }))
    const latest = await queryProfile(store, () => store.totals.calculations({ mentor_id: 'mentor_5' }, noon))
    expect(latest.docsExamined).toBe(some.docsExamined)
  })
})

describeMongo('an incomplete checkpoint in MongoDB', () => {
  const database = suiteDatabase(mongoDatabase)
  beforeEach(() => database.store.totals.dropCheckpoints())

  /** Returns the totals of a process that calls `insert` in place of the insertion of its next checkpoint. */
  function inserting(insert: (apply: () => Promise<unknown>) => Promise<unknown>): SessionTotals {
    const { db } = database.store
    let isInserted = false
    const command = (asked: Document, options: object): Promise<Document> => {
      const apply = (): Promise<Document> => db.command(asked, options)
      if (isInserted || !('update' in asked)) return apply()
      isInserted = true
      return insert(apply) as Promise<Document>
    }
    return new MongoTotals({ db: intercepting(db, { command }) } as MongoConnection)
  }

  test('prevents only other processes from beginning one, even if the response to its insertion was lost', async () => {
    const other = database.store.totals
    const one = inserting(async apply => {
      await apply()
      throw unavailable(new Error('lost'))
    })
    await expect(one.beginCheckpoint()).rejects.toThrow(DomainError)
    expect(await other.beginCheckpoint()).toBeNull()
    expect(await one.beginCheckpoint()).not.toBeNull()
  })

  test('of each of two processes is dropped when its process begins the next one', async () => {
    const other = database.store.totals
    const one = inserting(async apply => {
      expect(await other.beginCheckpoint()).not.toBeNull()
      return apply()
    })
    expect(await one.beginCheckpoint()).not.toBeNull()
    // Neither completes its checkpoint.
    expect(await other.beginCheckpoint()).toBeNull()
    expect(await one.beginCheckpoint()).not.toBeNull()
  })
})
