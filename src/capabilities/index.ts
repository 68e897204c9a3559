import type { Capability } from '../capability'
import { assistants } from './assistants'
import { importing } from './import'
import { reports } from './reports'
import { retention } from './retention'
import { totals } from './totals'
import { webhooks } from './webhooks'

/**
 * The capabilities of this server. A capability comes after those whose use cases it uses. To remove one, delete its
 * folder and its lines here, in `commands.ts` and in `variables.ts`.
 */
export const capabilities: readonly Capability[] = [totals, reports, webhooks, retention, importing, assistants]
