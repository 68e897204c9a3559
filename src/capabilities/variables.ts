import { assistantVariables } from './assistants/variables'
import { retentionVariables } from './retention/variables'
import { webhookVariables } from './webhooks/variables'

/**
 * Environment variables of all capabilities, in a list of their own so that the command line need not load the
 * capabilities.
 */
export const capabilityVariables = { ...retentionVariables, ...assistantVariables, ...webhookVariables }
