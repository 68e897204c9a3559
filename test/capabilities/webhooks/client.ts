import * as documents from '../../../packages/client/src/capabilities/webhooks/documents'
import * as entry from '../../../packages/client/src/capabilities/webhooks/entry'
import type { ClientPart } from '../../support/operation'

const id = 'we_000000000000'

export const webhooksClient: ClientPart = {
  documents,
  functions: {
    entry,
    calls: client => ({
      listWebhookEndpoints: () => entry.listWebhookEndpoints(client),
      getWebhookEndpoint: () => entry.getWebhookEndpoint(client, id),
      listWebhookAttempts: () => entry.listWebhookAttempts(client, id),
      createWebhookEndpoint: () => entry.createWebhookEndpoint(client, { url: 'https://receiver.invalid/' }),
      updateWebhookEndpoint: () => entry.updateWebhookEndpoint(client, { id, version: 1 }, { paused: true }),
      deleteWebhookEndpoint: () => entry.deleteWebhookEndpoint(client, id),
      rotateWebhookSecret: () => entry.rotateWebhookSecret(client, id),
      testWebhookEndpoint: () => entry.testWebhookEndpoint(client, id),
      replayWebhookEndpoint: () => entry.replayWebhookEndpoint(client, id, 'cursor'),
    }),
  },
}
