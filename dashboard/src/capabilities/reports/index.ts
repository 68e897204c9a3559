import type { Capability } from '../../capability'
import { mayManage } from '../../sign-in/caller'
import { lazy } from '../../views/lazy'

export const reports: Capability = {
  extensions: { reportActions: lazy(() => import('./share-report').then(({ ShareReport }) => ShareReport)) },
  shared: {
    isFor: mayManage,
    read: async () => (await import('./shared-reports')).readSharedReports(),
  },
}
