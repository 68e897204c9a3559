import { createHmac } from 'node:crypto'
import type { Collection, Db, Document } from 'mongodb'
import type { Share } from '../../domain/session'
import type { Timestamp } from '../../domain/timestamp'
import type { Store, ViewStore, Write } from '../store'
import type { SessionDocument } from './documents'
import { reachStore, retryRead, runWrite } from './operations'

/** A TTL index deletes the document when the link expires. */
interface ViewsDocument {
  /** Digest of the token, so that a view count that is saved after its link has ended reveals no link. */
  _id: string
  views: number
  expires_at: Date
}

export class MongoViews implements ViewStore {
  readonly #store: Pick<Store, 'secret'>
  readonly #db: Db
  readonly #sessions: Collection<SessionDocument>
  readonly #views: Collection<ViewsDocument>

  constructor(store: Pick<Store, 'secret'>, db: Db) {
    this.#store = store
    this.#db = db
    this.#sessions = db.collection('sessions')
    this.#views = db.collection('views')
  }

  #digestOf(token: string): string {
    return createHmac('sha256', this.#store.secret).update(`views ${token}`).digest('base64url')
  }

  async addViews(views: ReadonlyMap<string, number>, now: Timestamp): Promise<void> {
    const live = await this.#liveLinks([...views.keys()], now)
    const updates = live.map(({ token, expires_at }) => ({
      q: { _id: this.#digestOf(token) },
      // Never overwrite an expiry, because the expiry that was read here can be older than the expiry that `follow` has
      // set.
      u: { $inc: { views: views.get(token) }, $setOnInsert: { expires_at } },
      upsert: true,
    }))
    if (updates.length > 0) await runWrite(this.#db, { update: 'views', updates, ordered: false })
  }

  /** Returns the tokens whose links are live at `now`, each with its link's expiry. */
  async #liveLinks(tokens: string[], now: Timestamp): Promise<{ token: string; expires_at: Date }[]> {
    const isLive: Document[] = [
      { $in: ['$$this.token', { $literal: tokens }] },
      { $not: '$$this.revoked' },
      { $gt: ['$$this.expires_at', new Date(now)] },
    ]
    const projection = { shares: { $filter: { input: '$shares', cond: { $and: isLive } } } }
    const query = { 'shares.token': { $in: tokens }, state: { $ne: 'closed' } } as const
    const documents = await retryRead(signal => this.#sessions.find(query, { projection, signal }).toArray())
    return documents.flatMap(({ shares }) => shares)
  }

  async readViews(tokens: string[]): Promise<Map<string, number>> {
    const byDigest = new Map(tokens.map(token => [this.#digestOf(token), token]))
    const query = { _id: { $in: [...byDigest.keys()] } }
    const found = await reachStore(signal => this.#views.find(query, { signal }).toArray())
    return new Map(found.map(({ _id, views }) => [byDigest.get(_id) as string, views]))
  }

  /**
   * Updates the view counts after a write: deletes the counts of revoked links, and sets the new expiry of changed
   * links. The returned promise never rejects. If the update fails, the view counts keep their old expiry.
   */
  async follow({ session: { shares }, changes }: Write): Promise<void> {
    const changed = new Set(changes.flatMap(({ share }) => share?.token ?? []))
    const revoked = shares.filter(share => share.revoked).map(({ token }) => this.#digestOf(token))
    const deletes = [{ q: { _id: { $in: revoked } }, limit: 0 }]
    const updates = shares
      .filter(share => !share.revoked && changed.has(share.token))
      .map(share => this.#expiring(share))
    await Promise.allSettled([
      ...(revoked.length > 0 ? [runWrite(this.#db, { delete: 'views', deletes })] : []),
      ...(updates.length > 0 ? [runWrite(this.#db, { update: 'views', updates })] : []),
    ])
  }

  #expiring({ token, expires_at }: Share): Document {
    return { q: { _id: this.#digestOf(token) }, u: { $set: { expires_at: new Date(expires_at) } } }
  }
}
