import { type BSON, type Collection, type Db, type Document, MongoServerError } from 'mongodb'
import { CannotStart } from '../../domain/errors'
import { restingStates, states } from '../../domain/session'
import type { SessionDocument } from './documents'
import { lastResultsSorting, sortingField, sortingKey } from './sorting'

const toDate = (array: string, name: string): Document => ({
  $map: { input: `$${array}`, in: { $mergeObjects: ['$$this', { [name]: { $toDate: `$$this.${name}` } }] } },
})

/** What the documents are like. One that programs of an earlier version read wrongly has a greater number. */
const layoutVersion = 1

/** Stands beside the sessions, in a collection of its own. */
interface LayoutDocument {
  _id: 'sessions'
  version: number
  /** When the sessions were put back from a copy, where that keeps the collection's id: an operator says so. */
  restored?: Date
}

const layouts = (db: Db): Collection<LayoutDocument> => db.collection('layout')

/** Throws CannotStart where a later program has written to the database. */
export async function refuseLaterLayout(db: Db): Promise<void> {
  const found = await layouts(db).findOne({ _id: 'sessions' })
  if (found && found.version > layoutVersion) {
    throw new CannotStart(
      `The database ${db.databaseName} was written by a later version of this program: start that one, ` +
        'or name another database in MONGODB_URI.',
    )
  }
}

/** Makes of an earlier layout what this program knows, and goes on where that was cut off. */
export async function carryOver(db: Db): Promise<void> {
  await datesOfText(db.collection('sessions'))
  await startsOfTheirOwn(db)
  await unsorted(db.collection('sessions'))
  // Programs of an earlier version may still write: whatever is found, all of this is looked for again at each start.
  const version = { $max: { version: layoutVersion } }
  await layouts(db)
    .updateOne({ _id: 'sessions' }, version, { upsert: true })
    .catch(error => {
      // Of two processes that make it at once, one is refused.
      if (!(error instanceof MongoServerError && error.code === duplicateKeyCode)) throw error
    })
}

const duplicateKeyCode = 11000

/** The id of the sessions' history: one of sessions that were dropped and made again, or put back, is another. */
export async function historyId(db: Db): Promise<string> {
  const [sessions] = await db.listCollections({ name: 'sessions' }).toArray()
  const made = (sessions as { info?: { uuid?: BSON.UUID } }).info?.uuid?.toString('hex') ?? db.databaseName
  const found = await layouts(db).findOne({ _id: 'sessions' })
  return made + (found?.restored?.getTime().toString(16) ?? '')
}

/**
 * Times were text once; such a session is looked for in an index. `commit` stays as it is, since a change of it would be
 * told to the subscribers.
 */
async function datesOfText(sessions: Collection<SessionDocument>): Promise<void> {
  const earlier = { created_at: { $type: 'string' } } as const
  const one = await sessions.findOne({ state: { $in: [...states] }, ...earlier }, { projection: { _id: 1 } })
  if (!one) return
  await sessions.updateMany(earlier, [
    {
      $set: {
        created_at: { $toDate: '$created_at' },
        updated_at: { $toDate: '$updated_at' },
        transitions: toDate('transitions', 'at'),
        results: toDate('results', 'computed_at'),
        shares: toDate('shares', 'expires_at'),
        keys: toDate('keys', 'at'),
        writes: '$$REMOVE',
      },
    },
  ])
}

/**
 * What sessions are put in order by was not stated once. Set by itself in the commit it is told to no subscriber: what is told is
 * a commit that is set whole.
 */
async function unsorted(sessions: Collection<SessionDocument>): Promise<void> {
  const earlier = { state: { $in: [...restingStates] }, [sortingField('currency')]: null } as const
  const one = await sessions.findOne(earlier, { projection: { _id: 1 }, hint: sortingKey })
  if (one)
    await sessions.updateMany(earlier, [{ $set: { 'commit.sorting': lastResultsSorting } }], { hint: sortingKey })
}

/** The keys of starts stood in a collection beside their sessions. */
async function startsOfTheirOwn(db: Db): Promise<void> {
  if (!(await db.listCollections({ name: 'starts' }).hasNext())) return
  const start = { key: '$_id', request: '$request', at: { $toDate: '$at' } }
  await db
    .collection('starts')
    .aggregate([
      { $project: { _id: '$session.session_id', start } },
      { $merge: { into: 'sessions', whenMatched: 'merge', whenNotMatched: 'discard' } },
    ])
    .toArray()
  await db.collection('starts').drop()
}
