import { assistantVariables } from './assistants/variables'
import { retentionVariables } from './retention/variables'
import { webhookVariables } from './webhooks/variables'

/**
 * Environment variables of all capabilities. They have their own list because the command line reads them and should
 * not load the capabilities.
 */
export const capabilityVariables = { ...retentionVariables, ...assistantVariables, ...webhookVariables }
