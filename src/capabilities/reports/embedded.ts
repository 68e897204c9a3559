import type { EmbeddedCore } from '../../db/embedded/embedded-store'
import type { EmbeddedFile } from '../../db/embedded/file'
import { addLimited } from '../../db/embedded/limited-rows'
import { rowsPerStep } from '../../db/embedded/stepwise-reads'
import { addMs, dayMs, type Timestamp } from '../../domain/timestamp'
import { endedReportDays, endedReports, type ReportStore, reportLimits, type StoredReport } from './model'

interface Row extends Omit<StoredReport, 'live'> {
  views: number
  body: string | null
  content: string | null
}

const storedReportOf = ({ body, content, views: _, ...row }: Row): StoredReport => ({
  ...row,
  live: body !== null && content !== null ? { report: JSON.parse(body), content: JSON.parse(content) } : null,
})

// Once a report has ended, its columns `body` and `content` are null.
const tableSql = `CREATE TABLE IF NOT EXISTS reports (
  report_id TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, organisation_id TEXT, mentor_id TEXT, ends_at TEXT NOT NULL,
  body TEXT, content TEXT, views INTEGER NOT NULL
) STRICT`

export class EmbeddedReports implements ReportStore {
  readonly #file: EmbeddedFile

  constructor({ file }: EmbeddedCore) {
    this.#file = file
    file.db.exec(tableSql)
  }

  async addReport(stored: StoredReport, now: Timestamp, begin?: () => void): Promise<number | undefined> {
    const { report_id, digest, organisation_id, mentor_id, ends_at, live } = stored
    const rows = '(SELECT organisation_id FROM reports WHERE body IS NOT NULL)'
    const add = (): void => {
      const sql = 'INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, 0)'
      const content = live && [JSON.stringify(live.report), JSON.stringify(live.content)]
      this.#file.run(sql, report_id, digest, organisation_id, mentor_id, ends_at, ...(content ?? [null, null]))
    }
    const beginAndPrune = (): void => {
      begin?.()
      this.#prune(now)
    }
    return addLimited(this.#file, { rows, limits: reportLimits, organisation_id, begin: beginAndPrune }, add)
  }

  async readReport(report_id: string): Promise<StoredReport | null> {
    const row = this.#file.get<Row>('SELECT * FROM reports WHERE report_id = ?', report_id)
    return row ? storedReportOf(row) : null
  }

  async sharedReport(digest: string): Promise<StoredReport | null> {
    const row = this.#file.get<Row>('SELECT * FROM reports WHERE digest = ?', digest)
    return row ? storedReportOf(row) : null
  }

  async addViews(views: ReadonlyMap<string, number>): Promise<void> {
    const sql = 'UPDATE reports SET views = views + ? WHERE report_id = ? AND body IS NOT NULL'
    await this.#file.commit(() => {
      for (const [report_id, count] of views) this.#file.run(sql, count, report_id)
    })
  }

  async listReports(now: Timestamp, organisation_id?: string): ReturnType<ReportStore['listReports']> {
    const isOwn = organisation_id === undefined ? '' : 'AND organisation_id = ?'
    const sql = `SELECT body, views FROM reports WHERE body IS NOT NULL AND ends_at > ? ${isOwn}
      ORDER BY json_extract(body, '$.created_at') DESC, report_id DESC`
    const values = organisation_id === undefined ? [now] : [now, organisation_id]
    const rows = this.#file.all<{ body: string; views: number }>(sql, ...values)
    return rows.map(({ body, views }) => ({ ...JSON.parse(body), views }))
  }

  endReport(report_id: string, now: Timestamp): Promise<boolean> {
    return this.#file.commit(() => {
      const sql = `UPDATE reports SET ends_at = ?, body = NULL, content = NULL, views = 0
        WHERE report_id = ? AND body IS NOT NULL AND ends_at > ?`
      const isEnded = this.#file.run(sql, now, report_id, now) > 0
      this.#prune(now)
      return isEnded
    })
  }

  async deleteReport(report_id: string): Promise<void> {
    await this.#file.commit(() => this.#file.run('DELETE FROM reports WHERE report_id = ?', report_id))
  }

  async pruneReports(now: Timestamp): Promise<void> {
    await this.#file.commit(() => this.#prune(now))
  }

  /**
   * Deletes the content of all expired reports. Each call also completely deletes up to `rowsPerStep` reports that
   * ended long ago, and all ended reports beyond the maximum of `endedReports`.
   */
  #prune(now: Timestamp): void {
    const isEnded = 'SELECT report_id FROM reports WHERE body IS NULL'
    const deletion = (ended: string): string => `DELETE FROM reports WHERE report_id IN (${ended})`
    const expired = 'body IS NOT NULL AND ends_at <= ?'
    this.#file.run(`UPDATE reports SET body = NULL, content = NULL, views = 0 WHERE ${expired}`, now)
    const old = `${isEnded} AND ends_at <= ? ORDER BY ends_at LIMIT ${rowsPerStep}`
    this.#file.run(deletion(old), addMs(now, -endedReportDays * dayMs))
    this.#file.run(deletion(`${isEnded} ORDER BY ends_at DESC LIMIT -1 OFFSET ${endedReports}`))
  }

  /** Deletes the reports that are limited to this mentor's sessions, including ended reports. */
  async eraseMentor(mentor_id: string): Promise<void> {
    await this.#file.commit(() => this.#file.run('DELETE FROM reports WHERE mentor_id = ?', mentor_id))
  }
}
