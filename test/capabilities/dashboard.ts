import type { DashboardCapability } from '../support/view'
import { reportsDashboard } from './reports/dashboard'
import { totalsDashboard } from './totals/dashboard'
import { webhooksDashboard } from './webhooks/dashboard'

/** What the tests of the dashboard know of each capability. A capability that is deleted loses its line here. */
export const dashboardCapabilities: DashboardCapability[] = [totalsDashboard, reportsDashboard, webhooksDashboard]
