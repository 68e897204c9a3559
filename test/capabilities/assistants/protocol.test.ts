import fc from 'fast-check'
import { answerCharacters } from '../../../src/capabilities/assistants/call'
import { readTools as tools } from '../../../src/capabilities/assistants/tools'
import { version } from '../../../src/version'
import { inputs } from '../../support/inputs'
import { intercepting } from '../../support/intercepting'
import { figures } from '../../support/metrics'
import { type RawAnswer, send } from '../../support/raw'
import { problem } from '../../support/rest'
import { linesOf, serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { callOf, generations, messageHeaders, overGenerations } from './assistants'

const prefix = 'io.modelcontextprotocol/'
const modern = '2026-07-28'
/** Members that a client of 2026-07-28 sends with each message. */
const envelope = {
  [`${prefix}protocolVersion`]: modern,
  [`${prefix}clientInfo`]: { name: 'tests', version: '1' },
  [`${prefix}clientCapabilities`]: {},
}

const readTools = tools.map(({ name }) => name)
const of2025 = generations['2025-11-25']
const noNothing = { Accept: 'application/json' }

describe('a server with MCP=read', () => {
  const server = serving(embeddedDatabase, { config: { MCP: 'read', METRICS_PORT: 0 } })
  const post = (body: string | Buffer, headers: object = {}): Promise<RawAnswer> =>
    send(server.url, 'POST', '/mcp', { ...messageHeaders, ...headers }, body)
  const message = (method: string, params: object = {}): string =>
    JSON.stringify({ jsonrpc: '2.0', id: 7, method, params })

  test.each(Object.entries(generations))('a client of %s gets the version that it speaks', async (version, connect) => {
    const assistant = await connect(server)
    expect(assistant.version).toBe(version)
    await assistant.close()
  })

  test.each(['2025-03-26', '2025-06-18', '2025-11-25'])('a client that asks for %s gets it', async protocolVersion => {
    const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'tests', version: '1' } }
    const { status, headers, text } = await post(message('initialize', params))
    expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('application/json')])
    expect(headers['mcp-session-id']).toBeUndefined()
    expect(JSON.parse(text)).toMatchObject({
      id: 7,
      result: {
        protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'benefit-sessions', version },
        instructions: expect.stringContaining('caveat'),
      },
    })
  })

  test('no state is needed: a tool can be called without a handshake, and a notification is 202', async () => {
    const { status, text } = await post(callOf('calculate', inputs))
    expect(status).toBe(200)
    expect(JSON.parse(text).result).toMatchObject({ structuredContent: { net_benefit: 287.5 } })
    const notification = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })
    expect(await post(notification)).toMatchObject({ status: 202, text: '' })
  })

  test.each(['GET', 'DELETE', 'PUT', 'HEAD'])(
    '%s is 405, because there are no streams and no sessions',
    async method => {
      const { status, headers } = await send(server.url, method, '/mcp', { Accept: 'text/event-stream' })
      expect([status, headers.allow]).toEqual([405, 'POST, OPTIONS'])
    },
  )

  test('OPTIONS is 204 with the allowed methods', async () => {
    const { status, headers } = await send(server.url, 'OPTIONS', '/mcp')
    expect([status, headers.allow]).toEqual([204, 'POST, OPTIONS'])
  })

  test.each<[what: string, answer: () => Promise<RawAnswer>, status: number, code: string]>([
    ['a body over 16 KiB', () => post(callOf('calculate', { label: 'x'.repeat(16 * 1024) })), 413, 'payload_too_large'],
    ['another media type', () => post('{}', { 'Content-Type': 'text/plain' }), 415, 'unsupported_media_type'],
    ['an Accept without JSON', () => post('{}', { Accept: 'text/event-stream' }), 406, 'not_acceptable'],
    ['a body that is not JSON', () => post('{'), 400, 'invalid_json'],
    ['JSON that is nested too deeply', () => post(`${'['.repeat(101)}${']'.repeat(101)}`), 400, 'invalid_json'],
    ['a batch', () => post(`[${callOf('calculate')}]`), 400, 'invalid_request'],
    [
      'a query parameter',
      () => send(server.url, 'POST', '/mcp?token=x', messageHeaders, callOf('calculate')),
      400,
      'invalid_query',
    ],
  ])('%s is a problem document, as over REST', async (_what, answer, status, code) => {
    expect(problem(await answer())).toMatchObject({ status, code, instance: '/mcp' })
  })

  test.each([
    ['{}', 400, -32600],
    ['null', 400, -32600],
    [message('nothing'), 200, -32601],
    [message('resources/list'), 200, -32601],
    [callOf('drop_everything'), 200, -32602],
    [message('tools/call', { name: 3 }), 200, -32602],
    [message('tools/list', { cursor: 3 }), 200, -32602],
    [message('initialize'), 200, -32602],
    [message('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: 'tests' }), 200, -32602],
  ])('the message %s gets a JSON-RPC error', async (body, status, code) => {
    const answer = await post(body)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text).error.code).toBe(code)
  })

  test('a JSON-RPC error about parameters names them', async () => {
    const listing = message('tools/list', { _meta: envelope, cursor: 3 })
    for (const [body, headers, name] of [
      [message('initialize', { protocolVersion: 1 }), {}, '/params/protocolVersion'],
      [listing, { 'MCP-Protocol-Version': modern, 'Mcp-Method': 'tools/list' }, '/params/cursor'],
    ] as const) {
      const { id, error } = JSON.parse((await post(body, headers)).text)
      expect([id, error.code, error.message]).toEqual([7, -32602, expect.stringContaining(name)])
    }
  })

  test('a number that cannot be read exactly is a fault of its argument', async () => {
    const exact = callOf('calculate', inputs).replace('3.5', '3.50000000000000000001')
    const { isError, content } = JSON.parse((await post(exact)).text).result
    expect(isError).toBe(true)
    expect(content[0].text).toBe('validation_failed: /cost_per_session has too many digits to be read exactly.')
  })

  test('a client of 2026-07-28 cannot subscribe, because the tools never change', async () => {
    const method = 'subscriptions/listen'
    const params = { _meta: envelope, notifications: { toolsListChanged: true } }
    const { status, headers, text } = await post(message(method, params), {
      'MCP-Protocol-Version': modern,
      'Mcp-Method': method,
    })
    expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('application/json')])
    expect(JSON.parse(text).error.code).toBe(-32603)
  })

  test('no message makes the server fail', async () => {
    const json = fc.jsonValue({ maxDepth: 3 })
    const method = fc.oneof(
      fc.constantFrom('initialize', 'ping', 'server/discover', 'subscriptions/listen', 'tools/call', 'tools/list'),
      fc.string(),
    )
    const tool = fc.record({ name: fc.constantFrom(...readTools), arguments: json })
    const params = fc.oneof(json, tool, fc.constant({ _meta: envelope }))
    const messages = fc.record(
      { jsonrpc: fc.constant('2.0'), id: fc.oneof(fc.integer(), json), method, params },
      { requiredKeys: ['jsonrpc'] },
    )
    const version = fc.constantFrom('2025-06-18', modern, 'none')
    await fc.assert(
      fc.asyncProperty(fc.oneof(messages, json), version, method, async (sent, version, name) => {
        const headers = { 'MCP-Protocol-Version': version, 'Mcp-Method': encodeURIComponent(name) }
        expect((await post(JSON.stringify(sent), headers)).status).toBeLessThan(500)
      }),
      { numRuns: 300 },
    )
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('the log has one line per message, under the request id of the client, without its content', async () => {
    const headers = { ...messageHeaders, 'X-Request-Id': 'one-call' }
    const { headers: got } = await send(
      server.url,
      'POST',
      '/mcp',
      headers,
      callOf('find_sessions', { mentor_id: 'Eve' }),
    )
    expect(got['x-request-id']).toBe('one-call')
    const lines = await linesOf(server, 'one-call')
    expect(lines).toMatchObject([{ msg: 'request', method: 'POST', path: '/mcp', status: 200 }])
    expect(JSON.stringify(server.log)).not.toContain('Eve')
  })

  test('metrics count tools as operations, and their errors by code', async () => {
    const before = (await figures(server, 'http_request_duration_seconds_count', 'operation'))['tool get_session'] ?? 0
    await post(callOf('get_session', { session_id: 'none' }))
    const name = 'http_request_duration_seconds_count'
    const now = await figures(server, name, 'route', 'operation')
    expect(now).toMatchObject({ '/mcp tool get_session': before + 1 })
    expect(await figures(server, 'refusals_total', 'door', 'code')).toMatchObject({ 'mcp session_not_found': 1 })
  })
})

