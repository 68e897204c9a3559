import * as documents from '../../../packages/client/src/capabilities/keys/documents'
import * as entry from '../../../packages/client/src/capabilities/keys/entry'
import type { ClientPart } from '../../support/operation'

export const keysClient: ClientPart = {
  documents,
  functions: {
    entry,
    calls: client => ({
      listServiceKeys: () => entry.listServiceKeys(client),
      getServiceKey: () => entry.getServiceKey(client, 'key'),
      createServiceKey: () => entry.createServiceKey(client, { name: 'BI', role: 'ADMIN' }),
      rotateServiceKey: () => entry.rotateServiceKey(client, { id: 'key' }),
      revokeServiceKey: () => entry.revokeServiceKey(client, 'key'),
    }),
  },
}
