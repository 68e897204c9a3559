import { navigate, route } from '../../../router'
import type { ReportChoices } from './route'

export const updateReport = (choice: ReportChoices): void =>
  navigate({ path: '/report', report: { ...route.value.report, ...choice } })
