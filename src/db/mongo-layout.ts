import type { Collection, Document } from 'mongodb'
import { states } from '../domain/session'
import type { SessionDocument } from './mongo-documents'

const toDate = (array: string, name: string): Document => ({
  $map: { input: `$${array}`, in: { $mergeObjects: ['$$this', { [name]: { $toDate: `$$this.${name}` } }] } },
})

/**
 * Makes dates of the times of sessions from an earlier layout, which kept them as text; looks for such in an index, and
 * goes on where it was cut off. `commit` stays as it is, since a change of it would be told to the subscribers.
 */
export async function carryOver(sessions: Collection<SessionDocument>): Promise<void> {
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
