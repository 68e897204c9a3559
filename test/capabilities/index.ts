import type { Config } from '../../src/startup/config'
import { partsOf } from '../support/capability-parts'
import { coreOperations } from '../support/core-operations'
import { type Capability, filterOf, type Operation } from '../support/operation'

/** What the tests of all operations know of each capability. */
export const capabilities = partsOf<Capability>('operations')

export const operations: Operation[] = [...coreOperations, ...capabilities.flatMap(({ operations }) => operations)]

/** GraphQL operations with a filter of sessions as the variable `filter`. */
export const filtered = operations.flatMap(({ graphql }) => (graphql?.variables === filterOf ? graphql : []))
export const filteredQueries = filtered.flatMap(({ field, query }) => (field.startsWith('Query.') ? query : []))

/** Variables that switch all capabilities on. */
export const capabilityConfig = Object.assign({}, ...capabilities.map(({ config }) => config)) as Partial<Config>
