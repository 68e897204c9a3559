import type { Timestamp } from '../../domain/timestamp'
import type { ViewStore } from '../store'
import type { EmbeddedFile } from './file'

const addSql = `INSERT INTO views (key, views, expires_at)
  SELECT token, ?, expires_at FROM shares WHERE token = ? AND revoked = 0 AND expires_at > ?
  ON CONFLICT DO UPDATE SET views = views.views + excluded.views`

/** Triggers delete the view counts of revoked or deleted share links. */
export class EmbeddedViews implements ViewStore {
  readonly #file: EmbeddedFile

  constructor(file: EmbeddedFile) {
    this.#file = file
  }

  async addViews(views: ReadonlyMap<string, number>, now: Timestamp): Promise<void> {
    await this.#file.commit(() => {
      for (const [token, count] of views) this.#file.run(addSql, count, token, now)
    })
  }

  async readViews(tokens: string[]): Promise<Map<string, number>> {
    const sql = 'SELECT key, views FROM views WHERE key IN (SELECT value FROM json_each(?))'
    const rows = this.#file.all<{ key: string; views: number }>(sql, JSON.stringify(tokens))
    return new Map(rows.map(({ key, views }) => [key, views]))
  }
}
