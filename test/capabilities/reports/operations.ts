import { timestamp } from '../../../src/domain/timestamp'
import type { Capability, Found } from '../../support/operation'
import { reportsClient } from './client'

declare module '../../support/operation' {
  interface Found {
    report_id: string
    report_token: string
  }
}

const path = '/api/v1/benefit-reports'

const reportOf = ({ organisation_id }: Found) => ({
  title: 'Report',
  organisation_id,
  from: '2026-01',
  to: '2026-12',
})

export const operations: Capability = {
  client: reportsClient,
  operations: [
    {
      access: 'managers',
      rest: {
        at: `GET ${path}`,
        shows: (text, of) => JSON.parse(text).data.filter((report: Found) => report.report_id === of.report_id).length,
      },
      graphql: {
        field: 'Query.reports',
        query: '{ reports { id } }',
        shows: (reports, of) => reports.filter(({ id }: { id: string }) => id === of.report_id).length,
      },
    },
    {
      access: 'managers',
      rest: { at: `POST ${path}`, status: 201, body: reportOf, outside: 'forbidden' },
      graphql: {
        field: 'Mutation.shareReport',
        query: 'mutation ($input: ShareReportInput!) { shareReport(input: $input) { token } }',
        variables({ organisation_id }) {
          return { input: { title: 'Report', organisationId: organisation_id, from: '2026-01', to: '2026-12' } }
        },
        async runs({ store, found: { organisation_id } }) {
          const reports = await store.reports.listReports(timestamp(new Date()), organisation_id)
          return reports.length - 1
        },
        outside: 'forbidden',
      },
    },
    {
      access: 'managers',
      consumes: true,
      rest: { at: `DELETE ${path}/{report_id}`, outside: 'share_not_found' },
      graphql: {
        field: 'Mutation.revokeReport',
        query: 'mutation ($id: ID!) { revokeReport(id: $id) { revoked } }',
        variables: ({ report_id }) => ({ id: report_id }),
        runs: 'share_gone',
        outside: 'share_not_found',
      },
    },
    {
      access: 'anyone',
      rest: {
        at: 'GET /reports/{token}',
        types: ['application/json', 'text/html'],
        parameters: ({ report_token }) => ({ token: report_token }),
      },
      graphql: {
        field: 'Query.sharedReport',
        query: 'query ($token: ID!) { sharedReport(token: $token) { title } }',
        variables: ({ report_token }) => ({ token: report_token }),
      },
    },
  ],
  linkFields: ['shareReport', 'sharedReport'],
  async create({ post }, of) {
    const { report_id, token } = JSON.parse((await post(path, JSON.stringify(reportOf(of)))).text)
    return { report_id, report_token: token }
  },
  async further({ call, get, post }) {
    const about = { title: 'Report', from: '2026-01', to: '2026-12', mentor_id: 'm', expires_in_days: 1 }
    const { report_id, path: shared } = JSON.parse((await post(path, JSON.stringify(about))).text)
    for (let n = 0; n < 2; n++) await call('DELETE', `${path}/${report_id}`)
    for (const Accept of ['application/json', 'text/html']) await get(shared, { Accept })
  },
}
