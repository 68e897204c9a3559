import { z } from 'zod'
import { exampleOf, withExample } from '../../domain/example'
import { maxShareDays } from '../../domain/limits'
import { shownBy } from '../../domain/shown'
import { publicPath } from '../../http/base-path'
import { sendJson } from '../../http/json'
import { component } from '../../rest/description/json-schemas'
import { type Handler, parsedBody, pathParameter, type Resource, refuseIdempotencyKey } from '../../rest/resource'
import { isNoShare, isView, keepPrivate, linkToken } from '../../rest/resources/shares'
import type { UseCases } from '../../use-cases'
import {
  type ListedReport,
  listedReportSchema,
  previousSchema,
  type ReportWithToken,
  reportDays,
  reportPath,
  reportRequestSchema,
  sharedReportSchema,
  toDateSchema,
  tokenExample,
} from './model'
import { sendNoReport, sendSharedReport } from './page'

const tag = {
  name: 'Reports',
  description: 'Read-only snapshots of the totals for a range of months. Anyone with the link can read them.',
}

const reportsPath = '/api/v1/benefit-reports'

const createdSchema = component(
  'ReportCreated',
  z.strictObject({
    ...listedReportSchema.pick({ report_id: true, title: true }).shape,
    path: withExample(z.string(), reportPath(tokenExample)).describe('Path of the report, relative to the server.'),
    token: withExample(z.string(), tokenExample).describe('Token of the report.'),
    ...listedReportSchema.pick({ expires_at: true, created_at: true }).shape,
  }),
)
component('Report', listedReportSchema)
component('PreviousTotals', previousSchema)
component('TotalsToDate', toDateSchema)
component('SharedReport', sharedReportSchema)

const createdBody = shownBy(createdSchema)
const reportBody = shownBy(listedReportSchema)
const sharedBody = shownBy(sharedReportSchema)

const requireAccess = ({ reports }: UseCases): void => reports.requireAccess()

const reportId = pathParameter('report_id', {
  description: 'Id of the report.',
  example: exampleOf(listedReportSchema.shape.report_id),
  notFound: 'share_not_found',
})

/** Adds the `path` of a report, which is null if the report's token is unknown. */
export const withPath = <R extends ReportWithToken>(report: R): R & Pick<ListedReport, 'path'> => ({
  ...report,
  path: report.token === null ? null : publicPath(reportPath(report.token)),
})

const createReport: Handler = async ({ request, response, useCases: { reports } }) => {
  const report = await reports.share(parsedBody(request))
  sendJson(response, 201, createdBody({ ...report, path: publicPath(reportPath(report.token)) }))
}

const listReports: Handler = async ({ response, useCases: { reports } }) =>
  sendJson(response, 200, { data: (await reports.list()).map(report => reportBody(withPath(report))) })

const revokeReport: Handler = async ({ request, response, useCases: { reports } }) => {
  const report_id = reportId(request)
  await reports.revoke(report_id)
  sendJson(response, 200, { revoked: true, report_id })
}

const readSharedReport: Handler = async ({ request, response, useCases: { reports }, type }) => {
  keepPrivate(response)
  try {
    const report = await reports.shared(linkToken(request), isView(request))
    if (type === 'application/json') sendJson(response, 200, sharedBody(report))
    else sendSharedReport(request, response, report)
  } catch (error) {
    if (!isNoShare(error) || type !== 'text/html') throw error
    sendNoReport(request, response, error.code)
  }
}

export const reportResources: Resource[] = [
  {
    path: reportsPath,
    requireAccess,
    requireChange: refuseIdempotencyKey,
    get: {
      handler: listReports,
      id: 'listReports',
      tag,
      summary: 'List reports that have not ended, newest first',
      description: "For admins and coordinators. A coordinator sees only its own organisation's reports.",
      responses: {
        200: {
          description: 'The reports.',
          body: component('ReportList', z.strictObject({ data: z.array(listedReportSchema) })),
        },
      },
    },
    post: {
      handler: createReport,
      id: 'createReport',
      tag,
      summary: 'Share a report on a range of months',
      description: `For admins and coordinators, within their scope. Creates a snapshot of the current totals of one organisation, one mentor or all sessions. The snapshot never changes. Anyone with the link can read it for ${reportDays} days, or for \`expires_in_days\`, at most ${maxShareDays}.`,
      requestBody: {
        schema: component('ReportCreate', reportRequestSchema),
        examples: {
          create: exampleOf(listedReportSchema.pick({ title: true, organisation_id: true, from: true, to: true })),
        },
      },
      responses: {
        201: {
          description: 'The new report, with its token.',
          body: createdSchema,
          links: { readSharedReport: { token: 'token' }, revokeReport: { report_id: 'report_id' } },
        },
      },
      problems: ['limit_reached', 'invalid_request'],
    },
  },
  {
    path: `${reportsPath}/:report_id`,
    requireAccess,
    requireChange: refuseIdempotencyKey,
    delete: {
      handler: revokeReport,
      id: 'revokeReport',
      tag,
      summary: 'Revoke a report',
      description:
        "Deletes the content of the report at once. From then on, the report's link returns 410. This operation also returns 410 if the report was already revoked or has expired.",
      responses: {
        200: {
          description: 'The report is revoked.',
          body: component(
            'ReportRevoked',
            z.strictObject({
              revoked: z.boolean().describe('Always true.'),
              report_id: listedReportSchema.shape.report_id,
            }),
          ),
        },
      },
      problems: ['share_gone'],
    },
  },
  {
    path: '/reports/:token',
    link: 'shared_report',
    isPublic: true,
    types: ['text/html', 'application/json'],
    get: {
      handler: readSharedReport,
      id: 'readSharedReport',
      tag,
      summary: 'Read a shared report',
      description:
        'The report names no mentor, session or result. The response is an HTML page in English, German or French, according to `Accept-Language`, unless the client requests JSON.',
      responses: {
        200: { description: 'The report.', body: sharedReportSchema },
      },
      pages: ['share_not_found', 'share_gone'],
      problems: ['share_gone'],
    },
  },
]
