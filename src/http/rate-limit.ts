import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import { DomainError } from '../domain/errors'

/** What an address may send: `remaining` of `requests` within the next `seconds`. */
export interface Rate {
  requests: number
  seconds: number
  remaining: number
}

/**
 * Throws `rate_limited` if the address exceeds the rate limit. Sets the headers `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers-10) of a response. Returns undefined if there is no limit.
 */
export type RateLimit = (address: string, response?: ServerResponse) => Rate | undefined

const windowSeconds = 1
const windowMs = windowSeconds * 1_000

/** Maximum number of addresses counted within a second. Operations from further addresses are then refused. */
export const trackedAddresses = 100_000

/**
 * If `perSecond` is undefined, the rate is unlimited. All counts are in one bounded map, which is cleared every second.
 * The package rate-limiter-flexible is not used, because it creates one timer per address, without an upper bound.
 */
export function rateLimit(perSecond: number | undefined, clock = () => performance.now()): RateLimit {
  if (perSecond === undefined) return () => undefined
  const policy = `"address";q=${perSecond};w=${windowSeconds}`
  const counts = new Map<string, number>()
  let began = clock()
  return (address, response) => {
    const now = clock()
    if (now - began >= windowMs) {
      counts.clear()
      began = now
    }
    const count = counts.get(address) ?? 0
    const isAllowed = count < perSecond && (count > 0 || counts.size < trackedAddresses)
    const remaining = isAllowed ? perSecond - count - 1 : 0
    response?.setHeader('RateLimit-Policy', policy)
    response?.setHeader('RateLimit', `"address";r=${remaining};t=${windowSeconds}`)
    if (!isAllowed) throw new DomainError('rate_limited')
    counts.set(address, count + 1)
    return { requests: perSecond, seconds: windowSeconds, remaining }
  }
}

/** An IPv4 address, or an IPv6 address's /64 network, because one client usually owns a whole /64. */
export type ClientAddress = (request: IncomingMessage) => string

/** Like `RateLimit`, for the client's address. */
export type Admit = (request: IncomingMessage, response: ServerResponse) => Rate | undefined

/**
 * Each proxy appends the address of its own client to X-Forwarded-For. The server reads only the last `proxies`
 * entries, from right to left, because a client can invent the other entries. It stops at the first entry that is not
 * an IP address. The client's address is the last IP address read.
 */
export const clientAddressBehind =
  (proxies: number): ClientAddress =>
  ({ headers, socket: { remoteAddress: address = '' } }) => {
    if (proxies === 0) return counted(address)
    const entries = String(headers['x-forwarded-for'] ?? '').split(',')
    for (const entry of entries.slice(-proxies).reverse()) {
      const hop = withoutPort(entry.trim())
      if (isIP(hop) === 0) break
      address = hop
    }
    return counted(address)
  }

/** Removes the port that some proxies append, as in `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
const withoutPort = (hop: string): string =>
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

/** Returns the eight groups of an IPv6 address (RFC 4291 §2.2). */
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
