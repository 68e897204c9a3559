import type { ListedReport } from '../../../src/capabilities/reports/model'
import type { SharedReport } from '../../../src/capabilities/reports/reports'
import { type Answer, type Api, camelled, type GraphqlApi, type RestApi } from '../../support/interfaces'

/** A request for a report. */
export interface ReportRequest {
  title?: string
  organisation_id?: string | null
  mentor_id?: string | null
  from?: string
  to?: string
  expires_in_days?: number | null
}

/** A shared report as both interfaces return it. Without an organisation, it has no `organisation_id`. */
export type SharedReportBody = Omit<SharedReport, 'organisation_id'> & { organisation_id?: string }

/** A new report as both interfaces return it. */
export type ReportBody = Pick<ListedReport, 'report_id' | 'title' | 'created_at' | 'expires_at'> & {
  path: string
  token: string
}

interface ReportOperations {
  shareReport(request: ReportRequest): Promise<Answer<{ report: ReportBody }>>
  reports(): Promise<Answer<{ reports: ListedReport[] }>>
  revokeReport(report_id: string): Promise<Answer<{ report_id: string; revoked: boolean }>>
  sharedReport(token: string): Promise<Answer<{ shared: SharedReportBody }>>
}

/** REST or GraphQL, with the operations of reports. */
export type ReportsApi = Api & ReportOperations

export const reportsPath = '/api/v1/benefit-reports'

export const withReports = (api: RestApi | GraphqlApi): ReportsApi => ({
  ...api,
  ...(api.name === 'rest' ? overRest(api) : overGraphql(api)),
})

const overRest = ({ call, read }: RestApi): ReportOperations => ({
  shareReport: request => read(reportsPath, report => ({ report }), request),
  reports: () => read(reportsPath, ({ data }) => ({ reports: data })),
  async revokeReport(report_id) {
    const { refusal, json } = await call('DELETE', `${reportsPath}/${encodeURIComponent(report_id)}`)
    return refusal ?? ({ ok: true, ...json } as { ok: true; report_id: string; revoked: boolean })
  },
  sharedReport: token => read(`/reports/${encodeURIComponent(token)}`, shared => ({ shared })),
})

const reportFields = `report_id: id title organisation_id: organisationId mentor_id: mentorId from to
  created_at: createdAt expires_at: expiresAt path token views`

const overGraphql = ({ ask, plain }: GraphqlApi): ReportOperations => ({
  async shareReport(request) {
    const text = `mutation ($input: ShareReportInput!) { made: shareReport(input: $input) { path token
      report { report_id: id title expires_at: expiresAt created_at: createdAt } } }`
    const { refusal, data } = await ask(text, { input: camelled(request) })
    if (refusal) return refusal
    const { report, path, token } = data.made as { report: ReportBody; path: string; token: string }
    return { ok: true, report: { ...report, path, token } }
  },
  reports: () => plain(`{ reports { ${reportFields} } }`, {}),
  async revokeReport(id) {
    const text = 'mutation ($id: ID!) { revoked: revokeReport(id: $id) { report_id: reportId revoked } }'
    const { refusal, data } = await ask(text, { id })
    return refusal ?? { ok: true, ...(data.revoked as { report_id: string; revoked: boolean }) }
  },
  async sharedReport(token) {
    const text = `query ($token: ID!) { shared: sharedReport(token: $token) { title organisation_id: organisationId
      from to sessions results mentors amounts { ...Amounts } trend { month results amounts { ...Amounts } }
      previous { from to sessions results mentors amounts { ...Amounts } }
      to_date: toDate { from to sessions results mentors previous { from to sessions results mentors } }
      method caveat created_at: createdAt expires_at: expiresAt } }`
    const { refusal, data } = await ask(text, { token })
    if (refusal) return refusal
    const { organisation_id, trend, ...shared } = data.shared as SharedReport
    const months = trend.map(({ month, ...totals }) => ({ month: month.slice(0, 7), ...totals }))
    const named = organisation_id === null ? {} : { organisation_id }
    return { ok: true, shared: { ...shared, ...named, trend: months } }
  },
})
