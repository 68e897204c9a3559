import type { Collection, Db, Document } from 'mongodb'
import type { MongoConnection } from '../../db/mongo/connection'
import { NumberedCollection, type Numbers } from '../../db/mongo/numbered'
import { retryRead, runWrite } from '../../db/mongo/operations'
import { addMs, dayMs, type Timestamp } from '../../domain/timestamp'
import {
  endedReportDays,
  endedReports,
  type LiveReport,
  type ReportStore,
  reportLimits,
  type StoredReport,
} from './model'

/** A report as stored in MongoDB. Once the report has ended, it has no `numbers`, `report`, `content` or `views`. */
interface ReportDocument extends Omit<StoredReport, 'report_id' | 'live'>, Partial<LiveReport> {
  _id: string
  views?: number
  numbers?: Numbers
}

const storedReportOf = ({ _id, report, content, numbers: _, views: __, ...rest }: ReportDocument): StoredReport => ({
  report_id: _id,
  ...rest,
  live: report && content ? { report, content } : null,
})

const isLive = { report: { $exists: true } }
const isEnded = { report: { $exists: false } }

export class MongoReports implements ReportStore {
  readonly #db: Db
  readonly #numbered: NumberedCollection
  readonly #reports: Collection<ReportDocument>

  constructor({ db }: MongoConnection) {
    this.#db = db
    this.#numbered = new NumberedCollection(db, {
      name: 'reports',
      organisation: 'organisation_id',
      limits: reportLimits,
      isPartial: true,
      indexes: {
        reports: [
          { key: { digest: 1 }, name: 'digest', unique: true },
          { key: { ends_at: 1 }, name: 'ends_at' },
        ],
      },
    })
    this.#reports = db.collection('reports')
  }

  async addReport(
    { report_id, live, ...stored }: StoredReport,
    now: Timestamp,
    begin?: () => void,
  ): Promise<number | undefined> {
    await this.#tryPruning(now)
    return this.#numbered.add(stored.organisation_id, { _id: report_id, ...stored, ...live }, begin)
  }

  readReport(report_id: string): Promise<StoredReport | null> {
    return this.#read({ _id: report_id })
  }

  sharedReport(digest: string): Promise<StoredReport | null> {
    return this.#read({ digest })
  }

  async #read(query: Document): Promise<StoredReport | null> {
    const found = await retryRead(signal => this.#reports.findOne(query, { signal }))
    return found && storedReportOf(found)
  }

  async addViews(views: ReadonlyMap<string, number>): Promise<void> {
    const updates = Array.from(views, ([_id, count]) => ({ q: { _id, ...isLive }, u: { $inc: { views: count } } }))
    if (updates.length > 0) await runWrite(this.#db, { update: 'reports', updates, ordered: false })
  }

  async listReports(now: Timestamp, organisation_id?: string): ReturnType<ReportStore['listReports']> {
    const query = { ...isLive, ends_at: { $gt: now }, ...(organisation_id !== undefined && { organisation_id }) }
    const sort = { 'report.created_at': -1, _id: -1 } as const
    const found = await retryRead(signal =>
      this.#reports.find(query, { projection: { report: 1, views: 1 }, sort, signal }).toArray(),
    )
    return found.flatMap(({ report, views = 0 }) => (report ? { ...report, views } : []))
  }

  async endReport(report_id: string, now: Timestamp): Promise<boolean> {
    const ended = await this.#end({ _id: report_id, ends_at: { $gt: now } }, { ends_at: now })
    await this.#tryPruning(now)
    return ended > 0
  }

  deleteReport(report_id: string): Promise<void> {
    return this.#delete({ _id: report_id })
  }

  /** Ends the live reports that match a query, and returns how many reports it has ended. */
  #end(query: Document, set?: Document): Promise<number> {
    const u = { ...(set && { $set: set }), $unset: { report: '', content: '', views: '', numbers: '' } }
    return runWrite(this.#db, { update: 'reports', updates: [{ q: { ...query, ...isLive }, u, multi: true }] })
  }

  /** Ignores failures, because `reportPruning` prunes the reports again later. */
  async #tryPruning(now: Timestamp): Promise<void> {
    await this.pruneReports(now).catch(() => {})
  }

  async pruneReports(now: Timestamp): Promise<void> {
    await this.#end({ ends_at: { $lte: now } })
    await this.#delete({ ...isEnded, ends_at: { $lte: addMs(now, -endedReportDays * dayMs) } })
    const options = { sort: { ends_at: -1 }, skip: endedReports, projection: { _id: 1 } } as const
    const surplus = await retryRead(signal => this.#reports.find(isEnded, { ...options, signal }).toArray())
    if (surplus.length > 0) await this.#delete({ _id: { $in: surplus.map(({ _id }) => _id) } })
  }

  async #delete(q: Document): Promise<void> {
    await runWrite(this.#db, { delete: 'reports', deletes: [{ q, limit: 0 }] })
  }

  /** Deletes the reports that are limited to this mentor's sessions, including ended reports. */
  async eraseMentor(mentor_id: string): Promise<void> {
    await this.#delete({ mentor_id })
  }
}
