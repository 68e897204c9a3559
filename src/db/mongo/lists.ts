import type { Collection, Db, Document } from 'mongodb'
import type { Filter } from '../../domain/list-query'
import { isAmount } from '../../domain/order'
import type { LinkPosition, SharedLink } from '../../domain/shared-link'
import type { SortKey } from '../../domain/sort-key'
import { dayMs, type Timestamp, timestamp } from '../../domain/timestamp'
import { type SortKeyRange, sortedPage } from '../sorted-page'
import type {
  ExportedSession,
  ListedSession,
  ListPage,
  OtherOrder,
  SessionLists,
  SortedPage,
  SortedSessions,
} from '../store'
import { daysOfFirstShares } from '../upcasting'
import {
  currentResultFields,
  currentResultOf,
  type SessionDocument,
  type ShareDocument,
  shareOf,
  snapshotFields,
  snapshotOf,
} from './documents'
import {
  byNewest,
  byOldest,
  externalIdIndex,
  linksIndex,
  mentorIndex,
  newestIndex,
  noCurrency,
  organisationIndex,
  queryOf,
  sortField,
  sortIndex,
} from './indexes'
import { reachStore, streamFromStore } from './operations'
import type { MongoSessions } from './sessions'

/** Number of sessions in an export batch. A batch blocks the event loop for 1 to 2 ms. */
const exportBatchSize = 100
/** Time in ms for which a MongoDB server keeps a snapshot: the default of `minSnapshotHistoryWindowInSeconds`. */
const snapshotMs = 300_000

const exportedFields = { ...snapshotFields, ...currentResultFields }

const exportedOf = (document: SessionDocument): ExportedSession =>
  Object.assign(snapshotOf(document), { result: currentResultOf(document) })

export class MongoLists implements SessionLists {
  readonly #sessions: Collection<SessionDocument>
  readonly #single: MongoSessions

  constructor(db: Db, single: MongoSessions) {
    this.#sessions = db.collection('sessions')
    this.#single = single
  }

  async list(filter: Filter, page: ListPage): Promise<ListedSession[]> {
    const query = queryOf(filter)
    if (!query) return []
    const { fromEnd: isReversed = false, withResults = false } = page
    if ('after' in page && page.after) {
      const { session_id } = page.after
      const created_at = new Date(page.after.created_at)
      const operator = isReversed ? '$gt' : '$lt'
      query.created_at = { [`${operator}e`]: created_at }
      query.$or = [{ created_at: { [operator]: created_at } }, { _id: { [operator]: session_id } }]
    }
    const documents = await reachStore(signal =>
      this.#sessions
        .find(query, { projection: withResults ? exportedFields : snapshotFields, ...hintFor(filter), signal })
        .sort(isReversed ? byOldest : byNewest)
        .skip('offset' in page ? page.offset : 0)
        .limit(page.limit)
        .toArray(),
    )
    const sessions: ListedSession[] = documents.map(withResults ? exportedOf : snapshotOf)
    return isReversed ? sessions.reverse() : sessions
  }

