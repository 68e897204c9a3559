// This folder contains the MongoDB store, which any number of processes can share. The store contains no business
// rules: it only compares session versions.

import type { Db, MongoClient } from 'mongodb'
import type { Store, StorePart, StoreParts } from '../store'
import { MongoConnection } from './connection'
import { MongoErasures } from './erasures'
import { MongoLists } from './lists'
import { MongoLog } from './log'
import { MongoSessions } from './sessions'
import { MongoViews } from './views'

/**
 * Stores sessions in MongoDB. Each session is one document, written by compare-and-set on its version, with majority
 * write concern. Until the store has opened, all operations throw `unavailable`. At most `operationsLimit` operations
 * wait for MongoDB, however slow it is.
 */
export interface MongoStore extends Store {
  readonly client: MongoClient
  readonly db: Db
  /** Throws the same errors as `prepareDatabase`. */
  open(): Promise<void>
}

interface MongoOptions {
  parts?: Record<string, (connection: MongoConnection) => StorePart>
}

/** Creates the store without connecting. Throws StartupError if the URI is invalid. */
export function mongoStore(uri: string, { parts = {} }: MongoOptions = {}): MongoStore {
  const connection = new MongoConnection(uri)
  const { client, db } = connection
  const views = new MongoViews(connection, db)
  const sessions = new MongoSessions(db, views, connection.parts)
  const lists = new MongoLists(db, sessions)
  const made = Object.entries(parts).map(([name, make]) => [name, make(connection)] as const)
  connection.parts.push(...made.map(([, part]) => part))
  const erasures = new MongoErasures(connection)
  const log = new MongoLog({
    database: db.databaseName,
    client,
    followClient: connection.followClient,
    erasures,
    prepareSessions: () => connection.prepare(),
  })
  const { eraseMentor } = connection.admitting(erasures)
  const admittedLists = connection.admitting(lists)
  return {
    ...(Object.fromEntries(made.map(([name, part]) => [name, connection.admitting(part)])) as unknown as StoreParts),
    client,
    db,
    get identity() {
      return connection.identity
    },
    get secret() {
      return connection.secret
    },
    sessions: connection.admitting(sessions),
    lists: admittedLists,
    log: {
      history: (after, limit, filter) => log.history(after, limit, filter),
      async follow(follower) {
        await connection.open()
        await log.follow(follower)
      },
    },
    views: connection.admitting(views),
    export: admittedLists.export,
    eraseMentor,
    open: () => connection.open(),
    ping: () => connection.ping(),
    end: () => connection.end(() => log.end()),
  }
}
