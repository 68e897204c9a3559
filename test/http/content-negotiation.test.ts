import type { IncomingMessage } from 'node:http'
import { acceptsExplicitly, preferredEncoding } from '../../src/http/content-negotiation'

const asking = (headers: Record<string, string>): IncomingMessage => ({ headers }) as unknown as IncomingMessage

test.each([
  ['gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['gzip, deflate, br', 'br'],
  ['gzip, br;q=0.5', 'gzip'],
  ['br;q=0.2, gzip;q=0.3', 'gzip'],
  ['*', 'br'],
  ['br;q=0, *', 'gzip'],
  ['*;q=0.5, gzip', 'gzip'],
  ['identity;q=0, *;q=0.1', 'br'],
  ['identity, gzip;q=0.5', 'identity'],
  ['deflate', 'identity'],
  ['br;q=0, gzip;q=0', 'identity'],
  ['', 'identity'],
])('of br and gzip, a client that accepts "%s" gets %s', (accepted, encoding) => {
  expect(preferredEncoding(asking({ 'accept-encoding': accepted }), ['br', 'gzip'])).toBe(encoding)
})

test('without Accept-Encoding the content is sent uncompressed', () => {
  expect(preferredEncoding(asking({}), ['br', 'gzip'])).toBe('identity')
})

test.each(['*;q=0', 'identity;q=0', 'identity;q=0, br;q=0'])(
  'a client that accepts no available encoding, not even identity, gets uncompressed content: "%s"',
  accepted => expect(preferredEncoding(asking({ 'accept-encoding': accepted }), ['br', 'gzip'])).toBe('identity'),
)

test.each([
  ['text/html', true],
  ['TEXT/HTML;q=0.9', true],
  ['application/json, text/html;level=1', true],
  ['text/html;q=0', false],
  ['text/htmlx', false],
  ['text/*', false],
  ['*/*', false],
  ['', false],
])('a media type is named only by itself, not by a wildcard: "%s"', (accept, isNamed) => {
  expect(acceptsExplicitly(asking({ accept }), 'text/html')).toBe(isNamed)
})
