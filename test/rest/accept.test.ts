import { base } from '../support/interfaces'
import { calculation, client, json, problem } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const { call, get, post, put, ...make } = client(server)
const problemOnly = 'application/problem+json'

const both = [
  'application/json, application/problem+json',
  'application/problem+json, application/json',
  'application/problem+json, application/json;q=0.1',
  'application/problem+json, */*;q=0.1',
]

test.each(both)('a client that accepts %s gets data as JSON and errors as problems', async Accept => {
  const path = await make.started()
  const answers = [
    await get(path, { Accept }),
    await get(base, { Accept }),
    await put(path, calculation, { ...json, Accept }),
    await get(`${path}/results`, { Accept }),
    await get(`${path}/events`, { Accept }),
    await post(base, '{"mentor_id":"m"}', { ...json, Accept }),
    await call('DELETE', path, { Accept }),
  ]
  for (const { status, headers } of answers) {
    expect([200, 201]).toContain(status)
    expect(headers['content-type']).toMatch(/^application\/json/)
  }
  // `problem` checks the media type.
  expect(problem(await get(path, { Accept })).code).toBe('session_not_found')
  expect(problem(await put(path, '{', { ...json, Accept })).code).toBe('invalid_json')
  expect(problem(await get(`${base}?page=0`, { Accept })).code).toBe('invalid_query')
  expect(problem(await get('/shared/none', { Accept: 'application/json, application/problem+json' })).code).toBe(
    'share_not_found',
  )
  expect(problem(await call('PATCH', base, { Accept })).code).toBe('method_not_allowed')
})

test('a client that accepts only problems gets no data, but a problem that says so, and nothing changes', async () => {
  const path = await make.loaded()
  const answers = [
    await get(path, { Accept: problemOnly }),
    await get(base, { Accept: problemOnly }),
    await put(path, '{"event":"ResetRequested"}', { ...json, Accept: problemOnly }),
    await call('DELETE', path, { Accept: problemOnly }),
    await post(base, '{"mentor_id":"only"}', { ...json, Accept: problemOnly }),
  ]
  for (const answer of answers) {
    const { status, code, detail } = problem(answer)
    expect([status, code]).toEqual([406, 'not_acceptable'])
    expect(detail).toMatch(/^Not available as application\/problem\+json\. Available: application\/json/)
  }
  expect((await get(path)).headers.etag).toBe('"3"')
  expect(JSON.parse((await get(`${base}?mentor_id=only`)).text).pagination.total).toBe(0)
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
