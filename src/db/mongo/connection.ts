import os from 'node:os'
import { type Db, type Document, MongoClient, type MongoClientOptions, MongoServerSelectionError } from 'mongodb'
import { CannotStart } from '../../domain/errors'
import { newestFirst } from './documents'
import { carryOver, historyId, refuseLaterLayout } from './layout'
import { byAgeKey } from './untouched'
import { majorityTimeoutMs } from './writes'

/** How long an operation waits for a primary: longer than an election, so that a failover delays and does not fail. */
const selectionTimeoutMs = 15_000
const startTimeoutMs = 5_000
/** MongoDB 5.0 reads as of a time outside of transactions: https://www.mongodb.com/docs/manual/reference/read-concern-snapshot/ */
const snapshotsWireVersion = 13
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

export interface MongoConnection {
  client: MongoClient
  /** For the change stream alone. */
  followClient: MongoClient
  db: Db
  /** Names the history of the sessions. */
  identity: string
}

/** Connects, refuses what is not a replica set or sharded cluster of MongoDB 5.0 or later, and makes the indexes. */
export async function connect(uri: string, byAge: boolean): Promise<MongoConnection> {
  let client: MongoClient
  let followClient: MongoClient
  try {
    client = new MongoClient(uri, { ...clientOptions, serverSelectionTimeoutMS: selectionTimeoutMs })
    followClient = new MongoClient(uri, { ...clientOptions, ...followOptions })
  } catch (error) {
    throw new CannotStart(`MONGODB_URI is not a MongoDB connection string: ${(error as Error).message}.`)
  }
  try {
    const db = /^[^/]+\/\/[^/]+\/[^?]/.test(uri) ? client.db() : client.db('benefit_sessions')
    await requireReplicaSet(uri)
    await refuseLaterLayout(db)
    await makeIndexes(db, byAge)
    await carryOver(db)
    return { client, followClient, db, identity: await historyId(db) }
  } catch (error) {
    await Promise.all([client.close(), followClient.close()])
    throw error
  }
}

async function makeIndexes(db: Db, byAge: boolean): Promise<void> {
  await db.collection('sessions').createIndexes([
    { key: { state: 1, ...newestFirst } },
    { key: { mentor_id: 1, state: 1, ...newestFirst } },
    { key: { organisation_id: 1, state: 1, ...newestFirst } },
    { key: { 'shares.token': 1 }, sparse: true },
    { key: { 'start.key': 1 }, sparse: true, unique: true },
    { key: { purge_at: 1 }, expireAfterSeconds: 0 },
    // Every write of a session pays for it.
    ...(byAge ? [{ key: byAgeKey }] : []),
  ])
}

/** The kinds of the servers that were met where none could be used. */
const found = ({ reason }: MongoServerSelectionError): string[] =>
  [...(reason?.servers.values() ?? [])].map(({ type }) => type)

/** By a client of its own: what `timeoutMS` of a command bounds does not include the first connection. */
async function requireReplicaSet(uri: string): Promise<void> {
  const client = new MongoClient(uri, { ...clientOptions, serverSelectionTimeoutMS: startTimeoutMs })
  const hosts = client.options.hosts.map(String).join(', ')
  const asked = client.db('admin').command({ hello: 1 })
  const hello: Document = await asked
    .finally(() => client.close())
    .catch((error: Error) => {
      if (error instanceof MongoServerSelectionError && found(error).includes('RSGhost')) return { isreplicaset: true }
      throw new CannotStart(
        `MongoDB at ${hosts} cannot be reached (${error.message}): start it, or correct MONGODB_URI.`,
      )
    })
  if (hello.maxWireVersion < snapshotsWireVersion) {
    throw new CannotStart(`MongoDB at ${hosts} is older than 5.0: take that or a later one.`)
  }
  if (hello.isreplicaset) {
    throw new CannotStart(
      `MongoDB at ${hosts} was started for a replica set that does not have it yet: run rs.initiate() once in mongosh, ` +
        'or rs.add() on the primary of a set that it is to join.',
    )
  }
  if (client.options.directConnection && hello.setName !== undefined && !hello.isWritablePrimary) {
    throw new CannotStart(
      `MongoDB at ${hosts} is not the primary of ${hello.setName}, and directConnection keeps to it: ` +
        'leave directConnection out of MONGODB_URI.',
    )
  }
  if (hello.setName === undefined && hello.msg !== 'isdbgrid') {
    throw new CannotStart(
      `MongoDB at ${hosts} is a standalone server, and change streams need a replica set: ` +
        'start it with --replSet rs0 and run rs.initiate() once in mongosh.',
    )
  }
}
