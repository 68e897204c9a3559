import type { Config } from '../../src/startup/config'
import { partsOf } from '../support/capability-parts'
import { coreOperations } from '../support/core-operations'
import type { Capability, Operation } from '../support/operation'

/** What the tests of all operations know of each capability. */
export const capabilities = partsOf<Capability>('operations')

export const operations: Operation[] = [...coreOperations, ...capabilities.flatMap(({ operations }) => operations)]

/** Variables that switch all capabilities on. */
export const capabilityConfig = Object.assign({}, ...capabilities.map(({ config }) => config)) as Partial<Config>
