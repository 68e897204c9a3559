import type { Capability } from '../../capability'
import type { Caller } from '../../sign-in/caller'
import { lazy } from '../../views/lazy'
import { inLanguage } from '../../words'
import { keysRoute } from './route'
import { keysMenu } from './words/menu'

const hasKeys = document.querySelector<HTMLMetaElement>('meta[name="service-keys"]')?.content === 'on'
const { heading } = inLanguage(keysMenu)

export const keys: Capability = {
  views: [
    {
      ...keysRoute,
      Component: lazy(() => import('./keys-view').then(({ KeysView }) => KeysView)),
      title: () => heading,
      menu: heading,
      isFor: ({ may }: Caller) => hasKeys && may === 'administer',
    },
  ],
}
