import { operations } from '../capabilities'
import { servingAdmin } from '../support/access'
import { base } from '../support/interfaces'
import { asked, type Found, type RestRequest, restRequestsOf, typesOf } from '../support/operation'
import type { RawAnswer } from '../support/raw'
import { json, problem } from '../support/rest'
import { feedPath } from '../support/transports'

const { rest, createFound } = servingAdmin()
const { call, get, put, ...make } = rest
const problemOnly = 'application/problem+json'

const both = [
  'application/json, application/problem+json',
  'application/problem+json, application/json',
  'application/problem+json, application/json;q=0.1',
  'application/problem+json, */*;q=0.1',
]

/** The requests that get JSON, apart from pages for browsers, which are HTML by default. */
const rows = operations.flatMap(({ consumes = false, ...operation }) =>
  restRequestsOf(operation)
    .filter(request => typesOf(request).includes('application/json') && !typesOf(request).includes('text/html'))
    .map(request => ({ consumes, request })),
)
let origin: string
let found: Found
const fresh = () => createFound({ mentor_id: 'mentor', organisation_id: 'organisation' })
beforeAll(async () => {
  origin = JSON.parse((await get(feedPath)).text).next
  found = await fresh()
})

/** Sends a request with this Accept. */
async function asking(request: RestRequest, of: Found, Accept: string): Promise<RawAnswer> {
  const { method, path, body } = asked(request, of, origin)
  return call(method, path, { ...(body && json), Accept }, body)
}

test.each(both)('a client that accepts %s gets data as JSON and errors as problems', async Accept => {
  for (const { consumes, request } of rows) {
    const { status, headers } = await asking(request, consumes ? await fresh() : found, Accept)
    expect([request.at, status]).toEqual([request.at, request.status ?? 200])
    expect(headers['content-type']).toMatch(/^application\/json/)
  }
  const path = await make.started()
  // `problem` checks the media type.
  expect(problem(await get(`${path}none`, { Accept })).code).toBe('session_not_found')
  expect(problem(await put(path, '{', { ...json, Accept })).code).toBe('invalid_json')
  expect(problem(await get(`${base}?page=0`, { Accept })).code).toBe('invalid_query')
  expect(problem(await get('/shared/none', { Accept: 'application/json, application/problem+json' })).code).toBe(
    'share_not_found',
  )
  expect(problem(await call('PATCH', base, { Accept })).code).toBe('method_not_allowed')
})

test('a client that accepts only problems gets no data, but a problem that says so, and nothing changes', async () => {
  const sessions = async () => JSON.parse((await get(base)).text).pagination.total
  const before = await sessions()
  for (const { request } of rows) {
    const { status, code, detail } = problem(await asking(request, found, problemOnly))
    expect([request.at, status, code]).toEqual([request.at, 406, 'not_acceptable'])
    expect(detail).toMatch(/^Not available as application\/problem\+json\. Available: application\/json/)
  }
  expect((await get(`${base}/${found.session_id}`)).headers.etag).toBe('"4"')
  expect(await sessions()).toBe(before)
})

test.each([problemOnly, 'image/png', 'text/event-stream', 'text/html', 'application/json;q=0'])(
  'an error is a problem for a client that accepts only %s',
  async Accept => {
    expect(problem(await call('PATCH', base, { Accept })).code).toBe('method_not_allowed')
    expect(problem(await get('/api/nothing', { Accept })).code).toBe('route_not_found')
    expect(problem(await get(`${base}?page=0`, { Accept })).code).toBe('invalid_query')
  },
)

test('an event stream refuses with a problem, too', async () => {
  const Accept = 'text/event-stream, application/problem+json'
  expect(problem(await get(`${base}/none/events`, { Accept })).code).toBe('session_not_found')
})