describe('a server whose store fails', () => {
  const server = serving(embeddedDatabase, {
    store: opened =>
      intercepting(opened, {
        sessions: {
          async withResult() {
            throw new Error('secret of the store')
          },
        },
      }),
    config: { MCP: 'write' },
  })

  overGenerations(server, assistant => {
    test('an unexpected error is logged once under the request id, and the assistant learns nothing of it', async () => {
      const before = server.log.length
      expect(await assistant.call('get_session', { session_id: 'any' })).toEqual({
        code: 'internal',
        text: 'internal: Internal error. The server logged the cause under the request id.',
      })
      const errors = server.log.slice(before).filter(({ level }) => level === 'error')
      expect(errors).toMatchObject([
        { msg: 'internal error', request_id: expect.any(String), err: { message: 'secret of the store' } },
      ])
    })
  })
})

describe('a server with a result that is larger than any real one', () => {
  const server = serving(embeddedDatabase, {
    store: opened =>
      intercepting(opened, {
        sessions: {
          async withResult(session_id) {
            const session = await opened.sessions.withResult(session_id)
            return session?.result
              ? { ...session, result: { ...session.result, caveat: '€'.repeat(answerCharacters) } }
              : session
          },
        },
      }),
    config: { MCP: 'write' },
  })

  test('an answer that would fill the context of an assistant is refused', async () => {
    const assistant = await of2025(server)
    const { data } = await assistant.call('start_session', { mentor_id: 'm' })
    const { session_id } = data
    const calculation = { session_id, expected_version: 1, event: 'CalculateRequested', payload: inputs }
    await assistant.call('dispatch_event', calculation)
    expect(await assistant.call('get_session', { session_id })).toEqual({
      code: 'payload_too_large',
      text: 'payload_too_large: The answer is longer than 262144 characters. Ask for less: a smaller page, fewer months, or one mentor or organisation.',
    })
    await assistant.close()
  })
})

