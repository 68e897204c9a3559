import type { ReportChoices } from '../../address'
import { go, route } from '../../route'

/** Changes a choice of the open report. */
export const choose = (choice: ReportChoices): void =>
  go({ view: 'report', report: { ...route.value.report, ...choice } })
