import { mcpVariables } from './assistants/variables'
import { retentionVariables } from './retention/variables'
import { webhookVariables } from './webhooks/variables'

/**
 * Environment variables of all capabilities. They are listed separately, so that the command line can read them without
 * loading the capabilities.
 */
export const capabilityVariables = { ...retentionVariables, ...mcpVariables, ...webhookVariables }
