import { isDeepStrictEqual } from 'node:util'
import type { Collection, Db, Document } from 'mongodb'
import type { Signal } from '../../concurrency/deadline'
import type { MongoConnection } from '../../db/mongo/connection'
import type { SessionDocument } from '../../db/mongo/documents'
import { byNewest, labelOf, queryOf, sortField } from '../../db/mongo/indexes'
import { reachStore, retryRead, runWrite } from '../../db/mongo/operations'
import type { Filter } from '../../domain/list-query'
import { minuteMs } from '../../domain/timestamp'
import type { SessionSearch } from './store'
import { indexedWords, searchFields } from './words'

/** Number of stored sessions that are indexed at once. */
const sessionsPerFillStep = 500

const index = { key: { search: 1 }, sparse: true } as const
const beginningWith = (word: string) => ({ $elemMatch: { $gte: word, $lt: `${word}\u{10ffff}` } })

/** Progress of filling the index. */
interface FillingDocument {
  _id: 'filling'
  /** Time when the filling began. */
  began: Date
  /** Id of the last indexed session. */
  after: string
  /** Whether all sessions are indexed. */
  isFilled: boolean
}

/** Maximum duration of an upgrade, in which processes of version 1.2 change sessions without updating the index. */
const upgradeMs = 86_400_000

type FilledDocument = Pick<SessionDocument, '_id' | 'mentor_id' | 'organisation_id' | 'state' | 'sort'> & {
  search?: string[]
}

/** Stores each session's words in the session's document, in the field `search`, which a multikey index covers. */
export class MongoSearch implements SessionSearch {
  readonly fields = searchFields
  readonly #db: Db
  readonly #sessions: Collection<SessionDocument>
  readonly #filling: Collection<FillingDocument>

  constructor({ db }: MongoConnection) {
    this.#db = db
    this.#sessions = db.collection('sessions')
    this.#filling = db.collection('search')
  }

  /** Creates the index. */
  async prepare(): Promise<void> {
    await this.#sessions.createIndexes([index])
  }

  /** Several processes can fill the index at the same time, because they write the same words. */
  async fill(signal: Signal): Promise<void> {
    const filling = await retryRead(signal => this.#filling.findOne({ _id: 'filling' }, { signal }))
    const { isFilled = false, began = new Date() } = filling ?? {}
    if (isFilled && Date.now() - began.getTime() > upgradeMs) return
    // Once all sessions are indexed, only those that were changed since then can have outdated words.
    const changed = isFilled ? { updated_at: { $gte: new Date(began.getTime() - minuteMs) } } : {}
    let after = isFilled ? '' : (filling?.after ?? '')
    while (!signal.aborted) {
      const last = await this.#fillStep({ ...changed, _id: { $gt: after } })
      if (!isFilled) {
        const progress = { after: last ?? after, isFilled: last === undefined }
        const u = { $max: progress, $min: { began } }
        await runWrite(this.#db, { update: 'search', updates: [{ q: { _id: 'filling' }, u, upsert: true }] })
      }
      if (last === undefined) return
      after = last
    }
  }

  /** Indexes the next matching sessions. Returns the last session's id, or undefined if no session matches. */
  async #fillStep(matching: Document): Promise<string | undefined> {
    const projection = { mentor_id: 1, organisation_id: 1, state: 1, search: 1, [sortField('label')]: 1 }
    const options = { projection, sort: { _id: 1 }, limit: sessionsPerFillStep } as const
    const documents = await retryRead(signal =>
      this.#sessions.find<FilledDocument>(matching, { ...options, signal }).toArray(),
    )
    const updates = documents.flatMap(({ _id, mentor_id, organisation_id, state, sort, search }) => {
      const label = state === 'closed' ? null : labelOf(sort)
      const words = indexedWords({ label, mentor_id, organisation_id })
      if (isDeepStrictEqual(words, search ?? [])) return []
      // Skip a session that has changed since it was read.
      const isLabel = state !== 'closed' && { [sortField('label')]: label ?? '' }
      const unchanged = { _id, state, mentor_id, organisation_id, ...isLabel }
      return [{ q: unchanged, u: words.length > 0 ? { $set: { search: words } } : { $unset: { search: '' } } }]
    })
    if (updates.length > 0) await runWrite(this.#db, { update: 'sessions', updates })
    return documents.at(-1)?._id
  }

  /**
   * MongoDB chooses between two kinds of plan by trying them: it scans the index of words for one of the words and
   * sorts the matches, or it scans the newest sessions until it has enough matches. The first is fast if one of the words is rare, the
   * second if all words are common.
   */
  async matches(filter: Filter, words: readonly string[], limit: number): Promise<string[]> {
    const query = queryOf(filter)
    if (!query) return []
    const selected = { ...query, search: { $all: words.map(beginningWith) } } as Document
    const options = { projection: { _id: 1 }, sort: byNewest, limit } as const
    const documents = await reachStore(signal => this.#sessions.find(selected, { ...options, signal }).toArray())
    return documents.map(({ _id }) => _id)
  }
}
