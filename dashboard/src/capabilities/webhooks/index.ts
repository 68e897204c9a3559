import type { Capability } from '../../capability'
import { mayManageWebhooks } from '../../sign-in/caller'
import { lazy } from '../../views/lazy'
import { webhookRoute } from './route'

/** The same in each language. */
const name = 'Webhooks'

export const webhooks: Capability = {
  views: [
    {
      ...webhookRoute,
      Component: lazy(() => import('./webhooks').then(({ WebhooksView }) => WebhooksView)),
      title: id => `${name} ${id}`.trim(),
      menu: name,
      isFor: mayManageWebhooks,
    },
  ],
}
