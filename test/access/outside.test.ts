import type { Store } from '../../src/db/store'
import { accessWorld, type CallerName, sentBy } from '../support/access'
import { inputsOf } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { base } from '../support/interfaces'
import { client, json } from '../support/rest'
import { embeddedDatabase } from '../support/stores'
import { people } from '../support/tokens'
import { within } from '../support/until'

const calculation = (sessions: number): string =>
  JSON.stringify({ event: 'CalculateRequested', payload: inputsOf(sessions) })

let held: Promise<void> | undefined
let heldCount = 0
const world = accessWorld(embeddedDatabase, {
  store: opened =>
    intercepting<Store>(opened, {
      sessions: {
        async save(...write) {
          if (held) heldCount++
          await held
          return opened.sessions.save(...write)
        },
      },
    }),
})

/** Holds up writes of sessions until the returned function is called. */
function hold(): () => void {
  let release = (): void => {}
  heldCount = 0
  held = new Promise(resolve => {
    release = () => {
      held = undefined
      resolve()
    }
  })
  return release
}

const isHeld = async (): Promise<void> => {
  while (heldCount === 0) await new Promise(resolve => setImmediate(resolve))
}

const codeOf = ({ status, text }: { status: number; text: string }): string =>
  `${status} ${JSON.parse(text).code ?? ''}`.trim()

/** Another mentor of the same organisation. */
const other = () =>
  client(world.server, sentBy(world.bearer({ ...people.mentor, sub: 'other', mentor_id: 'mentor_2' })))

const keyed = (key: string) => ({ ...json, 'Idempotency-Key': key })

describe('a session outside the scope is not found', () => {
  const path = (): string => `${base}/${world.found.a.session_id}`

  test('during a change, under any key', async () => {
    const release = hold()
    const own = world.rest('mentor').put(path(), calculation(30), keyed('held'))
    await isHeld()
    for (const headers of [keyed('held'), json]) {
      expect(codeOf(await within(5_000, 'an answer', other().put(path(), calculation(30), headers)))).toBe(
        '404 session_not_found',
      )
      expect(codeOf(await within(5_000, 'an answer', other().call('DELETE', path(), headers)))).toBe(
        '404 session_not_found',
      )
    }
    release()
    expect(codeOf(await own)).toBe('200')
  })

  test('over GraphQL', async () => {
    const release = hold()
    const own = world.rest('mentor').put(path(), calculation(31), keyed('held-too'))
    await isHeld()
    const input = { sessionId: world.found.a.session_id, event: 'RESET_REQUESTED', idempotencyKey: 'held-too' }
    const query = 'mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { replayed } }'
    const asked = other().post('/graphql', JSON.stringify({ query, variables: { input } }))
    const { text } = await within(5_000, 'an answer', asked)
    expect(JSON.parse(text).errors[0].extensions).toEqual({ code: 'SESSION_NOT_FOUND' })
    release()
    expect(codeOf(await own)).toBe('200')
  })

  test('whatever response is stored under one of its keys', async () => {
    expect(codeOf(await world.rest('mentor').put(path(), calculation(32), keyed('used')))).toBe('200')
    for (const sessions of [32, 33]) {
      expect(codeOf(await other().put(path(), calculation(sessions), keyed('used')))).toBe('404 session_not_found')
    }
    const again = await world.rest('mentor').put(path(), calculation(32), keyed('used'))
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-replayed': 'true' } })
  })

  test('whatever version, content or position the request states', async () => {
    const stale = { ...json, 'If-Match': '"99"' }
    const asked: [string, string, object, string?][] = [
      ['GET', '', { 'If-Match': '"99"' }],
      ['GET', '', { 'If-None-Match': '"4"' }],
      ['PUT', '', stale, calculation(34)],
      ['PUT', '', json, '{"event":"Unheard"}'],
      ['PUT', '', json, '{"event":"RetryRequested"}'],
      ['DELETE', '', { 'If-Match': '"99"' }],
      ['GET', '/events?after=999', {}],
      ['GET', '/events', { Accept: 'text/event-stream', 'Last-Event-ID': '999' }],
      ['GET', '/results/none', {}],
    ]
    for (const [method, below, headers, body] of asked) {
      const answer = await other().call(method, path() + below, headers, body)
      expect([method, below, codeOf(answer)]).toEqual([method, below, '404 session_not_found'])
    }
  })

  test('while its own mentor gets version_mismatch for an outdated version', async () => {
    const stale = { ...json, 'If-Match': '"99"' }
    expect(codeOf(await world.rest('mentor').put(path(), calculation(35), stale))).toBe('412 version_mismatch')
    expect(codeOf(await world.rest('mentor').call('DELETE', path(), stale))).toBe('412 version_mismatch')
  })
})

