import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { Deadline } from '../../concurrency/deadline'
import { Semaphore } from '../../concurrency/semaphore'
import { DomainError } from '../../domain/errors'
import type { WebhookEndpoint } from './model'

/** Maximum number of concurrent name look-ups, in total and for the endpoints of one organisation. */
export const lookupsAtOnce = 50
export const lookupsOfOrganisation = 10
/** Maximum number of waiting look-ups. */
export const lookupsWaiting = 1_000
/** Time after which a look-up that waits for its turn moves to the end of the queue. */
const lookupWaitMs = 60_000
/** Time limit of a look-up. */
export const lookupMs = 5_000
/** Time limit in ms for a name server's response. After that, the look-up queries the same or the next name server. */
const serverMs = 1_000
/** Time for which a failed look-up is cached. It is shorter than the delay before a message's first retry. */
export const failureMs = 3_000
/** Maximum number of cached failures. */
export const failuresRemembered = 1_000
/** Maximum number of a name's addresses that one attempt tries. */
export const addressesTried = 8

const hostsFile = '/etc/hosts'

/** The addresses of a name, and the start time of its look-up. Without addresses, the name was not resolved. */
export interface Found {
  began: Date
  addresses: string[]
}

/**
 * Look-ups of endpoint host names, in turns by organisation. They query the hosts file and the name servers directly
 * instead of the system's `getaddrinfo`, which has no time limit and occupies one of the four threads that Node.js
 * needs for files.
 */
export class NameLookups {
  readonly #turns = new Semaphore({
    atOnce: lookupsAtOnce,
    ofPrincipal: lookupsOfOrganisation,
    queue: { waiting: lookupsWaiting, place: 'name_lookup' },
  })
  /** Names that were not resolved, each with the time until which the failure is cached, in ms of performance.now(). */
  readonly #failed = new Map<string, number>()

  constructor(
    /** Name servers to use in place of the system's. Only tests set them. */
    readonly servers?: readonly string[],
  ) {}

  /**
   * Waits for the turn of the endpoint's organisation, then looks up the name. Returns undefined if no turn comes, or
   * if the signal is aborted first. Attempts of one endpoint share a look-up that waits.
   */
  async find(
    hostname: string,
    { endpoint_id, organisation_id }: Pick<WebhookEndpoint, 'endpoint_id' | 'organisation_id'>,
    signal: AbortSignal,
  ): Promise<Found | undefined> {
    if (signal.aborted) return undefined
    const deadline = new Deadline({ signal }, lookupWaitMs)
    const pass = (): void => deadline.pass()
    signal.addEventListener('abort', pass)
    try {
      if (this.#hasFailed(hostname)) return { began: new Date(), addresses: [] }
      const lookUp = () => this.#lookUp(hostname)
      return await this.#turns.run(`${endpoint_id} ${hostname}`, organisation_id ?? '', deadline, lookUp)
    } catch (error) {
      if (error instanceof DomainError && error.code === 'unavailable') return undefined
      throw error
    } finally {
      signal.removeEventListener('abort', pass)
      deadline.end()
    }
  }

  #hasFailed(hostname: string): boolean {
    const until = this.#failed.get(hostname)
    if (until === undefined) return false
    if (performance.now() < until) return true
    this.#failed.delete(hostname)
    return false
  }

  /** Never throws. */
  async #lookUp(hostname: string): Promise<Found> {
    const began = new Date()
    // Another look-up of the same name may have failed while this one waited.
    if (this.#hasFailed(hostname)) return { began, addresses: [] }
    const known = await addressesInHosts(hostname)
    const addresses = known.length > 0 ? known : await this.#ask(hostname)
    if (addresses.length === 0) this.#remember(hostname)
    return { began, addresses: addresses.slice(0, addressesTried) }
  }

  #remember(hostname: string): void {
    this.#failed.delete(hostname)
    this.#failed.set(hostname, performance.now() + failureMs)
    const [oldest] = this.#failed.keys()
    if (this.#failed.size > failuresRemembered && oldest !== undefined) this.#failed.delete(oldest)
  }

  /** Queries the name servers. Each call has its own resolver, which uses the current servers and can be cancelled. */
  async #ask(hostname: string): Promise<string[]> {
    const resolver = new Resolver({ timeout: serverMs, tries: 3 })
    if (this.servers) resolver.setServers(this.servers)
    const timer = setTimeout(() => resolver.cancel(), lookupMs)
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
    clearTimeout(timer)
    return answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []))
  }
}

async function addressesInHosts(hostname: string): Promise<string[]> {
  const text = await readFile(hostsFile, 'utf8').catch(() => '')
  // Split the file only if the name occurs in it, because a hosts file that blocks sites has many lines.
  if (!text.toLowerCase().includes(hostname)) return []
  return text.split('\n').flatMap(line => {
    const [entry = ''] = line.split('#', 1)
    const [address = '', ...names] = entry.trim().split(/\s+/)
    return isIP(address) && names.some(name => name.toLowerCase() === hostname) ? [address] : []
  })
}
