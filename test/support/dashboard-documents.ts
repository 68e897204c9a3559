import * as ofImport from '../../dashboard/src/capabilities/import/documents'
import * as ofCore from '../../dashboard/src/graphql/documents'
import { dashboardCapabilities } from '../capabilities/dashboard'

/** The dashboard's GraphQL documents by their names. */
export const dashboardDocuments: Record<string, string> = {
  ...ofCore,
  ...ofImport,
  ...Object.assign({}, ...dashboardCapabilities.map(({ documents }) => documents)),
}
