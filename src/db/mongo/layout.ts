import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import {
  Binary,
  type BSON,
  type Collection,
  type Db,
  type Document,
  type MongoClientOptions,
  MongoServerError,
} from 'mongodb'
import { StartupError, unavailable } from '../../domain/errors'
import { type Store, secretBytes } from '../store'
import { versionRule } from './documents'
import {
  externalIdIndex,
  formerMentorIndex,
  hasExternalId,
  hasLinks,
  linksIndex,
  mentorIndex,
  newestIndex,
  organisationIndex,
  sortIndex,
} from './indexes'
import { isDuplicateKey, isUnreachable } from './operations'
import { requireReplicaSet } from './replica-set'

/** A database stores its version in the collection `layout`. */
export const layoutVersion = 1

const hasCode = (error: unknown, code: number): boolean => error instanceof MongoServerError && error.code === code
const isUnauthorized = (error: unknown): boolean => hasCode(error, 13)
const isNamespaceExists = (error: unknown): boolean => hasCode(error, 48)

interface LayoutDocument {
  _id: 'sessions'
  version: number
  /** Key that signs cursors (see `Store.secret`). */
  secret: Binary
  /** Set by version 1.2 and later. Without this field, version 1.0 or 1.1 wrote the database. */
  lists_signed: Date
  /** Time of a restore that kept the id of the sessions collection, as set by an operator after the restore. */
  restored?: Date
}

const layouts = (db: Db): Collection<LayoutDocument> => db.collection('layout')

export type PreparedDatabase = Pick<Store, 'identity' | 'secret'>

/** Throws StartupError if the requirements are not met, and `unavailable` if MongoDB can't be reached. */
export async function prepareDatabase({
  db,
  uri,
  options,
  prepare,
  signal,
}: {
  db: Db
  uri: string
  options: MongoClientOptions
  prepare(): Promise<void>
  signal: AbortSignal
}): Promise<PreparedDatabase> {
  await requireReplicaSet(uri, options, signal)
  try {
    const { secret } = await requireLayout(db)
    await prepare()
    return { identity: await historyId(db), secret: secret.buffer }
  } catch (error) {
    if (error instanceof StartupError) throw error
    if (isUnauthorized(error)) {
      throw new StartupError(
        `The user in MONGODB_URI cannot read and write the database ${db.databaseName}: ` +
          'give it the role readWrite in this database.',
      )
    }
    throw isUnreachable(error) ? unavailable(error) : error
  }
}

/**
 * Throws StartupError if a later version, or one before 1.2, wrote the database. The first process creates the secret.
 *
 * To change the documents, increment `layoutVersion`, and convert documents of the previous version here.
 */
async function requireLayout(db: Db): Promise<LayoutDocument> {
  const layout = await layouts(db).findOne({ _id: 'sessions' })
  if (layout && layout.version > layoutVersion) {
    throw new StartupError(
      `The database ${db.databaseName} was written by a later version of this program: start that version, ` +
        'or name another database in MONGODB_URI.',
    )
  }
  if (layout && !layout.lists_signed) {
    throw new StartupError(
      `The database ${db.databaseName} was written by version 1.0 or 1.1 of this program, which this version cannot ` +
        'read: start version 1.2 once with this database, or name another database in MONGODB_URI.',
    )
  }
  const secret = { $ifNull: ['$secret', new Binary(randomBytes(secretBytes))] }
  const lists_signed = { $ifNull: ['$lists_signed', new Date(0)] }
  const store = (): Promise<LayoutDocument | null> =>
    layouts(db).findOneAndUpdate(
      { _id: 'sessions' },
      [{ $set: { version: { $max: ['$version', layoutVersion] }, secret, lists_signed } }],
      { upsert: true, returnDocument: 'after' },
    )
  const stored = await store().catch(error => {
    // If two processes insert the document concurrently, MongoDB refuses one of the inserts.
    if (isDuplicateKey(error)) return store()
    throw error
  })
  return stored as LayoutDocument
}

export async function prepareSessions(db: Db): Promise<void> {
  await createSessions(db)
  await createIndexes(db)
}

/** Creates the collection with its validation rule, or adds the rule to the existing collection. */
async function createSessions(db: Db): Promise<void> {
  const rule = { validator: versionRule, validationLevel: 'strict', validationAction: 'error' }
  const find = () => db.listCollections({ name: 'sessions' }).next() as Promise<{ options?: Document } | null>
  const hasRule = (options: Document = {}): boolean =>
    isDeepStrictEqual(options.validator, rule.validator) &&
    (options.validationLevel ?? rule.validationLevel) === rule.validationLevel &&
    (options.validationAction ?? rule.validationAction) === rule.validationAction

  if (!(await find())) {
    await db.command({ create: 'sessions', ...rule }).catch(error => {
      if (!isNamespaceExists(error)) throw error
    })
  }
  if (hasRule((await find())?.options)) return
  await db.command({ collMod: 'sessions', ...rule }).catch(error => {
    if (!isUnauthorized(error)) throw error
    throw new StartupError(
      `The collection sessions of the database ${db.databaseName} lacks the rule that rejects conflicting writes. ` +
        'Give the user in MONGODB_URI the role dbAdmin in this database for one start, so that this program can add the rule.',
    )
  })
}

async function createIndexes(db: Db): Promise<void> {
  await db.collection('erasures').createIndex({ until: 1 })
  await db.collection('views').createIndex({ expires_at: 1 }, { expireAfterSeconds: 0 })
  await db
    .collection('sessions')
    .createIndexes([
      { key: newestIndex },
      { key: mentorIndex },
      { key: organisationIndex },
      { key: sortIndex },
      { key: { 'shares.token': 1 }, sparse: true },
      { key: linksIndex, partialFilterExpression: hasLinks },
      { key: formerMentorIndex, sparse: true },
      { key: externalIdIndex, partialFilterExpression: hasExternalId, unique: true },
      { key: { 'start.key': 1 }, sparse: true, unique: true },
      { key: { purge_at: 1 }, expireAfterSeconds: 0 },
    ])
}

/** Returns the id of the log, which changes if the sessions collection is dropped and created again, or restored. */
async function historyId(db: Db): Promise<string> {
  const [sessions] = await db.listCollections({ name: 'sessions' }).toArray()
  const created = (sessions as { info?: { uuid?: BSON.UUID } }).info?.uuid?.toString('hex') ?? db.databaseName
  const layout = await layouts(db).findOne({ _id: 'sessions' })
  return created + (layout?.restored?.getTime().toString(16) ?? '')
}
