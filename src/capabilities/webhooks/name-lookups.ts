import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

/** Time limit of a name look-up in ms. */
export const lookupMs = 5_000
/** Time limit in ms for one response. The look-up then queries the same name server again, or the next one. */
const serverMs = 1_000
/** Maximum number of addresses that an attempt tries per host name. */
export const addressesTried = 8

const hostsFile = '/etc/hosts'

/**
 * Looks up a host name in the hosts file and, if the file does not contain it, at the name servers `servers`. By default,
 * queries the system's name servers. Never throws. Returns an empty list if the name is not resolved. The system's `getaddrinfo` is unsuitable,
 * because it has no time limit and blocks one of the four threads that Node.js uses for file access.
 */
export async function lookUp(hostname: string, servers?: readonly string[]): Promise<string[]> {
  const known = await addressesInHosts(hostname)
  const addresses = known.length > 0 ? known : await addressesAt(hostname, servers)
  return addresses.slice(0, addressesTried)
}

/** Uses its own resolver, with the currently configured name servers, which can be cancelled separately. */
async function addressesAt(hostname: string, servers?: readonly string[]): Promise<string[]> {
  const resolver = new Resolver({ timeout: serverMs, tries: 3 })
  if (servers) resolver.setServers(servers)
  const timer = setTimeout(() => resolver.cancel(), lookupMs)
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  clearTimeout(timer)
  return answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []))
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