describe('a server with a rate limit', () => {
  const server = serving(embeddedDatabase, {
    config: { MCP: 'read', REQUESTS_PER_SECOND: 1 },
  })
  const called = (): Promise<RawAnswer> => send(server.url, 'POST', '/mcp', messageHeaders, callOf('calculate', inputs))

  test('messages count towards the rate limit of their address', async () => {
    let refused: RawAnswer | undefined
    while (!refused) {
      const answers = await Promise.all([called(), called(), called()])
      refused = answers.find(({ status }) => status !== 200)
    }
    expect(problem(refused)).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(refused.headers['retry-after']).toBe('1')
  })
})

describe('a server that allows the pages of some origins', () => {
  const server = serving(embeddedDatabase, { config: { MCP: 'read', CORS_ORIGIN: ['https://app.example'] } })

  test.each([
    ['https://app.example', 200],
    ['https://evil.example', 403],
    ['null', 403],
  ])('a message from a page of %s is %i', async (Origin, status) => {
    const headers = { ...messageHeaders, Origin }
    const answer = await send(server.url, 'POST', '/mcp', headers, callOf('calculate', inputs))
    expect(answer.status).toBe(status)
    if (status === 403) expect(problem(answer)).toMatchObject({ code: 'forbidden' })
  })

  test('a page of the server itself, and a program, may use it', async () => {
    for (const headers of [{ Origin: server.url }, {}]) {
      const answer = await send(
        server.url,
        'POST',
        '/mcp',
        { ...messageHeaders, ...headers },
        callOf('calculate', inputs),
      )
      expect(answer.status).toBe(200)
    }
  })
})

describe('a server without MCP', () => {
  const server = serving(embeddedDatabase)

  test('/mcp is 404, like any unknown path', async () => {
    const answer = await send(server.url, 'POST', '/mcp', messageHeaders, callOf('calculate', inputs))
    expect(problem(answer)).toMatchObject({ status: 404, code: 'route_not_found' })
    await expect(of2025(server)).rejects.toThrow('404')
    expect((await send(server.url, 'GET', '/.well-known/oauth-protected-resource', noNothing)).status).toBe(404)
  })
})
