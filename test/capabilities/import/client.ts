import * as entry from '../../../packages/client/src/capabilities/import/entry'
import type { ClientPart } from '../../support/operation'

export const importClient: ClientPart = {
  documents: {},
  functions: {
    entry,
    calls: client => ({ importSessions: () => entry.importSessions(client, []).next() }),
  },
}
