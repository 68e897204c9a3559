import type { Capability } from '../../capability'
import { mayChange } from '../../sign-in/caller'
import { lazy } from '../../views/lazy'
import { menuWords } from './menu'
import { importRoute } from './route'

export const importing: Capability = {
  views: [
    {
      ...importRoute,
      Component: lazy(() => import('./views/import').then(({ ImportView }) => ImportView)),
      title: () => menuWords.heading,
      tab: { text: menuWords.open, position: 4 },
      isFor: mayChange,
    },
  ],
}
