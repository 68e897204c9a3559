import type { Capability } from '../capability'
import { compare } from './compare'
import { importing } from './import'
import { keys } from './keys'
import { reports } from './reports'
import { search } from './search'
import { totals } from './totals'
import { webhooks } from './webhooks'

/** The dashboard's capabilities, in the order in which their links and components appear. */
export const capabilities: readonly Capability[] = [totals, search, reports, compare, webhooks, keys, importing]
