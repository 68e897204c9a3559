import * as ofImport from '../../dashboard/src/capabilities/import/documents'
import * as ofTotals from '../../dashboard/src/capabilities/totals/documents'
import * as ofReport from '../../dashboard/src/capabilities/totals/report/documents'
import * as ofCore from '../../dashboard/src/graphql/documents'
import { dashboardCapabilities } from '../capabilities/dashboard'

/** The dashboard's GraphQL documents by their names. */
export const dashboardDocuments: Record<string, string> = {
  ...ofCore,
  ...ofTotals,
  ...ofReport,
  ...ofImport,
  ...Object.assign({}, ...dashboardCapabilities.map(({ documents }) => documents)),
}
