import type { Collection } from 'mongodb'
import type { ExportedSession, Filter } from '../store'
import {
  newestFirst,
  resultIn,
  type SessionDocument,
  selection,
  sessionFields,
  snapshotFields,
  snapshotOf,
} from './documents'
import { streamFromStore } from './errors'

/** Sessions in one batch: a millisecond or two of the event loop. */
const batchSize = 100
/** How long a server keeps a snapshot (the default of minSnapshotHistoryWindowInSeconds). */
const momentMs = 300_000

const options = {
  projection: { ...snapshotFields, results: sessionFields.results },
  sort: newestFirst,
  batchSize,
  readConcern: { level: 'snapshot' },
} as const

/** See Store.export. */
export async function* exported(
  sessions: Collection<SessionDocument>,
  filter: Filter,
  signal: AbortSignal,
): AsyncGenerator<ExportedSession[]> {
  const selected = selection(filter)
  if (!selected) return
  const open = (abandoned: AbortSignal) =>
    sessions.find(selected, { ...options, signal: AbortSignal.any([signal, abandoned]) })
  for await (const batch of streamFromStore(open, momentMs)) {
    yield batch.map(document => Object.assign(snapshotOf(document), { result: resultIn(document) }))
  }
}
