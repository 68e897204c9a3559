import * as documents from '../../../packages/client/src/capabilities/reports/documents'
import * as entry from '../../../packages/client/src/capabilities/reports/entry'
import type { ClientPart } from '../../support/operation'

export const reportsClient: ClientPart = {
  documents,
  functions: {
    entry,
    calls: client => ({
      shareReport: () => entry.shareReport(client, { title: 'Report', from: '2026-01', to: '2026-12' }),
      listReports: () => entry.listReports(client),
      getSharedReport: () => entry.getSharedReport(client, 'token'),
      revokeReport: () => entry.revokeReport(client, 'report'),
    }),
  },
}
