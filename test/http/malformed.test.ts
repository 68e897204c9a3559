import { once } from 'node:events'
import { base } from '../support/interfaces'
import { head, RawClient, sendRaw } from '../support/raw'
import { type LogLine, linesOf, serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const send = (text: string): Promise<string> => sendRaw(server.url, text)

interface Refusal {
  status: number
  fields: string[]
  body: Record<string, unknown>
}

function refusalOf(answer: string): Refusal {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2)
  const [line = '', ...fields] = head.split('\r\n')
  return { status: Number(line.split(' ')[1]), fields, body: JSON.parse(body) }
}

async function lineOf({ fields }: Refusal): Promise<LogLine | undefined> {
  const id = fields.find(field => field.startsWith('X-Request-Id: '))?.slice(14) ?? ''
  return (await linesOf(server, id))[0]
}

const post = `POST ${base} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n`

test.each<[string, number, string]>([
  ['no request at all', 400, 'hello there\r\n\r\n'],
  ['a method that is none', 400, 'FOO /healthz HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['the preface of HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a space before the colon', 400, 'GET /healthz HTTP/1.1\r\nHost : h\r\n\r\n'],
  ['a field that is folded', 400, 'GET /healthz HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n'],
  ['a NUL in a field', 400, 'GET /healthz HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n'],
  ['two lengths', 400, `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
  ['a length and chunks', 400, `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a coding after the chunks', 400, `${post}Transfer-Encoding: chunked, gzip\r\n\r\nhello`],
  ['a chunk of no length', 400, `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ['a head of more than 16 KiB', 431, `GET /healthz HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`],
  ['a target of more than 16 KiB', 431, `GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: h\r\n\r\n`],
  [
    'a trailer of more than 16 KiB',
    431,
    `${post}Transfer-Encoding: chunked\r\n\r\n0\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
  ],
  [
    'a chunk that explains itself',
    413,
    `${post}Transfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
  ],
])('%s is refused as %i, with a line in the log, and the connection ends', async (_, status, text) => {
  const refusal = refusalOf(await send(text))
  expect(refusal.status).toBe(status)
  expect(refusal.body).toEqual({ type: 'about:blank', title: expect.any(String), status })
  expect(refusal.fields).toEqual(
    expect.arrayContaining([
      'Connection: close',
      'Content-Type: application/problem+json',
      'X-Content-Type-Options: nosniff',
    ]),
  )
  expect(await lineOf(refusal)).toMatchObject({
    level: 'info',
    status,
    code: expect.stringMatching(/^HPE_/),
    msg: 'malformed request',
  })
})

test.each([
  ['none', ''],
  ['two', 'Host: a\r\nHost: b\r\n'],
  ['one twice', 'Host: a\r\nhost: a\r\n'],
  ['one that is no host', 'Host: a/b\r\n'],
  ['one with a name in it', 'Host: user@a\r\n'],
])('a request with %s for a Host is refused on every path and upgrade, with a line in the log', async (_, hosts) => {
  const upgrade = 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
  for (const [path, more] of [
    ['/healthz', 'Connection: close\r\n'],
    ['/', 'Accept: text/html\r\nConnection: close\r\n'],
    ['/graphql?query={__typename}', 'Connection: close\r\n'],
    ['/graphql', `${upgrade}Connection: close, Upgrade\r\n`],
  ]) {
    const refusal = refusalOf(await send(`GET ${path} HTTP/1.1\r\n${hosts}${more}\r\n`))
    expect(refusal).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ header: 'Host' }] } })
    expect(await lineOf(refusal)).toMatchObject({ status: 400, msg: 'request' })
  }
})

test.each(['', 'h', 'H:4000', '127.0.0.1:', '[::1]:4000', 'a-b.example', '%41.example'])(
  'the Host "%s" is valid',
  async host => {
    const asked = await send(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(asked).toMatch(/^HTTP\/1\.1 200 /)
  },
)

test('an HTTP/1.0 request needs no Host', async () => {
  expect(await send('GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
})

test('a header field counts however many come before it', async () => {
  const many = 'a:\r\n'.repeat(3_000)
  const guarded = `DELETE ${base}/none HTTP/1.1\r\n${many}Host: h\r\nConnection: close\r\nX-Request-Id: behind-many\r\n\r\n`
  const refusal = refusalOf(await send(guarded))
  expect(refusal).toMatchObject({ status: 404, body: { code: 'session_not_found' } })
  expect(refusal.fields).toContain('X-Request-Id: behind-many')
})

test('an unknown expectation is ignored', async () => {
  const asked = await send('GET /healthz HTTP/1.1\r\nHost: h\r\nExpect: wonders\r\nConnection: close\r\n\r\n')
  expect(asked).toMatch(/^HTTP\/1\.1 200 /)
})

test('requests before a malformed one on the same connection are answered first', async () => {
  const both = await send(
    `GET /healthz HTTP/1.1\r\nHost: h\r\n\r\nGET ${base} HTTP/1.1\r\nHost: h\r\n\r\nnonsense\r\n\r\n`,
  )
  expect(both.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400'])
})

test('malformed input during an event stream writes nothing into the stream', async () => {
  const client = await RawClient.connect(server.url)
  const closed = once(client.socket, 'close')
  client.send(head('GET /api/v1/benefit-calculator-events', 'Accept: text/event-stream'))
  await client.until('event: ready')
  client.send('nonsense\r\n\r\n')
  client.socket.end()
  await closed
  expect(client.text.match(/HTTP\/1\.1/g)).toHaveLength(1)
})

test('every response forbids content sniffing', async () => {
  const paths = [
    '/',
    '/healthz',
    base,
    `${base}/none`,
    '/nothing',
    '/graphql?query={__typename}',
    '/graphql',
    '/docs',
    '/openapi.json',
    '/problems',
    '/shared/none',
    '/api/v1/benefit-calculator-events',
  ]
  for (const path of paths) {
    const { headers } = await fetch(server.url + path)
    expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff'])
  }
})
