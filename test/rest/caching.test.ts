import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openapi } from '../../src/rest/description/openapi'
import { operations } from '../capabilities'
import { servingAdmin } from '../support/access'
import { resources } from '../support/described'
import { base } from '../support/interfaces'
import { asked, contentOf, type Found, type RestRequest, restRequestsOf } from '../support/operation'
import { feedPath } from '../support/transports'

const { rest, createFound } = servingAdmin()
const { call, get, put, ...make } = rest

interface Operation {
  requestBody?: { content: Record<string, { examples?: Record<string, { value: unknown }> }> }
}
const { paths } = openapi(resources) as unknown as { paths: Record<string, Record<string, Operation>> }

interface Row {
  kept: string
  tag: string
}

/** The caching rules that docs/reference/rest.md, or the page of a capability, states for each readable resource. */
const rows = new Map<string, Row>()
const folder = join(__dirname, '../../../docs/reference')
const tables = readdirSync(folder).flatMap(name =>
  readFileSync(join(folder, name), 'utf8')
    .split('| what is read | `Cache-Control` | `ETag` |\n| --- | --- | --- |\n')
    .slice(1)
    .map(text => text.trimEnd().split('\n\n', 1)[0] ?? ''),
)
for (const line of tables.flatMap(table => table.split('\n'))) {
  const [, resources = '', kept = '', tag = ''] = line.split('|').map(cell => cell.trim())
  for (const [, path = ''] of resources.matchAll(/`([^`]+)`/g))
    rows.set(path.replace(/^B/, base), { kept: kept.replaceAll('`', ''), tag })
}

/** What the paths name, and a cursor of the feed before it. */
let found: Found
let origin: string
const fresh = () => createFound({ mentor_id: 'mentor', organisation_id: 'organisation' })

beforeAll(async () => {
  origin = JSON.parse((await get(feedPath)).text).next
  found = await fresh()
})

const strengthOf = (etag: unknown): string =>
  etag === undefined ? '' : String(etag).startsWith('W/') ? 'weak' : 'strong'

const requests = new Map(operations.flatMap(restRequestsOf).map(request => [request.at as string, request]))

const reads = [...requests.keys()].flatMap(at => (at.startsWith('GET ') ? [at.slice('GET '.length)] : []))
const repeated = reads.filter(path => path.startsWith(base)).map(path => base + path)

test.each([...reads, ...repeated])('%s is cacheable as the docs say', async path => {
  const row = rows.get(path.replace(base + base, base))
  if (!row) throw new Error(`no page in docs has a row for ${path}: how may a client keep it?`)
  const prefix = path.startsWith(base + base) ? base : ''
  const at = prefix + asked(requests.get(`GET ${path.slice(prefix.length)}`) as RestRequest, found, origin).path
  for (const method of ['GET', 'HEAD']) {
    const answer = await call(method, at)
    const { etag } = answer.headers
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': row.kept } })
    expect(strengthOf(etag)).toBe(row.tag.split(':', 1)[0])
    if (etag === undefined) continue
    const { vary } = answer.headers
    for (const tags of [etag, `W/${String(etag).replace('W/', '')}`, `"none", ${etag}`, '*']) {
      const known = await call(method, at, { 'If-None-Match': tags })
      expect(known).toMatchObject({ status: 304, text: '', headers: { 'cache-control': row.kept, etag } })
      expect(known.headers.vary).toBe(vary)
      expect(known.headers).not.toHaveProperty('content-type')
    }
    const changed = await call(method, at, { 'If-None-Match': '"none"' })
    expect(changed).toMatchObject({ status: 200, headers: { 'cache-control': row.kept, etag } })
    expect((await call(method, at, { 'If-None-Match': 'none' })).status).toBe(400)
  }
})

test('every row of these tables describes an existing resource', async () => {
  const [asset] = /(?<=")\/assets\/[^"]+\.js(?=")/.exec((await get('/', { Accept: 'text/html' })).text) ?? []
  const [editor] =
    /(?<=")\/graphiql\/assets\/[^"]+\.js(?=")/.exec((await get('/graphql', { Accept: 'text/html' })).text) ?? []
  const others: Record<string, [path: string, accept: string]> = {
    '/': ['/', 'text/html'],
    '/sessions/{session_id}': ['/sessions/any', 'text/html'],
    '/assets/{file}': [asset ?? 'none', '*/*'],
    '/graphiql/assets/{file}': [editor ?? 'none', '*/*'],
    '/graphql': ['/graphql?query={__typename}', 'application/json'],
    '/graphql/stream': ['/graphql/stream?query={__typename}', 'text/event-stream'],
  }
  expect([...rows.keys()].sort()).toEqual([...new Set([...reads, ...Object.keys(others)])].sort())
  for (const [name, [path, Accept]] of Object.entries(others)) {
    const { status, headers } = await get(path, { Accept })
    const { kept, tag } = rows.get(name) as Row
    expect({ name, status, kept: headers['cache-control'] }).toEqual({ name, status: 200, kept })
    expect(headers.etag !== undefined).toBe(tag !== '')
  }
})

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const changes = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, { requestBody }]) =>
    method === 'get' ? [] : [[`${method.toUpperCase()} ${path}`, requestBody] as const],
  ),
)

test.each(changes)(
  'the response to %s, with the first example of its body, is not cacheable',
  async (at, requestBody) => {
    const request = requests.get(at) as RestRequest
    const [{ examples = {} } = {}] = Object.values(requestBody?.content ?? {})
    const [example] = Object.values(examples)
    const { method, path, body } = asked(request, await fresh(), origin)
    // The cursor of the example is of another server.
    const sent = at.endsWith('/replays') ? body : example && textOf(example.value)
    const answer = await call(method, path, contentOf(request), sent)
    expect(answer.status).toBeLessThan(300)
    expect(answer.headers['cache-control']).toBe('no-store')
  },
)

test.each(['/graphql', '/graphql/stream'])('an error of %s is not cacheable', async path => {
  for (const [method, at, headers] of [
    ['GET', path, { Accept: 'application/json' }],
    ['GET', path, { Accept: 'text/event-stream' }],
    ['GET', `${path}?query={none}`, { Accept: '*/*' }],
    ['DELETE', path, { Accept: '*/*' }],
    ['POST', path, { 'Content-Type': 'application/json; charset=latin1' }],
  ] as const) {
    const answer = await call(method, at, headers, method === 'POST' ? '{}' : undefined)
    expect(answer.headers['cache-control']).toBe('no-store')
  }
})

test('a conditional read of a closed session is 404, not 304', async () => {
  const path = await make.loaded()
  const [{ result_id }] = JSON.parse((await get(`${path}/results`)).text).data
  const places = [path, `${path}/results`, `${path}/results/${result_id}`]
  const tags = await Promise.all(places.map(async at => (await get(at)).headers.etag))
  await call('DELETE', path)
  for (const [i, at] of places.entries()) {
    const answer = await get(at, { 'If-None-Match': tags[i] })
    expect(answer).toMatchObject({ status: 404, headers: { 'cache-control': 'no-store' } })
    expect(answer.headers).not.toHaveProperty('etag')
  }
})

test("the ETag of a client's results no longer matches after the next event", async () => {
  const path = await make.loaded()
  const { headers } = await get(`${path}/results`)
  await put(path, '{"event":"ResetRequested"}')
  const after = await get(`${path}/results`, { 'If-None-Match': headers.etag })
  expect(after).toMatchObject({ status: 200, headers: { etag: 'W/"4"' } })
})
