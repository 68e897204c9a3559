import type { Config } from '../../src/startup/config'
import { coreOperations } from '../support/core-operations'
import type { Capability, Operation } from '../support/operation'
import { reports } from './reports/operations'
import { totals } from './totals/operations'
import { webhooks } from './webhooks/operations'

/** What the tests of all operations know of each capability. A capability that is deleted loses its line here. */
export const capabilities: Capability[] = [totals, reports, webhooks]

export const operations: Operation[] = [...coreOperations, ...capabilities.flatMap(({ operations }) => operations)]

/** Variables that switch all capabilities on. */
export const capabilityConfig = Object.assign({}, ...capabilities.map(({ config }) => config)) as Partial<Config>
