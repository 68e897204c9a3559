import { base } from '../support/interfaces'
import { calculation, client, json, problem } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const { call, put, post, ...make } = client(server)
const text = { 'Content-Type': 'text/plain' }
const large = Buffer.alloc(17 * 1024, ' ')
const unacceptable = { Accept: 'image/png' }
const stale = { 'If-Match': '"9"' }
const wrong = '{"event":"CalculateRequested","payload":{}}'
const refusedEvent = '{"event":"RetryRequested"}'

// Each case has two faults that are neighbours in the order of checks. The response must report the first.
test.each<[string, string, (path: string) => ReturnType<typeof call>]>([
  ['a path that is none', 'the method', path => call('PATCH', `${path}/nothing`)],
  ['the method', 'the media type', path => call('PATCH', path, text, 'x')],
  ['the media type', 'the size', path => put(path, large, text)],
  ['the size', 'what is accepted', path => put(path, large, { ...json, ...unacceptable })],
  ['what is accepted', 'the JSON', path => put(path, '{', { ...json, ...unacceptable })],
  ['the JSON', 'the existence', path => put(`${path}none`, '{')],
  ['the JSON', 'a malformed If-Match', path => put(path, '{', { ...json, 'If-Match': '3' })],
  ['the existence', 'the version', path => put(`${path}none`, calculation, { ...json, ...stale })],
  ['the version', 'the content', path => put(path, wrong, { ...json, ...stale })],
  ['the content', 'the state', path => put(path, '{"event":"RetryRequested","payload":{"a":1}}')],
  ['the key', 'the version', path => taken(path, wrong, stale)],
  ['the key', 'the content', path => taken(path, wrong)],
  ['the key', 'the state', path => taken(path, refusedEvent)],
  ['the existence', 'the content', path => put(`${path}none`, wrong)],
  ['the existence', 'the state', path => put(`${path}none`, refusedEvent)],
  ['the version', 'the state', path => put(path, refusedEvent, { ...json, ...stale })],
])('%s is checked before %s', async (first, _, request) => {
  const codes: Record<string, string> = {
    'a path that is none': 'route_not_found',
    'the method': 'method_not_allowed',
    'the media type': 'unsupported_media_type',
    'the size': 'payload_too_large',
    'what is accepted': 'not_acceptable',
    'the JSON': 'invalid_json',
    'the existence': 'session_not_found',
    'the version': 'version_mismatch',
    'the content': 'validation_failed',
    'the key': 'idempotency_key_reused',
  }
  expect(problem(await request(await make.started())).code).toBe(codes[first])
})

/** Sends a request under a key that another request has used. */
async function taken(path: string, body: string, headers: object = {}) {
  const key = { 'Idempotency-Key': 'taken' }
  await put(path, calculation, { ...json, ...key })
  return put(path, body, { ...json, ...headers, ...key })
}

test('for a start, too, JSON is checked before a malformed key, and the key before the content', async () => {
  const key = { ...json, 'Idempotency-Key': 'two words' }
  expect(problem(await post(base, '{', key)).code).toBe('invalid_json')
  expect(problem(await post(base, '{}', key)).code).toBe('invalid_request')
  expect(problem(await post(base, '{}')).code).toBe('validation_failed')
})
