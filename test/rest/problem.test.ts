import { DomainError } from '../../src/domain/errors'
import { interceptingEach } from '../support/intercepting'
import { base } from '../support/interfaces'
import { send } from '../support/raw'
import { calculation, client, json, problem } from '../support/rest'
import { linesOf, serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { allowedIn } from '../support/transition-table'

const server = serving(embeddedDatabase)
const asJson = { Accept: 'application/json' }
const { call, get, post, put, ...make } = client(server)

test('a refused event uses the REST names of events', async () => {
  const path = await make.loaded()
  expect(problem(await put(path, '{"event":"RetryRequested"}'))).toMatchObject({
    detail: `A session in state loaded does not accept RetryRequested. It accepts ${allowedIn('loaded').join(', ')}.`,
    instance: path,
    current_state: 'loaded',
    event: 'RetryRequested',
    allowed_events: allowedIn('loaded'),
  })
})

test.each<[string, (path: string) => ReturnType<typeof call>, string]>([
  ['a method', path => call('PATCH', path), '`PATCH` is not allowed here. Allowed: GET, HEAD, PUT, DELETE.'],
  [
    'a media type',
    path => get(`${path}/events`, { Accept: 'image/png' }),
    'Not available as image/png. Available: application/json, text/event-stream.',
  ],
  [
    'a content encoding',
    path => put(path, calculation, { ...json, 'Content-Encoding': 'zip' }),
    'This `Content-Encoding` is not supported. `Accept-Encoding` lists the supported encodings.',
  ],
  [
    'a share that does not exist',
    path => get(`${path}/share`),
    'The current result has no live share link. Dispatch ShareRequested to create one.',
  ],
])('the detail for %s says what to do', async (_, request, detail) => {
  expect(problem(await request(await make.loaded())).detail).toBe(detail)
})

test('the detail for a media type repeats at most 100 characters of it', async () => {
  const { detail } = problem(await get(base, { Accept: `image/${'x'.repeat(1_000)}` }))
  expect(detail).toBe(`Not available as image/${'x'.repeat(94)}. Available: application/json, text/csv.`)
})

test.each(['%', '%zz', '%ff', 'a%2', '%c0%af'])('the path /%s is malformed', async id => {
  for (const at of [
    `${base}/${id}`,
    `${base}/${id}/events`,
    `${base}/x/results/${id}`,
    `/shared/${id}`,
    `${base + base}/${id}`,
  ]) {
    expect(problem(await get(at))).toMatchObject({ status: 400, code: 'invalid_request' })
  }
})

test.each([
  '/api',
  '/api/v1',
  `${base}/x/nothing`,
  `${base}/x/results/y/z`,
  base.toUpperCase(),
  `${base}s`,
  '/shared',
  '/shared/',
  '/%ff',
  base + base + base,
])('%s is not found', async path => {
  for (const method of ['GET', 'POST', 'OPTIONS']) {
    expect(problem(await call(method, path, asJson))).toMatchObject({ status: 404, code: 'route_not_found' })
  }
})

test.each(['/api', '/API/v1', `${base}/x/nothing`, '/graphql/nothing'])(
  'an unknown path below %s is a problem document for browsers, too',
  async path => {
    for (const Accept of ['*/*', 'text/html']) {
      expect(problem(await get(path, { Accept }))).toMatchObject({ status: 404, code: 'route_not_found' })
    }
  },
)

test('/ is the dashboard for browsers', async () => {
  const { headers } = await get('/', { Accept: 'text/html' })
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
})

test('a path may end in a slash', async () => {
  expect((await get(`${base}/`)).status).toBe(200)
  expect((await get(`${await make.started()}/`)).status).toBe(200)
})

describe('an unreachable store', () => {
  let reachable = true
  const failing = serving(embeddedDatabase, {
    // Rejects every call, as a driver does without its database.
    store: opened =>
      interceptingEach(opened, async (name, call) => {
        if (reachable || name === 'end') return call()
        throw Object.assign(new DomainError('unavailable'), { cause: new Error('secret-host:27017 refused') })
      }),
  })
  beforeEach(() => {
    reachable = false
  })

  test('is 503 with Retry-After on every path, and the cause is in the log only', async () => {
    for (const [method, path, body] of [
      ['GET', base, undefined],
      ['POST', base, '{"mentor_id":"m"}'],
      ['GET', `${base}/x`, undefined],
      ['PUT', `${base}/x`, calculation],
      ['DELETE', `${base}/x`, undefined],
      ['GET', '/shared/x', undefined],
    ] as const) {
      const answer = await send(failing.url, method, path, json, body)
      expect(problem(answer)).toMatchObject({ status: 503, code: 'unavailable' })
      expect(answer.headers['retry-after']).toBe('2')
      expect(answer.text).not.toContain('secret-host')
      const lines = await linesOf(failing, String(answer.headers['x-request-id']), 2)
      expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
        ['warn', 'unavailable'],
        ['info', 'request'],
      ])
      expect(JSON.stringify(lines[0])).toContain('secret-host')
    }
  })

  test('is reported by /readyz as the failing part, while /healthz is fine', async () => {
    const ready = await send(failing.url, 'GET', '/readyz')
    expect(ready).toMatchObject({ status: 503, headers: { 'retry-after': '2' } })
    expect(JSON.parse(ready.text)).toEqual({ status: 'unavailable', failing: ['store'] })
    expect(await send(failing.url, 'GET', '/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}' })
    reachable = true
    expect(await send(failing.url, 'GET', '/readyz')).toMatchObject({ status: 200, text: '{"status":"ok"}' })
  })
})
