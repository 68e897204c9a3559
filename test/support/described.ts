import { capabilities } from '../../src/capabilities'
import { schemaOf } from '../../src/resolvers/schema'
import { resourcesOf } from '../../src/rest/routes'

/** The GraphQL schema and the REST resources of a server with all capabilities. */
export const schema = schemaOf(capabilities)
export const resources = resourcesOf(capabilities)
