import { importViews } from '../../../../src/capabilities/import/pages'
import type { ViewRoute } from '../../route'

declare module '../../route' {
  interface ViewPaths {
    import: (typeof importViews)[number]
  }
}

export const importRoute: ViewRoute = { paths: importViews }
