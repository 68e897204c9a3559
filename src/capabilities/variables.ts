import { assistantVariables } from './assistants/variables'
import { retentionVariables } from './retention/variables'
import { webhookVariables } from './webhooks/variables'

/**
 * The environment variables of all capabilities. They have a list of their own, because the command line reads them and
 * should not load the capabilities.
 */
export const capabilityVariables = { ...retentionVariables, ...assistantVariables, ...webhookVariables }
