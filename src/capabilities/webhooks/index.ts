// This folder contains everything about webhooks: endpoints, deliveries, stores, REST and GraphQL. Webhook deliveries
// read the log through `feed`.

import type { Capability, Opened } from '../../capability'
import { WebhookDeliveries } from './deliveries'
import { EmbeddedWebhooks } from './embedded'
import type { DeliveryContext } from './endpoint-delivery'
import { WebhooksResolver } from './graphql'
import { refuseLoop } from './loops'
import { addWebhookMetrics } from './metrics'
import { requestSchemas } from './model'
import { MongoWebhooks } from './mongo'
import { webhookViewPaths } from './pages'
import { webhookResources } from './rest'
import { product, WebhookSender } from './sender'
import { Webhooks } from './use-cases'

/** Replacements for system settings, retry delays and limits, which only tests inject. */
export type WebhookOverrides = WebhookSender['system'] &
  Pick<DeliveryContext, 'retryDelaysMs'> & { messagesInTotal?: number }

declare module '../../capability' {
  interface Overrides {
    webhooks?: WebhookOverrides
  }
}

declare module '../../use-cases' {
  interface UseCases {
    webhooks: Webhooks
  }
}

export const webhooks: Capability = {
  name: 'webhooks',
  store: () => ({
    mongo: connection => new MongoWebhooks(connection),
    embedded: core => new EmbeddedWebhooks(core),
  }),
  resources: webhookResources,
  resolvers: [WebhooksResolver],
  viewPaths: webhookViewPaths,
  open({ config, store, feed, log, clock, version, requiresTokens, overrides }) {
    const shared = { store, feed, clock }
    if (!config.WEBHOOKS) {
      const addMetrics: Opened['addMetrics'] = metrics => void addWebhookMetrics(metrics)
      return { isOff: true, of: caller => new Webhooks(shared, caller), addMetrics }
    }
    const { retryDelaysMs, messagesInTotal, ...system } = overrides.webhooks ?? {}
    const allowsPrivate = config.WEBHOOKS_ALLOW_PRIVATE
    const sender = new WebhookSender(`${product}/${version}`, allowsPrivate, system)
    let countAttempt = (_outcome: string): void => {}
    const deliveries = new WebhookDeliveries({
      onAttempt: outcome => countAttempt(outcome),
      store,
      feed,
      log,
      requiresTokens,
      sender,
      retryDelaysMs,
      messagesInTotal,
    })
    const on = { schemas: requestSchemas(allowsPrivate), look: () => deliveries.look() }
    return {
      of: caller => new Webhooks({ ...shared, on }, caller),
      follower: deliveries,
      admit: refuseLoop,
      settings: { webhooks: 'on' },
      addMetrics(metrics) {
        countAttempt = addWebhookMetrics(metrics, deliveries)
      },
      start: () => deliveries.start(),
      stop: () => deliveries.end(),
    }
  },
}
