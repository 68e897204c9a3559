import { operations } from '../capabilities'
import { servingAdmin } from '../support/access'
import { base } from '../support/interfaces'
import { asked, restRequestsOf } from '../support/operation'
import { calculation, json, problem } from '../support/rest'
import { feedPath } from '../support/transports'

const requests = operations.flatMap(restRequestsOf)
const { rest, createFound } = servingAdmin()
const { call, get, post, put, ...make } = rest
const who = JSON.stringify({ mentor_id: 'mentor' })

describe('the response with a session', () => {
  test('to a start has Location, ETag and the version', async () => {
    for (const path of [base, base + base]) {
      const { status, headers, text } = await post(path, who)
      expect(status).toBe(201)
      expect(headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        location: `${base}/${JSON.parse(text).session_id}`,
        etag: '"1"',
        'session-version': '1',
      })
    }
  })

  test('to an event has the version and no ETag', async () => {
    const { status, headers } = await put(await make.started(), calculation)
    expect(status).toBe(200)
    expect(headers).toMatchObject({ 'session-version': '3' })
    expect(headers.etag).toBeUndefined()
  })

  test('to a read has ETag and version, and must be revalidated', async () => {
    const { headers } = await get(await make.loaded())
    expect(headers).toMatchObject({ etag: '"3"', 'session-version': '3', 'cache-control': 'private, no-cache' })
  })

  test('to a repeated request says so, and has the headers of the first', async () => {
    const keyed = { ...json, 'Idempotency-Key': '"a key"' }
    const first = await post(base, who, keyed)
    const second = await post(base, who, keyed)
    expect(first.headers['idempotency-replayed']).toBeUndefined()
    expect(second).toMatchObject({ status: 201, text: first.text, headers: { 'idempotency-replayed': 'true' } })
    for (const name of ['location', 'etag', 'session-version', 'content-type']) {
      expect(second.headers[name]).toBe(first.headers[name])
    }
  })
})

test.each([
  ['"k 1"', '"k 1"'],
  ['k-1', '"k-1"'],
  [String.raw`"a\"b\\c"`, String.raw`"a\"b\\c"`],
])('the key %s is valid, and equals %s', async (first, second) => {
  const path = await make.started()
  expect(
    (await put(path, calculation, { ...json, 'Idempotency-Key': first })).headers['idempotency-replayed'],
  ).toBeUndefined()
  expect((await put(path, calculation, { ...json, 'Idempotency-Key': second })).headers['idempotency-replayed']).toBe(
    'true',
  )
})

test.each(['two words', '"open', 'clo"sed', 'é', '""', '"k", "l"'])(
  'the key %s is malformed, and the response names it',
  async key => {
    const path = await make.started()
    const said = problem(
      await put(path, calculation, { ...json, 'Idempotency-Key': Buffer.from(key).toString('latin1') }),
    )
    expect(said).toMatchObject({ code: 'invalid_request', errors: [{ header: 'Idempotency-Key' }] })
  },
)

describe('HEAD', () => {
  test('has the headers of GET and no body, wherever GET is served', async () => {
    const origin = JSON.parse((await get(feedPath)).text).next
    const found = await createFound({ mentor_id: 'mentor', organisation_id: 'organisation' })
    const paths = requests.flatMap(request =>
      request.at.startsWith('GET ') ? [asked(request, found, origin).path] : [],
    )
    for (const at of [...paths, `${base}/none`, '/nothing']) {
      const full = await get(at, { 'X-Request-Id': 'same' })
      const head = await call('HEAD', at, { 'X-Request-Id': 'same' })
      expect(head.text).toBe('')
      expect([at, head.status]).toEqual([at, full.status])
      // A response to HEAD has no content that could be sent in chunks: https://www.rfc-editor.org/rfc/rfc9112#section-6.1
      const { 'transfer-encoding': encoding, ...shown } = full.headers
      expect({ ...head.headers, date: '' }).toEqual({ ...shown, date: '' })
      if (encoding === undefined) expect(Number(head.headers['content-length'])).toBe(Buffer.byteLength(full.text))
    }
  })
})

/** The methods of each path, in the order of `Allow`. Sessions are also served below their base path twice. */
const allowed = new Map<string, string>()
for (const { at } of requests) {
  const [, path = ''] = at.split(' ')
  const has = (method: string) => requests.some(request => request.at === `${method} ${path}`)
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(has)
  const allow = [...methods, 'OPTIONS'].join(', ').replace('GET', 'GET, HEAD')
  for (const prefix of path.startsWith(base) ? ['', base] : ['']) allowed.set(prefix + path, allow)
}

test.each([...allowed])('OPTIONS %s and each of its 405 responses list %s', async (template, allow) => {
  const path = template.replace(/\{\w+\}/g, 'none')
  const options = await call('OPTIONS', path)
  expect(options).toMatchObject({ status: 204, text: '', headers: { allow } })
  const refusedMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'].filter(
    method => !allow.includes(method),
  )
  for (const method of refusedMethods) {
    const answer = await call(method, path)
    expect(answer).toMatchObject({ status: 405, headers: { allow } })
    if (method !== 'HEAD') expect(problem(answer).code).toBe('method_not_allowed')
  }
})

describe('X-Request-Id', () => {
  const made = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

  test.each(['abc', '7f3a2b1c-0000', 'a.b:c~d+e/f=g', 'x'.repeat(128)])('%s is used', async id => {
    for (const path of [base, '/nothing', '/graphql', '/healthz']) {
      expect((await get(path, { 'X-Request-Id': id })).headers['x-request-id']).toBe(id)
    }
  })

  test.each(['', 'two words', 'x'.repeat(129), '{"json":1}', 'a,b'])('%j is malformed and replaced', async id => {
    expect((await get(base, { 'X-Request-Id': id })).headers['x-request-id']).toMatch(made)
  })

  test('a request without one gets its own', async () => {
    const ids = [await get(base), await get(base)].map(({ headers }) => headers['x-request-id'])
    expect(ids[0]).toMatch(made)
    expect(ids[1]).not.toBe(ids[0])
  })
})

test('a share link is kept out of caches, referrers and search engines', async () => {
  const path = await make.loaded()
  await put(path, '{"event":"ShareRequested"}')
  const share = JSON.parse((await get(`${path}/share`)).text)
  expect((await get(share.path)).headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex',
  })
})

test("no response names the server's software", async () => {
  for (const path of [base, '/nothing', '/graphql', `${base}/%ff`]) {
    const { headers } = await get(path)
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('server')
  }
})
