import type { Capability } from '../../capability'
import { mayManageReports } from '../../sign-in/caller'
import { lazy } from '../../views/lazy'

export const reports: Capability = {
  places: { reportActions: lazy(() => import('./share-report').then(({ ShareReport }) => ShareReport)) },
  shared: {
    isFor: mayManageReports,
    read: async () => (await import('./shared-reports')).readSharedReports(),
  },
}
