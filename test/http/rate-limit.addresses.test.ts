import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { clientAddressBehind } from '../../src/http/rate-limit'

const from = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:0:0:1:2:3:4', '2001:db8:0:0::/64'],
  ['2001:0DB8:1:2:3::', '2001:db8:1:2::/64'],
  ['fe80::1:2:3:4%eth0', 'fe80:0:0:0::/64'],
  ['1:2:3:4:5:6:7.8.9.10', '1:2:3:4::/64'],
])('%s counts as %s', (address, counted) => {
  expect(clientAddressBehind(0)(from(address))).toBe(counted)
})

test.each([
  [0, '203.0.113.9', '10.0.0.1'],
  [1, undefined, '10.0.0.1'],
  [1, '203.0.113.9', '203.0.113.9'],
  [1, '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  [2, '198.51.100.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
  [2, '203.0.113.9', '203.0.113.9'],
  [1, '203.0.113.9:4711', '203.0.113.9'],
  [1, '[2001:db8::1]:4711', '2001:db8:0:0::/64'],
  [1, '2001:db8::1', '2001:db8:0:0::/64'],
])('behind %i trusted proxies, X-Forwarded-For "%s" means %s', (proxies, forwarded, address) => {
  expect(clientAddressBehind(proxies)(from('10.0.0.1', forwarded))).toBe(address)
})

test.each([
  [1, '203.0.113.9, ', '10.0.0.1'],
  [1, '203.0.113.9,', '10.0.0.1'],
  [2, '203.0.113.9,,10.0.0.2', '10.0.0.2'],
  [2, '203.0.113.9, , 10.0.0.2', '10.0.0.2'],
  [2, ', 203.0.113.9, 10.0.0.2', '203.0.113.9'],
  [1, '203.0.113.9,\t10.0.0.2 ', '10.0.0.2'],
  [1, '', '10.0.0.1'],
  [1, ' ', '10.0.0.1'],
  [3, '203.0.113.9, 10.0.0.3:, 10.0.0.2', '10.0.0.2'],
])(
  'behind %i trusted proxies, "%s" means %s, because an empty entry is not an address',
  (proxies, forwarded, address) => {
    expect(clientAddressBehind(proxies)(from('10.0.0.1', forwarded))).toBe(address)
  },
)

test('whatever a client sends, it counts by the address that the outermost trusted proxy appends', () => {
  const entry = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('', ' ', '\t', ',', 'unknown', ':', '[', '"1.1.1.1"'),
    fc.string(),
  )
  const sent = fc.array(entry, { maxLength: 5 }).map(entries => entries.join(','))
  // nginx and HAProxy append with a comma and a space, Envoy with a comma.
  const property = fc.property(
    sent,
    fc.constantFrom(', ', ','),
    fc.integer({ min: 1, max: 3 }),
    (text, comma, proxies) => {
      const appended = ['203.0.113.9', '10.0.0.3', '10.0.0.2'].slice(0, proxies)
      expect(clientAddressBehind(proxies)(from('10.0.0.1', [text, ...appended].join(comma)))).toBe('203.0.113.9')
    },
  )
  fc.assert(property)
})

test.each(['unknown', 'x'.repeat(16_000), '10.0.0.256', ',,,', '203.0.113.9, nobody', '203.0.113.9,:'])(
  'an entry that is not an address counts as the proxy that wrote it: %#',
  forwarded => {
    expect(clientAddressBehind(2)(from('10.0.0.1', forwarded))).toBe('10.0.0.1')
  },
)
