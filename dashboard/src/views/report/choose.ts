import type { ReportChoices } from '../../address'
import { go, route } from '../../route'

/** Another choice for the report that is looked at. */
export const choose = (choice: ReportChoices): void =>
  go({ view: 'report', report: { ...route.value.report, ...choice } })
