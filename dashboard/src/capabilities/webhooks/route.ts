import { webhookViewPaths } from '../../../../src/capabilities/webhooks/pages'
import type { ViewRoute } from '../../route'

declare module '../../route' {
  interface ViewPaths {
    webhooks: (typeof webhookViewPaths)[number]
  }
}

export const webhookRoute: ViewRoute = { paths: webhookViewPaths }
