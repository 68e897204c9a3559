import type { IncomingMessage } from 'node:http'
import { encodingOf, names } from '../../src/http/accept'

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
])('of br and gzip, who accepts the encodings "%s" gets %s', (accepted, encoding) => {
  expect(encodingOf(asking({ 'accept-encoding': accepted }), ['br', 'gzip'])).toBe(encoding)
})

test('who names no encoding gets the content as it is', () => {
  expect(encodingOf(asking({}), ['br', 'gzip'])).toBe('identity')
})

test.each(['*;q=0', 'identity;q=0', 'identity;q=0, br;q=0'])(
  'who accepts no encoding that there is, not even identity, gets the content as it is: "%s"',
  accepted => expect(encodingOf(asking({ 'accept-encoding': accepted }), ['br', 'gzip'])).toBe('identity'),
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
])('a media type is named by itself, not by a wildcard: "%s"', (accept, isNamed) => {
  expect(names(asking({ accept }), 'text/html')).toBe(isNamed)
})
