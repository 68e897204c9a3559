import type { Kind } from '../faults/kinds'
import { webhookFaults } from './webhooks/faults'

/** The faults that capabilities add. A capability that is deleted loses its line here. */
export const capabilityKinds: Record<string, Kind> = { ...webhookFaults }
