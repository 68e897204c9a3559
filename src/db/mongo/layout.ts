import { type BSON, type Collection, type Db, MongoServerError } from 'mongodb'
import { CannotStart } from '../../domain/errors'

/** The layout of the documents that this program writes. A database states its own in the collection `layout`. */
const layoutVersion = 1

/** Stands beside the sessions, in a collection of its own. */
interface LayoutDocument {
  _id: 'sessions'
  version: number
  /** When the sessions were put back from a copy, where that keeps the collection's id: an operator says so. */
  restored?: Date
}

const layouts = (db: Db): Collection<LayoutDocument> => db.collection('layout')

/**
 * Throws CannotStart where a later program has written to the database. States the layout otherwise.
 *
 * To change the documents, raise `layoutVersion` and convert those of the version before here.
 */
export async function requireLayout(db: Db): Promise<void> {
  const found = await layouts(db).findOne({ _id: 'sessions' })
  if (found && found.version > layoutVersion) {
    throw new CannotStart(
      `The database ${db.databaseName} was written by a later version of this program: start that one, ` +
        'or name another database in MONGODB_URI.',
    )
  }
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
