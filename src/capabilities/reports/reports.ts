import { createHash, randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { type Deadline, withDeadline } from '../../concurrency/deadline'
import { RepeatedJob } from '../../concurrency/repeated-job'
import type { Store } from '../../db/store'
import type { Caller } from '../../domain/caller'
import { DomainError, unavailable, valid } from '../../domain/errors'
import { caveat, method } from '../../domain/methods'
import { monthAt } from '../../domain/months'
import { includesOrganisation, organisationFor, requireManager } from '../../domain/organisation'
import { addMs, dayMs, minuteMs, type Timestamp, timestamp } from '../../domain/timestamp'
import type { ViewCounter } from '../../sessions/view-counter'
import type { CallerTotals } from '../totals/caller-totals'
import {
  type Report,
  type ReportContent,
  type ReportStore,
  type ReportWithToken,
  reportDays,
  reportRequestSchema,
  type StoredReport,
} from './model'
import { reportTotals } from './report-sums'

const idBytes = 6
const tokenBytes = 24
const pruneEveryMs = 10 * minuteMs

export type NewReport = ReportWithToken & { token: string }

export type SharedReport = Omit<Report, 'report_id' | 'mentor_id' | 'token'> & ReportContent

const digestOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

export interface ReportDependencies {
  store: Pick<Store, 'reports' | 'lists'>
  totals: Pick<CallerTotals, 'collect'>
  /** Counts the views of shared reports, by report id. */
  viewCounter: ViewCounter
  clock: () => Date
  caller: Caller
}

/** Reports outside the caller's scope are treated as nonexistent. */
export class Reports {
  constructor(readonly dependencies: ReportDependencies) {}

  get #store(): ReportStore {
    return this.dependencies.store.reports
  }

  #now(): Timestamp {
    return timestamp(this.dependencies.clock())
  }

  /** Throws `forbidden` if the caller is not allowed to manage reports. */
  requireAccess(): void {
    requireManager(this.dependencies.caller, 'share reports')
  }

  async share(body: unknown): Promise<NewReport> {
    this.requireAccess()
    return withDeadline({ access: this.dependencies.caller.access }, deadline => this.#share(body, deadline))
  }

  async #share(body: unknown, deadline: Deadline): Promise<NewReport> {
    const { title, organisation_id, mentor_id, from, to, expires_in_days } = valid(reportRequestSchema, body)
    const own = organisationFor(this.dependencies.caller, organisation_id, 'share reports')
    const filter = {
      ...(organisation_id != null && { organisation_id }),
      ...(mentor_id != null && { mentor_id }),
      months: { from, to },
    }
    const now = this.#now()
    const totals = await reportTotals(this.dependencies.totals, filter, monthAt(now))
    deadline.check()
    const token = randomBytes(tokenBytes).toString('base64url')
    const report = {
      report_id: `rp_${randomBytes(idBytes).toString('hex')}`,
      title,
      organisation_id: own,
      mentor_id: mentor_id ?? null,
      from,
      to,
      created_at: now,
      expires_at: addMs(now, (expires_in_days ?? reportDays) * dayMs),
      token,
    }
    const stored = storedReportOf(report, { ...totals, method, caveat })
    const limit = await this.#store.addReport(stored, now, () => deadline.beginWrite())
    if (limit !== undefined)
      throw new DomainError('limit_reached', { limit }).withMessage(
        `There are ${limit} reports already, which is the maximum. Revoke one first.`,
      )
    if (report.mentor_id !== null && totals.sessions > 0) await this.#deleteIfErased(report.report_id, report.mentor_id)
    return { ...report, views: 0 }
  }

  /**
   * The mentor may have been erased while the report was being created. An erasure deletes the mentor's sessions before
   * the reports, so this check finds every report that the erasure has missed. Throws `unavailable`.
   */
  async #deleteIfErased(report_id: string, mentor_id: string): Promise<void> {
    if ((await this.dependencies.store.lists.count({ mentor_id })) > 0) return
    await this.#store.deleteReport(report_id)
    throw unavailable(new Error("the report's sessions were closed while the report was being created"))
  }

  /** Returns the reports that have not ended, newest first. */
  async list(): Promise<ReportWithToken[]> {
    this.requireAccess()
    const reports = await this.#store.listReports(this.#now(), this.dependencies.caller.scope.organisation_id)
    return reports.map(({ token, ...report }) => ({
      ...report,
      token: token ?? null,
    }))
  }

  /** Throws `share_gone` if the report has already ended, and `share_not_found` if it is not in the caller's scope. */
  async revoke(report_id: string): Promise<void> {
    this.requireAccess()
    return withDeadline({ access: this.dependencies.caller.access }, deadline => this.#revoke(report_id, deadline))
  }

  async #revoke(report_id: string, deadline: Deadline): Promise<void> {
    const stored = await this.#store.readReport(report_id)
    if (!stored || !includesOrganisation(this.dependencies.caller, stored.organisation_id))
      throw new DomainError('share_not_found').withMessage('No report that you can see has this id.')
    deadline.beginWrite()
    if (!(await this.#store.endReport(report_id, this.#now())))
      throw new DomainError('share_gone').withMessage(
        'This report was revoked or has expired already, so there is nothing to revoke.',
      )
  }

  /** Requires no role, because anyone with the token can read the report. If `isView` is true, counts a view. */
  async shared(token: string, isView = true): Promise<SharedReport> {
    const stored = await this.#store.sharedReport(digestOf(token))
    if (!stored) throw new DomainError('share_not_found').withMessage('No report has this token. Check the link.')
    if (!stored.live || stored.ends_at <= this.#now())
      throw new DomainError('share_gone').withMessage('This report was revoked or has expired. Ask for a new one.')
    if (isView) this.dependencies.viewCounter.countView(stored.report_id)
    const { report_id: _, mentor_id: __, token: ___, ...report } = stored.live.report
    // Reports created by version 1.1 have no `previous`, and those created by version 1.2 have no `to_date`.
    const { previous = null, to_date = null } = stored.live.content
    return { ...report, ...stored.live.content, previous, to_date }
  }
}

function storedReportOf(report: Report & { token: string }, content: ReportContent): StoredReport {
  const { report_id, organisation_id, mentor_id, token, expires_at } = report
  return {
    report_id,
    organisation_id,
    mentor_id,
    digest: digestOf(token),
    ends_at: expires_at,
    live: { report, content },
  }
}

/** Deletes the content of expired reports and, later, the reports. Several processes can run it concurrently. */
export const reportPruning = (store: Pick<ReportStore, 'pruneReports'>, log: Logger, clock: () => Date): RepeatedJob =>
  new RepeatedJob({
    run: () => store.pruneReports(timestamp(clock())),
    everyMs: pruneEveryMs,
    jitter: 0.25,
    failed: err => log.warn({ err }, 'pruning the reports failed, retrying'),
  })
