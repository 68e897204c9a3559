import { BlockList, isIP } from 'node:net'

// IPv4 blocks that are not public: private, shared, loopback, link-local (including cloud metadata services),
// documentation, benchmarking, multicast and reserved addresses. Source:
// https://www.iana.org/assignments/iana-ipv4-special-registry.
const special4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
// All public IPv6 unicast addresses are in this block. IPv4-mapped, NAT64, unique-local, link-local and multicast
// addresses are outside this block.
const public6 = '2000::/3'
// Blocks inside `public6` that are not public: protocol assignments (including Teredo), documentation, and 6to4, whose
// addresses embed an IPv4 address. Source: https://www.iana.org/assignments/iana-ipv6-special-registry.
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

function listOf(family: 'ipv4' | 'ipv6', subnets: string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

const refused4 = listOf('ipv4', special4)
const unicast6 = listOf('ipv6', [public6])
const refused6 = listOf('ipv6', special6)

export function isPublic(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !refused4.check(address, 'ipv4')
  return family === 6 && unicast6.check(address, 'ipv6') && !refused6.check(address, 'ipv6')
}

/** Returns a URL's host if it is an IP address, without brackets. Returns undefined if the host is a name. */
export function literalAddress({ hostname }: URL): string | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(address) ? address : undefined
}
