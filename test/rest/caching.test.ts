import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openapi } from '../../src/rest/description/openapi'
import { resources } from '../support/described'
import { base } from '../support/interfaces'
import { client, json } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase, { config: { WEBHOOKS: true } })
const { call, get, put, ...make } = client(server)

interface Operation {
  requestBody?: { content: { 'application/json': { examples: Record<string, { value: unknown }> } } }
}
const { paths } = openapi(resources) as unknown as { paths: Record<string, Record<string, Operation>> }
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => [method.toUpperCase(), path, operation] as const),
)

interface Row {
  kept: string
  tag: string
}

/** The caching rules that docs/rest.md states for each readable resource. */
const rows = new Map<string, Row>()
const manual = readFileSync(join(__dirname, '../../../docs/rest.md'), 'utf8')
const [, table = ''] = manual.split('| what is read | `Cache-Control` | `ETag` |\n| --- | --- | --- |\n')
for (const line of table.split('\n\n', 1)[0]?.split('\n') ?? []) {
  const [, resources = '', kept = '', tag = ''] = line.split('|').map(cell => cell.trim())
  for (const [, path = ''] of resources.matchAll(/`([^`]+)`/g))
    rows.set(path.replace(/^B/, base), { kept: kept.replaceAll('`', ''), tag })
}

/** Values for path parameters, including those of a session with a result and a share link. */
const values: Record<string, string> = { code: 'event_refused', mentor_id: 'nobody' }

beforeAll(async () => {
  Object.assign(values, await shared(), await webhook())
  values.report_token = (await report()).token
})

/** Creates a session with a share link. Returns the values of its path parameters. */
async function shared(): Promise<Record<string, string>> {
  const path = await make.loaded()
  await put(path, '{"event":"ShareRequested"}')
  const { token, result_id } = JSON.parse((await get(`${path}/share`)).text)
  return { session_id: String(path.split('/').at(-1)), token, result_id }
}

/** Creates a webhook endpoint, and returns its id and its cursor. */
async function webhook(): Promise<{ endpoint_id: string; cursor: string }> {
  const { text } = await call('POST', '/api/v1/webhook-endpoints', json, '{"url":"https://receiver.invalid/"}')
  return JSON.parse(text)
}

/** Shares a report, and returns its id and its token. */
async function report(): Promise<{ report_id: string; token: string }> {
  const body = '{"title":"Report","from":"2026-01","to":"2026-12"}'
  return JSON.parse((await call('POST', '/api/v1/benefit-reports', json, body)).text)
}

const filled = (path: string, more: Record<string, string> = {}): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = { ...values, ...more }[path === '/reports/{token}' ? 'report_token' : name]
    if (value === undefined) throw new Error(`say in this test what a {${name}} of ${path} may be`)
    return value
  })

const strengthOf = (etag: unknown): string =>
  etag === undefined ? '' : String(etag).startsWith('W/') ? 'weak' : 'strong'

/** Queries of the paths that require one. */
const queries: Record<string, string> = { '/api/v1/benefit-search': '?text=a' }

const reads = operations.flatMap(([method, path]) => (method === 'GET' ? [path] : []))
const repeated = reads.filter(path => path.startsWith(base)).map(path => base + path)

test.each([...reads, ...repeated])('%s is cacheable as docs/rest.md says', async path => {
  const row = rows.get(path.replace(base + base, base))
  if (!row) throw new Error(`docs/rest.md has no row for ${path}: how may a client keep it?`)
  const at = filled(path) + (queries[path] ?? '')
  for (const method of ['GET', 'HEAD']) {
    const answer = await call(method, at)
    const { etag } = answer.headers
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': row.kept } })
    expect(strengthOf(etag)).toBe(row.tag.split(':', 1)[0])
    // The tag of a webhook endpoint is that of its configuration, for If-Match only.
    if (etag === undefined || row.kept === 'no-store') continue
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

test('every row of docs/rest.md describes an existing resource', async () => {
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

const changes = operations.filter(([method]) => method !== 'GET')

test.each(changes)('the response to %s %s is not cacheable', async (method, path, { requestBody }) => {
  const [example] = Object.values(requestBody?.content['application/json'].examples ?? {})
  const { endpoint_id, cursor } = await webhook()
  const { report_id } = await report()
  const body = example && JSON.stringify(path.endsWith('/replays') ? { after: cursor } : example.value)
  const answer = await call(method, filled(path, { ...(await shared()), endpoint_id, report_id }), json, body)
  expect(answer.status).toBeLessThan(300)
  expect(answer.headers['cache-control']).toBe('no-store')
})

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
