import os from 'node:os'
import { type Db, MongoClient, type MongoClientOptions, MongoServerError } from 'mongodb'
import { StartupError, unavailable } from '../../domain/errors'
import { majorityTimeoutMs } from './batched-writes'
import { newestFirst } from './documents'
import { unreachable } from './errors'
import { idleIndex } from './idle-sessions'
import { historyId, requireLayout } from './layout'
import { requireReplicaSet } from './replica-set'
import { sortIndex } from './sort-fields'

/**
 * How long an operation waits for a primary: longer than an election, so that a failover delays it but does not fail
 * it.
 */
const selectionTimeoutMs = 15_000
export const readinessTimeoutMs = 1_500

const clientOptions: MongoClientOptions = {
  appName: 'benefit-sessions',
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  // A frozen server closes no connection. After these times, operations that wait for it continue on another server.
  connectTimeoutMS: 2_500,
  heartbeatFrequencyMS: 1_500,
  // Passed in, because the driver would load it by a dynamic import, which a Jest sandbox refuses.
  runtimeAdapters: { os },
  writeConcern: { w: 'majority', wtimeoutMS: majorityTimeoutMs },
}

// The client of the change stream gives up a dead server quickly, because no request waits for it.
const followOptions: MongoClientOptions = { maxPoolSize: 4, serverSelectionTimeoutMS: 2_000 }

/** Clients of a database. Each connects when it is first used. */
export interface MongoConnection {
  uri: string
  client: MongoClient
  /** Used only for the change stream. */
  followClient: MongoClient
  db: Db
}

/** Creates the clients. Throws StartupError if the URI is invalid. */
export function connectionTo(uri: string): MongoConnection {
  try {
    const client = new MongoClient(uri, { ...clientOptions, serverSelectionTimeoutMS: selectionTimeoutMs })
    const followClient = new MongoClient(uri, { ...clientOptions, ...followOptions })
    const db = /^[^/]+\/\/[^/]+\/[^?]/.test(uri) ? client.db() : client.db('benefit_sessions')
    return { uri, client, followClient, db }
  } catch (error) {
    throw new StartupError(`MONGODB_URI is not a MongoDB connection string: ${(error as Error).message}.`)
  }
}

/**
 * Prepares the database, and returns the id of its history. Throws StartupError if MongoDB or the database does not meet
 * the requirements, and `unavailable` if it can't be reached now.
 */
export async function prepared({ uri, db }: MongoConnection, byAge: boolean, signal: AbortSignal): Promise<string> {
  await requireReplicaSet(uri, clientOptions, signal)
  try {
    await requireLayout(db)
    await makeIndexes(db, byAge)
    return await historyId(db)
  } catch (error) {
    if (error instanceof StartupError) throw error
    if (error instanceof MongoServerError && error.code === unauthorizedCode) {
      throw new StartupError(
        `The user in MONGODB_URI cannot read and write the database ${db.databaseName}: ` +
          'give it the role readWrite there.',
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
    { key: sortIndex },
    { key: { 'shares.token': 1 }, sparse: true },
    { key: { 'start.key': 1 }, sparse: true, unique: true },
    { key: { purge_at: 1 }, expireAfterSeconds: 0 },
    // Only on request, because every write of a session has to update it.
    ...(byAge ? [{ key: idleIndex }] : []),
  ])
}
