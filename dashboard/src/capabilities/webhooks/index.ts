import type { Capability } from '../../capability'
import { mayManage } from '../../sign-in/caller'
import { lazy } from '../../views/lazy'
import { webhookRoute } from './route'

const hasWebhooks = document.querySelector<HTMLMetaElement>('meta[name="webhooks"]')?.content === 'on'

/** The name of the webhooks view, which is the same in every language. */
const name = 'Webhooks'

export const webhooks: Capability = {
  views: [
    {
      ...webhookRoute,
      Component: lazy(() => import('./webhooks').then(({ WebhooksView }) => WebhooksView)),
      title: id => `${name} ${id}`.trim(),
      menu: name,
      isFor: caller => hasWebhooks && mayManage(caller),
    },
  ],
}
