import type { Collection, Db, Document } from 'mongodb'
import { states } from '../../domain/session'
import type { SessionDocument } from './documents'

const toDate = (array: string, name: string): Document => ({
  $map: { input: `$${array}`, in: { $mergeObjects: ['$$this', { [name]: { $toDate: `$$this.${name}` } }] } },
})

/** Makes of an earlier layout what this program knows, and goes on where that was cut off. */
export async function carryOver(db: Db): Promise<void> {
  await datesOfText(db.collection('sessions'))
  await startsOfTheirOwn(db)
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