/** Faulty changes with the response to a caller that may make the change. */
const faulty: [string, object, string, string][] = [
  ['its media type', { 'Content-Type': 'text/plain' }, calculation(1), '415 unsupported_media_type'],
  ['its size', json, 'x'.repeat(20_000), '413 payload_too_large'],
  ['its syntax', json, '{', '400 invalid_json'],
  ['what it accepts', { ...json, Accept: 'image/png' }, calculation(1), '406 not_acceptable'],
  ['its key', { ...json, 'Idempotency-Key': 'a b' }, calculation(1), '400 invalid_request'],
  ['its tag', { ...json, 'If-Match': 'none' }, calculation(1), '400 invalid_request'],
  ['its version', { ...json, 'If-Match': '"99"' }, calculation(1), '412 version_mismatch'],
  ['its content', json, '{"event":"Unheard"}', '422 validation_failed'],
]

describe.each(faulty)('a change with a fault in %s', (_, headers, body, told) => {
  const change = async (caller: CallerName, owner: 'a' | 'd'): Promise<string> =>
    codeOf(await world.rest(caller).put(`${base}/${world.found[owner].session_id}`, body, headers))

  test('is refused for this fault if the caller may make it', async () => {
    expect(await change('admin', 'a')).toBe(told)
    expect(await change('mentor', 'a')).toBe(told)
  })

  test('is refused first for a reader: forbidden if the session is visible, otherwise not found', async () => {
    expect(await change('reader', 'a')).toBe('403 forbidden')
    expect(await change('reader', 'd')).toBe('404 session_not_found')
  })

  test('is refused first without a role, and before that without a token', async () => {
    for (const owner of ['a', 'd'] as const) {
      expect(await change('without a role', owner)).toBe('403 forbidden')
      expect(await change('without a token', owner)).toBe('401 unauthenticated')
      expect(await change('with a bad token', owner)).toBe('401 unauthenticated')
    }
  })
})

test("a reader's start is forbidden before its body is read", async () => {
  const { post } = world.rest('reader')
  for (const headers of [json, { 'Content-Type': 'text/plain' }]) {
    expect(codeOf(await post(base, '{', headers))).toBe('403 forbidden')
  }
})

test("over GraphQL, a reader's change is forbidden before its content is checked, and an invisible session is not found", async () => {
  const query = 'mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { replayed } }'
  for (const [owner, code] of [
    ['a', 'FORBIDDEN'],
    ['d', 'SESSION_NOT_FOUND'],
  ] as const) {
    const input = { sessionId: world.found[owner].session_id, event: 'RETRY_REQUESTED', expectedVersion: 99 }
    const { text } = await world.rest('reader').post('/graphql', JSON.stringify({ query, variables: { input } }))
    expect(JSON.parse(text).errors[0].extensions).toEqual({ code })
  }
})

test.each([
  ['GET', '/api/v1/nothing', '404 route_not_found'],
  ['PATCH', base, '405 method_not_allowed'],
  ['POST', `${base}/x`, '405 method_not_allowed'],
  ['DELETE', '/healthz', '405 method_not_allowed'],
  ['PATCH', '/api/v1/benefit-calculator-events', '405 method_not_allowed'],
])('the route is checked before the token: %s %s is %s', async (method, path, told) => {
  expect(codeOf(await world.rest('without a token').call(method, path))).toBe(told)
})

test('without a token HEAD is refused like GET, and OPTIONS is answered', async () => {
  const { call } = world.rest('without a token')
  expect(await call('HEAD', base)).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
  expect((await call('OPTIONS', base)).status).toBe(204)
  const preflight = { Origin: 'https://x.example', 'Access-Control-Request-Method': 'PUT' }
  expect((await call('OPTIONS', `${base}/x`, preflight)).status).toBe(204)
  for (const path of ['/graphql', '/graphql/stream']) expect((await call('OPTIONS', path)).status).toBe(204)
})

test.each(['/graphql', '/graphql/stream'])('the method is checked before the token on %s', async path => {
  for (const method of ['PATCH', 'PUT', 'DELETE', 'HEAD']) {
    const answer = await world.rest('without a token').call(method, path)
    expect({ method, status: answer.status, allow: answer.headers.allow }).toMatchObject({
      method,
      status: 405,
      allow: expect.stringContaining('GET, POST'),
    })
  }
})
