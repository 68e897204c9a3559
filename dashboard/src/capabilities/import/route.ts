import { importViewPaths } from '../../../../src/capabilities/import/pages'
import type { ViewRoute } from '../../route'

declare module '../../route' {
  interface ViewPaths {
    import: (typeof importViewPaths)[number]
  }
}

export const importRoute: ViewRoute = { paths: importViewPaths }
