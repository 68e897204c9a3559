import os from 'node:os'
import { type Db, MongoClient, type MongoClientOptions, MongoServerError } from 'mongodb'
import { CannotStart, unavailable } from '../../domain/errors'
import { newestFirst } from './documents'
import { unreachable } from './errors'
import { historyId, requireLayout } from './layout'
import { requireReplicaSet } from './probe'
import { sortingKey } from './sorting'
import { byAgeKey } from './untouched'
import { majorityTimeoutMs } from './writes'

/** How long an operation waits for a primary: longer than an election, so that a failover delays and does not fail. */
const selectionTimeoutMs = 15_000
export const readinessTimeoutMs = 1_500

const clientOptions: MongoClientOptions = {
  appName: 'benefit-sessions',
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  // A server that is frozen closes no connection: what waits on it goes on elsewhere when so many milliseconds have passed.
  connectTimeoutMS: 2_500,
  heartbeatFrequencyMS: 1_500,
  // Handed in, since the driver's own way to it, a dynamic import, is refused in a Jest sandbox.
  runtimeAdapters: { os },
  writeConcern: { w: 'majority', wtimeoutMS: majorityTimeoutMs },
}

// The client that follows the change stream gives a dead server up fast: nobody waits for an answer of it.
const followOptions: MongoClientOptions = { maxPoolSize: 4, serverSelectionTimeoutMS: 2_000 }

/** Nothing is connected before it is used. */
export interface MongoConnection {
  uri: string
  client: MongoClient
  /** For the change stream alone. */
  followClient: MongoClient
  db: Db
}

/** Throws CannotStart where the URI is none. */
export function connectionTo(uri: string): MongoConnection {
  try {
    const client = new MongoClient(uri, { ...clientOptions, serverSelectionTimeoutMS: selectionTimeoutMs })
    const followClient = new MongoClient(uri, { ...clientOptions, ...followOptions })
    const db = /^[^/]+\/\/[^/]+\/[^?]/.test(uri) ? client.db() : client.db('benefit_sessions')
    return { uri, client, followClient, db }
  } catch (error) {
    throw new CannotStart(`MONGODB_URI is not a MongoDB connection string: ${(error as Error).message}.`)
  }
}

/**
 * Makes the database what this program needs, and gives the id of its history. Throws CannotStart where MongoDB or what is
 * in it is not what it must be, and unavailable where it is not to be had for now.
 */
export async function prepared({ uri, db }: MongoConnection, byAge: boolean, signal: AbortSignal): Promise<string> {
  await requireReplicaSet(uri, clientOptions, signal)
  try {
    await requireLayout(db)
    await makeIndexes(db, byAge)
    return await historyId(db)
  } catch (error) {
    if (error instanceof CannotStart) throw error
    if (error instanceof MongoServerError && error.code === unauthorizedCode) {
      throw new CannotStart(
        `MongoDB lets the user of MONGODB_URI not read and write the database ${db.databaseName}: ` +
          'give that user the role readWrite there.',
      )
    }
    throw unreachable(error) ? unavailable(error) : error
  }
}

const unauthorizedCode = 13

async function makeIndexes(db: Db, byAge: boolean): Promise<void> {
  await db.collection('sessions').createIndexes([
    { key: { state: 1, ...newestFirst } },
    { key: { mentor_id: 1, state: 1, ...newestFirst } },
    { key: { organisation_id: 1, state: 1, ...newestFirst } },
    { key: sortingKey },
    { key: { 'shares.token': 1 }, sparse: true },
    { key: { 'start.key': 1 }, sparse: true, unique: true },
    { key: { purge_at: 1 }, expireAfterSeconds: 0 },
    // Every write of a session pays for it.
    ...(byAge ? [{ key: byAgeKey }] : []),
  ])
}