  sorted(filter: Filter, order: OtherOrder, page: SortedPage): Promise<SortedSessions> {
    return sortedPage(filter, page, {
      sortKeys: range => this.#sortKeys(filter, order, range),
      sessions: ids =>
        Promise.all(ids.map(id => (page.withResults ? this.#single.withResult(id) : this.#single.snapshot(id)))),
    })
  }

  async #sortKeys(filter: Filter, order: OtherOrder, { haveKey, limit, after }: SortKeyRange): Promise<SortKey[]> {
    const selected = queryOf(filter)
    const condition = keyed(order)
    if (!selected || (!haveKey && !condition)) return []
    const field = sortKeyField(order)
    const direction = order.descending ? -1 : 1
    // Replace null by "no text", because with a condition on null, MongoDB would also read the documents.
    if (filter.organisation_id === null) selected.organisation_id = { $not: { $gte: '' } }
    const conditions = [selected, ...(condition ? [haveKey ? condition : negated(condition)] : [])]
    // Add a condition on the index's first field, because without one, MongoDB would read the documents.
    if (order.by === 'mentor_id') conditions.push({ mentor_id: { $gte: '' } })
    if (after && !haveKey) conditions.push({ _id: following(order, after.session_id) })
    const ranges = after && haveKey ? beyond(order, field, after) : [{}]
    const documents = await reachStore(signal =>
      this.#sessions
        .find({ $or: ranges.map(range => ({ $and: [...conditions, range] })) } as Document, {
          projection: haveKey ? { [field]: 1 } : { _id: 1 },
          sort: { ...(haveKey && { [field]: direction }), _id: direction },
          limit,
          hint: indexFor(filter, order),
          readConcern: { level: 'snapshot' },
          signal,
        })
        .toArray(),
    )
    return documents.map(document => ({ key: haveKey ? keyIn(document, field) : null, session_id: document._id }))
  }

  async count(filter: Filter): Promise<number> {
    const query = queryOf(filter)
    return query ? reachStore(signal => this.#sessions.countDocuments(query, { ...hintFor(filter), signal })) : 0
  }

  /** Implements `Store.sharedLinks`. Finds the sessions through the index of share links or of external ids. */
  async sharedLinks(
    filter: Filter,
    now: Timestamp,
    { limit, after }: { limit: number; after?: LinkPosition },
  ): Promise<SharedLink[]> {
    const query = queryOf(filter)
    if (!query) return []
    const since = new Date(now)
    const pipeline = [
      { $match: { ...query, 'shares.expires_at': { $gt: since } } },
      { $project: { ...snapshotFields, share: '$shares' } },
      { $unwind: '$share' },
      { $match: { 'share.expires_at': { $gt: since }, 'share.revoked': false } },
      { $set: { made_at: madeAt } },
      ...(after ? [{ $match: { $or: linksAfter(after) } }] : []),
      { $sort: { made_at: -1, _id: -1, 'share.result_id': -1 } },
      { $limit: limit },
    ]
    const hint = filter.external_id === undefined ? linksIndex : externalIdIndex
    const documents = await reachStore(signal =>
      this.#sessions.aggregate<SessionDocument & { share: ShareDocument }>(pipeline, { hint, signal }).toArray(),
    )
    return documents.map(document => ({ session: snapshotOf(document), share: shareOf(document.share) }))
  }

  async *export(filter: Filter, signal: AbortSignal): AsyncGenerator<ExportedSession[]> {
    const query = queryOf(filter)
    if (!query) return
    const options = {
      projection: exportedFields,
      sort: byNewest,
      ...hintFor(filter),
      batchSize: exportBatchSize,
      readConcern: { level: 'snapshot' },
    } as const
    const open = (abandoned: AbortSignal) =>
      this.#sessions.find(query, { ...options, signal: AbortSignal.any([signal, abandoned]) })
    for await (const batch of streamFromStore(open, snapshotMs)) {
      yield batch.map(exportedOf)
    }
  }
}

/** MongoDB expression that computes `madeAt`. */
const madeAt: Document = {
  $subtract: ['$share.expires_at', { $multiply: [{ $ifNull: ['$share.days', daysOfFirstShares] }, dayMs] }],
}

/** Returns the conditions for links that come after a position, one condition per index range. */
function linksAfter({ made_at: time, session_id: _id, result_id }: LinkPosition): Document[] {
  const made_at = new Date(time)
  return [
    { made_at: { $lt: made_at } },
    { made_at, _id: { $lt: _id } },
    { made_at, _id, 'share.result_id': { $lt: result_id } },
  ]
}

/**
 * Returns the index from which to read the sort keys. MongoDB must also read the documents if the filter has months or
 * an external id, or if it has a mentor and `mentorIndex` lacks the sort key.
 */
function indexFor(filter: Filter, { by }: OtherOrder) {
  const { mentor_id, organisation_id, external_id, months } = filter
  if (mentor_id !== undefined || external_id !== undefined || months) return selectiveIndex(filter)
  if (by !== 'mentor_id') return sortIndex
  return organisation_id === undefined ? mentorIndex : organisationIndex
}

/**
 * Returns the index that selects the fewest sessions. An external id has at most one session per organisation. Of the
 * other indexes, which are in list order, only `newestIndex` includes the month.
 */
function selectiveIndex({ mentor_id, organisation_id, external_id }: Filter) {
  if (external_id !== undefined) return externalIdIndex
  if (mentor_id !== undefined) return mentorIndex
  return organisation_id === undefined ? newestIndex : organisationIndex
}

/** Without external id and months, MongoDB chooses the right index for a list without a hint. */
const hintFor = (filter: Filter) =>
  filter.external_id !== undefined || filter.months ? { hint: selectiveIndex(filter) } : {}

const sortKeyField = ({ by }: OtherOrder): string => (by === 'updated_at' || by === 'mentor_id' ? by : sortField(by))

/** Returns the condition for sessions that have a sort key, or undefined if all sessions have this key. */
function keyed({ by, currency }: OtherOrder): Document | undefined {
  if (by === 'updated_at' || by === 'mentor_id') return undefined
  if (isAmount(by)) return { [sortField('currency')]: currency ?? noCurrency }
  return { [sortField(by)]: by === 'label' || by === 'period_to' ? { $gt: '' } : { $gte: 0 } }
}

const negated = (condition: Document): Document =>
  Object.fromEntries(
    Object.entries(condition).map(([name, value]) => [
      name,
      typeof value === 'string' ? { $ne: value } : { $not: value },
    ]),
  )

const following = ({ descending }: OtherOrder, value: unknown): Document => ({ [descending ? '$lt' : '$gt']: value })

/**
 * Returns two conditions, because MongoDB can answer each from the index alone. With a single combined condition,
 * MongoDB would also read the documents.
 */
function beyond(order: OtherOrder, field: string, { key, session_id }: SortKey): Document[] {
  const value = order.by === 'updated_at' ? new Date(String(key)) : key
  return [{ [field]: following(order, value) }, { [field]: value, _id: following(order, session_id) }]
}

function keyIn(document: Document, field: string): string | number {
  const value = field.split('.').reduce((within, name) => within[name], document) as unknown as string | number | Date
  return value instanceof Date ? timestamp(value) : value
}
