import * as ofCore from '../../dashboard/src/graphql/documents'
import { dashboardCapabilities } from '../capabilities/dashboard'

export const dashboardDocuments: Record<string, string> = {
  ...ofCore,
  ...Object.assign({}, ...dashboardCapabilities.map(({ documents }) => documents)),
}
