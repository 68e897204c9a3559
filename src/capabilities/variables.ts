import { mcpVariables } from './assistants/variables'
import { retentionVariables } from './retention/variables'
import { webhookVariables } from './webhooks/variables'

/** In its own file, so that the command line can read the list without loading the capabilities. */
export const capabilityVariables = { ...retentionVariables, ...mcpVariables, ...webhookVariables }
