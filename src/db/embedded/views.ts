import type { Timestamp } from '../../domain/timestamp'
import type { ViewStore } from '../store'
import type { EmbeddedFile } from './file'

const addSql = `INSERT INTO views (key, views, expires_at)
  SELECT token, ?, expires_at FROM shares WHERE token = ? AND revoked = 0 AND expires_at > ?
  ON CONFLICT DO UPDATE SET views = views.views + excluded.views`

/** Counts of views in their table. Triggers delete those of links that are revoked or gone. */
export class EmbeddedViews implements ViewStore {
  readonly #file: EmbeddedFile

  constructor(file: EmbeddedFile) {
    this.#file = file
  }

  async addViews(views: ReadonlyMap<string, number>, now: Timestamp): Promise<void> {
    await this.#file.commit(() => {
      for (const [key, count] of views) this.#file.run(addSql, count, key, now)
      return true
    })
  }

  async readViews(keys: string[]): Promise<Map<string, number>> {
    const sql = 'SELECT key, views FROM views WHERE key IN (SELECT value FROM json_each(?))'
    const rows = this.#file.all<{ key: string; views: number }>(sql, JSON.stringify(keys))
    return new Map(rows.map(({ key, views }) => [key, views]))
  }
}
