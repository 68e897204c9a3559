import type { Capability } from '../capability'
import { compare } from './compare'
import { importing } from './import'
import { reports } from './reports'
import { totals } from './totals'
import { webhooks } from './webhooks'

/** The capabilities of the dashboard, in the order in which their links and their components in other views appear. */
export const capabilities: readonly Capability[] = [totals, reports, compare, webhooks, importing]
