import { type BSON, type Collection, type Db, type MongoClientOptions, MongoServerError } from 'mongodb'
import { StartupError, unavailable } from '../../domain/errors'
import { byLastChange, byNewest, sortIndex } from './documents'
import { isDuplicateKey, isUnreachable } from './operations'
import { requireReplicaSet } from './replica-set'

/**
 * Version of the document layout that this program writes. A database stores its own version in the collection
 * `layout`.
 */
const layoutVersion = 1
const unauthorizedCode = 13

/** The version, stored beside the sessions in a collection of its own. */
interface LayoutDocument {
  _id: 'sessions'
  version: number
  /** When the sessions were restored from a copy in a way that keeps the collection's id. An operator sets it. */
  restored?: Date
}

const layouts = (db: Db): Collection<LayoutDocument> => db.collection('layout')

/**
 * Prepares the database, and returns the id of its history. Throws StartupError if MongoDB or the database does not meet
 * the requirements, and `unavailable` if it can't be reached now.
 */
export async function prepareDatabase(
  db: Db,
  uri: string,
  options: MongoClientOptions,
  byAge: boolean,
  signal: AbortSignal,
): Promise<string> {
  await requireReplicaSet(uri, options, signal)
  try {
    await requireLayout(db)
    await createIndexes(db, byAge)
    return await historyId(db)
  } catch (error) {
    if (error instanceof StartupError) throw error
    if (error instanceof MongoServerError && error.code === unauthorizedCode) {
      throw new StartupError(
        `The user in MONGODB_URI cannot read and write the database ${db.databaseName}: ` +
          'give it the role readWrite there.',
      )
    }
    throw isUnreachable(error) ? unavailable(error) : error
  }
}

/**
 * Throws StartupError if a later program has written to the database. Otherwise stores the version.
 *
 * To change the documents, raise `layoutVersion` and convert those of the previous version here.
 */
async function requireLayout(db: Db): Promise<void> {
  const layout = await layouts(db).findOne({ _id: 'sessions' })
  if (layout && layout.version > layoutVersion) {
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
      if (!isDuplicateKey(error)) throw error
    })
}

async function createIndexes(db: Db, byAge: boolean): Promise<void> {
  await db.collection('sessions').createIndexes([
    { key: { state: 1, ...byNewest } },
    { key: { mentor_id: 1, state: 1, ...byNewest } },
    { key: { organisation_id: 1, state: 1, ...byNewest } },
    { key: sortIndex },
    { key: { 'shares.token': 1 }, sparse: true },
    { key: { 'start.key': 1 }, sparse: true, unique: true },
    { key: { purge_at: 1 }, expireAfterSeconds: 0 },
    // Only on request, because every write of a session has to update it.
    ...(byAge ? [{ key: byLastChange }] : []),
  ])
}

/** Returns the id of the sessions' history. It changes if the sessions are dropped and created again, or restored. */
async function historyId(db: Db): Promise<string> {
  const [sessions] = await db.listCollections({ name: 'sessions' }).toArray()
  const created = (sessions as { info?: { uuid?: BSON.UUID } }).info?.uuid?.toString('hex') ?? db.databaseName
  const layout = await layouts(db).findOne({ _id: 'sessions' })
  return created + (layout?.restored?.getTime().toString(16) ?? '')
}
