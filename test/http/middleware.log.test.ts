import { inputs } from '../support/inputs'
import { base } from '../support/interfaces'
import { sendRaw } from '../support/raw'
import { client, json } from '../support/rest'
import { linesOf, serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const { call, get, post, put, ...make } = client(server)
const id = (request_id: string) => ({ 'X-Request-Id': request_id })

test('every request has one line, with its id, method, path, status and time', async () => {
  const path = await make.started()
  for (const [n, [method, at, status]] of (
    [
      ['GET', path, 400],
      ['GET', base, 200],
      ['HEAD', base, 200],
      ['GET', '/docs', 200],
      ['PATCH', base, 405],
      ['GET', '/healthz', 200],
    ] as const
  ).entries()) {
    await call(method, `${at}?mentor_id=secret`, id(`request-${n}`))
    const lines = await linesOf(server, `request-${n}`)
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.any(Number),
        request_id: `request-${n}`,
        method,
        path: at,
        status,
        ms: expect.any(Number),
        msg: 'request',
      },
    ])
  }
})

test('a GraphQL request has a line like any other', async () => {
  await post('/graphql', '{"query":"{ sessions { totalCount } }"}', { ...json, ...id('over-graphql') })
  const [line, ...more] = await linesOf(server, 'over-graphql')
  expect(line).toMatchObject({ method: 'POST', path: '/graphql', status: 200 })
  expect(more).toEqual([])
})

test("every transition has one line, under its request's id and before the request's line", async () => {
  const path = await make.started()
  const session_id = path.split('/').at(-1)
  const body = JSON.stringify({ event: 'CalculateRequested', payload: inputs })
  await put(path, body, { ...json, ...id('calculates') })
  const [loading, loaded, request, ...more] = await linesOf(server, 'calculates', 3)
  const said = { level: 'info', msg: 'transition', request_id: 'calculates', session_id, event: 'CalculateRequested' }
  expect(loading).toMatchObject({ ...said, from: 'initial', to: 'loading', sequence: 2 })
  expect(loaded).toMatchObject({ ...said, from: 'loading', to: 'loaded', sequence: 3 })
  expect(request).toMatchObject({ msg: 'request' })
  expect(more).toEqual([])

  await put(path, body, { ...json, ...id('changes-nothing') })
  expect((await linesOf(server, 'changes-nothing')).map(({ msg }) => msg)).toEqual(['request'])
  await call('DELETE', path, id('closes'))
  expect((await linesOf(server, 'closes', 2))[0]).toMatchObject({
    msg: 'transition',
    event: 'SessionClosed',
    to: 'closed',
  })
})

test('the log contains no payload, id of a mentor or organisation, or share token', async () => {
  const { text } = await post(base, '{"mentor_id":"Ms Private","organisation_id":"Private Ltd"}')
  const path = `${base}/${JSON.parse(text).session_id}`
  await put(
    path,
    '{"event":"CalculateRequested","payload":{"sessions":1,"avg_minutes":2,"cost_per_session":8765.4321,"cost_per_hour":4}}',
  )
  await put(path, '{"event":"ShareRequested"}')
  const { token } = JSON.parse((await get(`${path}/share`)).text)
  for (const [n, at] of [
    `/shared/${token}`,
    `/shared/${token}/`,
    `/shared/${token}/more`,
    `/shared/${token}?x`,
    `/%73hared/${token}`,
    `/Shared/${token}`,
    `/SHARED%2F${token}`,
    `/%2573hared/${token}`,
    `/shared/%${token.charCodeAt(0).toString(16)}${token.slice(1)}`,
    `/sharde/${token}`,
    `//shared//${token}`,
    `/%zz/%73hared/${token}`,
  ].entries()) {
    await get(at, id(`shared-${n}`))
    await linesOf(server, `shared-${n}`)
  }
  const query = `{ sharedResult(token: "${token}") { method } }`
  await get(`/graphql?query=${encodeURIComponent(query)}`, { ...json, ...id('shared-graphql') })
  await linesOf(server, 'shared-graphql')
  const session_id = path.split('/').at(-1)
  const mutation = `mutation { revokeShare(sessionId: "${session_id}", token: "${token}", expectedVersion: 1) { replayed } }`
  await post('/graphql', JSON.stringify({ query: mutation }), { ...json, ...id('revoke-graphql') })
  await linesOf(server, 'revoke-graphql')
  const { host } = new URL(server.url)
  const absolute = `GET http://${host}/shared/${token} HTTP/1.1\r\nHost: ${host}\r\nX-Request-Id: absolute\r\nConnection: close\r\n\r\n`
  expect(await sendRaw(server.url, absolute)).toMatch(/^HTTP\/1\.1 200 /)
  await linesOf(server, 'absolute')
  for (const [n, at] of [
    `${path}/shares/${token}/more`,
    `${path}/shares/${token}`,
    `${path}/shares/${token}`,
  ].entries()) {
    await call('DELETE', at, { ...id(`revoke-${n}`), 'Idempotency-Key': 'revoke' })
    await linesOf(server, `revoke-${n}`)
  }
  expect((await linesOf(server, 'revoke-1', 2)).at(-1)?.path).toBe(`${path}/shares/…`)

  const log = JSON.stringify(server.log)
  for (const secret of [token, token.slice(1), '8765.4321', 'Private']) expect(log).not.toContain(secret)
})

test('of a path that no route has, only the beginning that one has is logged', async () => {
  for (const [n, [path, logged]] of [
    ['/a%20b/%C3%A9', '/…'],
    [`/${'a/'.repeat(5_000)}`, '/…'],
    ['/api/v1/nothing/there', '/api/v1/…'],
  ].entries()) {
    await get(String(path), id(`path-${n}`))
    expect((await linesOf(server, `path-${n}`))[0]?.path).toBe(logged)
  }
})

test('a request aborted by its client is logged with its status and as aborted', async () => {
  const leave = new AbortController()
  const headers = { Accept: 'text/event-stream', ...id('left') }
  const { body } = await fetch(`${server.url}/api/v1/benefit-calculator-events`, { headers, signal: leave.signal })
  expect(body).not.toBeNull()
  leave.abort()
  expect((await linesOf(server, 'left'))[0]).toMatchObject({ status: 200, aborted: true, msg: 'request' })
})
