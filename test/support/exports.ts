import type { EmbeddedStore } from '../../src/db/embedded/embedded-store'
import type { MongoStore } from '../../src/db/mongo/mongo-store'
import type { Store } from '../../src/db/store'

/**
 * Counts the exports that occupy resources: cursors of the MongoDB server, or databases attached beside the embedded
 * file.
 */
export async function exportsHeld(store: Store): Promise<number> {
  if (!('client' in store)) {
    const databases = (store as EmbeddedStore).db.pragma('database_list') as { name: string }[]
    return databases.filter(({ name }) => name.startsWith('export_')).length
  }
  const { client, db } = store as MongoStore
  const ns = `${db.databaseName}.sessions`
  const ofExports = { ns, type: 'idleCursor', 'cursor.originatingCommand.readConcern.level': 'snapshot' }
  const pipeline = [{ $currentOp: { idleCursors: true } }, { $match: ofExports }]
  const { cursor } = await client.db('admin').command({ aggregate: 1, pipeline, cursor: {} })
  return cursor.firstBatch.length
}
