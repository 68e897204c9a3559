import { mcpVariables } from './assistants/variables'
import { retentionVariables } from './retention/variables'
import { webhookVariables } from './webhooks/variables'

/**
 * Environment variables of all capabilities. The list of variables has its own file, so that the command line can read
 * it without loading the capabilities.
 */
export const capabilityVariables = { ...retentionVariables, ...mcpVariables, ...webhookVariables }
