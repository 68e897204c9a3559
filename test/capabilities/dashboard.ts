import { partsOf } from '../support/capability-parts'
import type { DashboardCapability } from '../support/view'

/** What the tests of the dashboard know of each capability. */
export const dashboardCapabilities = partsOf<DashboardCapability>('dashboard')
