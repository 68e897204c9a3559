import type { Capability } from '../capability'
import { compare } from './compare'
import { importing } from './import'
import { reports } from './reports'
import { totals } from './totals'
import { webhooks } from './webhooks'

/** The capabilities of the dashboard, in the order of their links and of their parts of other views. */
export const capabilities: readonly Capability[] = [totals, reports, compare, webhooks, importing]
