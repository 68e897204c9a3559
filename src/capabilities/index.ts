import type { Capability } from '../capability'
import { assistants } from './assistants'
import { compare } from './compare'
import { importing } from './import'
import { keys } from './keys'
import { reports } from './reports'
import { retention } from './retention'
import { search } from './search'
import { totals } from './totals'
import { webhooks } from './webhooks'

/**
 * The server's capabilities. Each capability comes after the capabilities whose use cases it calls. To remove a
 * capability, delete its folder and its lines in this file, `commands.ts` and `variables.ts`.
 */
export const capabilities: readonly Capability[] = [
  totals,
  search,
  reports,
  webhooks,
  retention,
  importing,
  compare,
  assistants,
  keys,
]
