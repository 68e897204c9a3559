import type { EmbeddedStore } from '../../src/db/embedded/embedded-store'
import type { MongoStore } from '../../src/db/mongo/mongo-store'
import type { Store } from '../../src/db/store'
import { type Session, snapshotMembers } from '../../src/domain/session'

/** Inserts `count` copies of a stored session, with other ids and without commits. */
export async function multiply(store: Store, { session_id }: Session, count: number): Promise<void> {
  if ('client' in store) {
    const pipeline = [
      { $match: { _id: session_id } },
      { $set: { n: { $range: [0, count] } } },
      { $unwind: '$n' },
      { $set: { _id: { $concat: ['copy_', { $toString: '$n' }] } } },
      { $unset: 'n' },
      { $merge: 'sessions' },
    ]
    await (store as MongoStore).db.collection('sessions').aggregate(pipeline).toArray()
    return
  }
  const numbers = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`
  const others = snapshotMembers.filter(name => name !== 'session_id').join(', ')
  const { db } = store as EmbeddedStore
  db.exec(`
    ${numbers} INSERT INTO sessions (session_id, ${others}, calculations)
      SELECT 'copy_' || i, ${others}, calculations FROM n, sessions WHERE session_id = '${session_id}';
    ${numbers} INSERT INTO results (session_id, result_id, sequence, computed_at, body)
      SELECT 'copy_' || i, result_id, sequence, computed_at, body FROM n, results WHERE session_id = '${session_id}';
  `)
}
