import * as documents from '../../../packages/client/src/capabilities/search/documents'
import type { ClientPart } from '../../support/operation'

export const searchClient: ClientPart = {
  documents,
  calls: client => ({ find: () => client.find('text') }),
}
