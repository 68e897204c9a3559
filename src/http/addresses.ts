import type { IncomingMessage } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import proxyAddr from 'proxy-addr'

/** Whom a request is counted with: an IPv4 address, or the /64 network of an IPv6 one, which one client holds whole. */
export type AddressOf = (request: IncomingMessage) => string

/** Lets a request in, or refuses it as rate_limited. */
export type Admit = (request: IncomingMessage) => void

/**
 * Reads the address from behind so many proxies of ours, each of which appends to X-Forwarded-For whom it was asked by.
 * What stands further from us was written by the client, and is never read; an entry that is no address ends the way.
 */
export const addressesBehind =
  (proxies: number): AddressOf =>
  request => {
    if (proxies === 0) return counted(request.socket.remoteAddress ?? '')
    const hops = proxyAddr.all(request, (_address, hop) => hop < proxies).map(withoutPort)
    const unread = hops.findIndex(hop => isIP(hop) === 0)
    return counted(hops[unread === -1 ? hops.length - 1 : Math.max(0, unread - 1)] ?? '')
  }

/** Some proxies write the port too: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const withoutPort = (hop = ''): string =>
  /^(?:([\d.]+)|\[([^\]]*)\])(?::\d+)?$/.exec(hop)?.slice(1).find(Boolean) ?? hop

function counted(address: string): string {
  if (isIPv4(address) || isIP(address) === 0) return address
  const groups = groupsOf(address)
  const isMapped = groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff
  if (isMapped)
    return groups
      .slice(6)
      .flatMap(group => [group >> 8, group & 0xff])
      .join('.')
  return `${groups
    .slice(0, 4)
    .map(group => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2). */
function groupsOf(address: string): number[] {
  const [text = ''] = address.split('%', 1)
  const [head = [], tail = []] = text.split('::', 2).map(half => half.split(':').filter(Boolean).flatMap(groupOf))
  return [...head, ...Array(8 - head.length - tail.length).fill(0), ...tail]
}

function groupOf(part: string): number[] {
  if (!part.includes('.')) return [Number.parseInt(part, 16)]
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}
