import type { Document } from 'mongodb'
import { MongoTotals } from '../../../src/capabilities/totals/mongo'
import type { SessionTotals } from '../../../src/capabilities/totals/store'
import type { MongoConnection } from '../../../src/db/mongo/connection'
import { DomainError, unavailable } from '../../../src/domain/errors'
import { intercepting } from '../../support/intercepting'
import { describeMongo, mongoDatabase, suiteDatabase } from '../../support/stores'

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
