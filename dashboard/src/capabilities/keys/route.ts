import { keyViewPaths } from '../../../../src/capabilities/keys/pages'
import type { ViewRoute } from '../../route'

declare module '../../route' {
  interface ViewPaths {
    keys: (typeof keyViewPaths)[number]
  }
}

export const keysRoute: ViewRoute = { paths: keyViewPaths }
