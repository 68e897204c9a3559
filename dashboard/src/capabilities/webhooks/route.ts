import { webhookViews } from '../../../../src/capabilities/webhooks/pages'
import type { ViewRoute } from '../../route'

declare module '../../route' {
  interface ViewPaths {
    webhooks: (typeof webhookViews)[number]
  }
}

export const webhookRoute: ViewRoute = { paths: webhookViews }
