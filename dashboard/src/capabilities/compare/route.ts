import { compareViewPaths } from '../../../../src/capabilities/compare/pages'
import type { ViewRoute } from '../../route'

declare module '../../route' {
  interface ViewPaths {
    compare: (typeof compareViewPaths)[number]
  }
  interface Route {
    compared?: string[] | undefined
  }
}

export const maxCompared = 4

const idsIn = (ids: string): string[] => [...new Set(ids.split(','))].filter(Boolean).slice(0, maxCompared)

export const compareRoute: ViewRoute = {
  paths: compareViewPaths,
  read: (route, query) => ({ ...route, compared: idsIn(query.get('ids') ?? '') }),
  // Encode the ids separately, so that the commas between them stay readable.
  write: ({ compared = [] }, query) =>
    [`ids=${compared.map(encodeURIComponent).join()}`, ...(query.size > 0 ? [query] : [])].join('&'),
}
