import { type BSON, type Collection, type Db, MongoServerError } from 'mongodb'
import { StartupError } from '../../domain/errors'

/**
 * Version of the document layout that this program writes. A database stores its own version in the collection
 * `layout`.
 */
const layoutVersion = 1

/** The version, stored beside the sessions in a collection of its own. */
interface LayoutDocument {
  _id: 'sessions'
  version: number
  /** When the sessions were restored from a copy in a way that keeps the collection's id. An operator sets it. */
  restored?: Date
}

const layouts = (db: Db): Collection<LayoutDocument> => db.collection('layout')

/**
 * Throws StartupError if a later program has written to the database. Otherwise stores the version.
 *
 * To change the documents, raise `layoutVersion` and convert those of the previous version here.
 */
export async function requireLayout(db: Db): Promise<void> {
  const found = await layouts(db).findOne({ _id: 'sessions' })
  if (found && found.version > layoutVersion) {
    throw new StartupError(
      `The database ${db.databaseName} was written by a later version of this program: start that version, ` +
        'or name another database in MONGODB_URI.',
    )
  }
  const version = { $max: { version: layoutVersion } }
  await layouts(db)
    .updateOne({ _id: 'sessions' }, version, { upsert: true })
    .catch(error => {
      // If two processes insert it at once, MongoDB refuses one of them.
      if (!(error instanceof MongoServerError && error.code === duplicateKeyCode)) throw error
    })
}

const duplicateKeyCode = 11000

/** Returns the id of the sessions' history. It changes if the sessions are dropped and created again, or restored. */
export async function historyId(db: Db): Promise<string> {
  const [sessions] = await db.listCollections({ name: 'sessions' }).toArray()
  const made = (sessions as { info?: { uuid?: BSON.UUID } }).info?.uuid?.toString('hex') ?? db.databaseName
  const found = await layouts(db).findOne({ _id: 'sessions' })
  return made + (found?.restored?.getTime().toString(16) ?? '')
}
