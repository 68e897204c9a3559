import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { Deadline } from '../../concurrency/deadline'
import { Semaphore } from '../../concurrency/semaphore'
import { isDomainError } from '../../domain/errors'
import type { WebhookEndpoint } from './model'

/** Maximum number of concurrent name look-ups, in total and per organisation. */
export const lookupsAtOnce = 50
export const lookupsOfOrganisation = 10
/** Maximum number of queued name look-ups. */
export const lookupsWaiting = 1_000
/** Time in ms after which a queued look-up moves to the end of the queue. */
const lookupWaitMs = 60_000
/** Time limit of a name look-up in ms. The time limit does not include time in the queue. */
export const lookupMs = 5_000
/**
 * Time limit in ms for a name server's response. After this time, the look-up queries the same name server again, or
 * the next one.
 */
const serverMs = 1_000
/**
 * How long, in ms, a failed look-up is cached. A cached failure expires before a message's first retry, so each retry
 * looks up the name again.
 */
export const failureMs = 3_000
/** Maximum number of cached failed look-ups. */
export const failuresRemembered = 1_000
/** Maximum number of addresses that an attempt tries per host name. */
export const addressesTried = 8

const hostsFile = '/etc/hosts'

/** Result of a name look-up. `addresses` is empty if the name was not resolved. */
export interface Found {
  began: Date
  addresses: string[]
}

/**
 * Resolves the host names of endpoints. Organisations take turns in the queue. Reads the hosts file and queries the
 * name servers directly. The system's `getaddrinfo` is unsuitable, because it has no time limit and blocks one of the
 * four threads that Node.js uses for file access.
 */
export class NameLookups {
  readonly #slots = new Semaphore({
    atOnce: lookupsAtOnce,
    ofPrincipal: lookupsOfOrganisation,
    queue: { waiting: lookupsWaiting, place: 'name_lookup' },
  })
  /** Host names that could not be resolved, each with the expiry time of the cached failure, by performance.now(). */
  readonly #failed = new Map<string, number>()

  constructor(
    /** Name servers to use instead of the system's name servers. Only tests set them. */
    readonly servers?: readonly string[],
  ) {}

  /**
   * Waits for the turn of the endpoint's organisation, then looks up the name. Returns undefined if the look-up does
   * not start in time, or if the signal is aborted first. Attempts for the same endpoint share one queued look-up.
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
      return await this.#slots.run(
        { key: `${endpoint_id} ${hostname}`, principal: organisation_id ?? '', deadline },
        lookUp,
      )
    } catch (error) {
      if (isDomainError(error, 'unavailable')) return undefined
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

  /**
   * Looks up a name, unless a recent look-up of the name has failed. Never throws. Returns an empty list of addresses
   * if the name is not resolved.
   */
  async #lookUp(hostname: string): Promise<Found> {
    const began = new Date()
    // Another look-up of the same name may have failed while this one was queued.
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

  /**
   * Queries the name servers. Each call creates its own resolver, which uses the currently configured name servers and
   * can be cancelled separately.
   */
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
  // Split the hosts file only if it contains the name, because hosts files that block sites can have a large number of
  // lines.
  if (!text.toLowerCase().includes(hostname)) return []
  return text.split('\n').flatMap(line => {
    const [entry = ''] = line.split('#', 1)
    const [address = '', ...names] = entry.trim().split(/\s+/)
    return isIP(address) && names.some(name => name.toLowerCase() === hostname) ? [address] : []
  })
}
