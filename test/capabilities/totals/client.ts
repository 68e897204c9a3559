import * as documents from '../../../packages/client/src/capabilities/totals/documents'
import type { ClientPart } from '../../support/operation'

export const totalsClient: ClientPart = {
  documents,
  calls: client => ({
    followSummary: () => client.followSummary(),
    getSummary: () => client.getSummary(),
    getTrend: () => client.getTrend(),
    listMentors: () => client.listMentors(),
    allMentors: () => client.allMentors().next(),
    listOrganisations: () => client.listOrganisations(),
    allOrganisations: () => client.allOrganisations().next(),
  }),
}
