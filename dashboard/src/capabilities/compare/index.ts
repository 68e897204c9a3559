import type { Capability } from '../../capability'
import { lazy } from '../../views/lazy'
import { CompareButton, hintForSelected } from './button'
import { compareRoute } from './route'

export const compare: Capability = {
  views: [{ ...compareRoute, Component: lazy(() => import('./compare').then(({ CompareView }) => CompareView)) }],
  extensions: { selectedRowsActions: CompareButton },
  hintForSelected,
}
