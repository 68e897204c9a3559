import { randomBytes } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { decide, parseCommand, start as started, startSchema } from '../../dist/src/domain/decide.js'
import { DomainError, valid } from '../../dist/src/domain/errors.js'
import { changingMembers, evolve, snapshotMembers } from '../../dist/src/domain/session.js'
import { calculate } from '../../dist/src/domain/time-value.js'
import { timestamp } from '../../dist/src/domain/timestamp.js'

// The use cases as they are usually written with the driver: one query per read, one insert per start, and one update
// per dispatch, with compare-and-set on the version. Checks and decisions use this project's domain.

const client = new MongoClient(process.env.MONGODB_URI, { writeConcern: { w: 'majority' }, minPoolSize: 64 })
const sessions = client.db().collection('sessions')
await sessions.createIndex({ created_at: -1, _id: -1 })

const idTaken = 11000
const newId = kind => `${kind}_${randomBytes(4).toString('hex')}`
const snapshot = { _id: 0, ...Object.fromEntries(snapshotMembers.map(name => [name, 1])) }

export async function find(id) {
  const found = await sessions.findOne({ _id: id }, { projection: snapshot })
  if (!found) throw new DomainError('session_not_found')
  return found
}

export const list = limit =>
  sessions.find({}, { projection: snapshot }).sort({ created_at: -1, _id: -1 }).limit(limit).toArray()

export const count = () => sessions.countDocuments({}, { hint: '_id_' })

export async function start(body) {
  const stated = valid(startSchema, body)
  for (;;) {
    const { session, changes } = started(stated, newId('session'), timestamp(new Date()))
    const transitions = changes.map(change => change.transition)
    try {
      await sessions.insertOne({ _id: session.session_id, ...session, transitions, results: [] })
      return session
    } catch (error) {
      if (error.code !== idTaken) throw error
    }
  }
}

export async function dispatch(id, body) {
  const command = parseCommand(body)
  for (;;) {
    const session = await sessions.findOne({ _id: id }, { projection: { _id: 0, transitions: 0, results: 0 } })
    if (!session) throw new DomainError('session_not_found')
    const now = timestamp(new Date())
    const means = { now, calculate, newResultId: () => newId('calc'), newToken: () => newId('share') }
    const changes = decide(session, command, means)
    if (changes.length === 0) return session
    const after = changes.reduce(evolve, session)
    const { result, last_inputs, shares } = after
    const changed = Object.fromEntries(changingMembers.map(name => [name, after[name]]))
    const transitions = { $each: changes.map(change => change.transition) }
    const results = { $each: changes.flatMap(change => change.result ?? []) }
    const update = { $set: { ...changed, result, last_inputs, shares }, $push: { transitions, results } }
    const { matchedCount } = await sessions.updateOne({ _id: id, version: session.version }, update)
    if (matchedCount === 1) return after
  }
}
