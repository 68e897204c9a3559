import { attemptsOfOrganisation } from '../../../src/capabilities/webhooks/deliveries'
import { attemptsAtOnce } from '../../../src/capabilities/webhooks/endpoint-delivery'
import { HostileReceiver } from '../../support/hostile-receiver'
import { done, restApi } from '../../support/interfaces'
import { naming } from '../../support/name-server'
import { startServer } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { delivering, webhookOptions, webhooksPath } from './delivering'
import { silent, status } from './receiver'

const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`

describe('an attempt ends soon, and is recorded, if the receiver', () => {
  const { server, created, attempts, becomes } = delivering(embeddedDatabase)

  test.each([
    ['sends 103 without end', { repeats: 'HTTP/1.1 103 Early Hints\r\n\r\n' }, null, 'connection_failed'],
    ['sends 102 without end', { repeats: 'HTTP/1.1 102 Processing\r\n\r\n' }, null, 'connection_failed'],
    ['sends 100 without end', { repeats: 'HTTP/1.1 100 Continue\r\n\r\n' }, null, 'connection_failed'],
    ['sends line feeds without end', { repeats: '\r\n' }, null, 'connection_failed'],
    ['sends a status line without end', { first: ok.trim(), repeats: 'K' }, null, 'connection_failed'],
    ['sends headers without end', { first: ok, repeats: 'A: b\r\n' }, null, 'connection_failed'],
    ['sends a header without end', { first: `${ok}A: `, repeats: 'b' }, null, 'connection_failed'],
    ['sends a chunk extension without end', { first: `${chunked}1;a=`, repeats: 'b' }, null, 'connection_failed'],
    ['sends trailers without end', { first: `${chunked}0\r\n`, repeats: 'A: b\r\n' }, null, 'connection_failed'],
    ['sends tiny chunks without end', { first: chunked, repeats: '1\r\nx\r\n' }, 200, null],
    ['sends a body without end', { first: `${ok}\r\n`, repeats: 'body' }, 200, null],
    [
      'upgrades',
      { first: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n' },
      101,
      'unexpected_status',
    ],
    [
      'upgrades without a protocol, and goes on',
      { first: 'HTTP/1.1 101 S\r\n\r\n', repeats: 'x' },
      101,
      'unexpected_status',
    ],
    ['sends no HTTP', { first: 'SSH-2.0-OpenSSH_9.6\r\n' }, null, 'connection_failed'],
  ] as const)('%s', async (_what, bytes, status, error) => {
    const receiver = await HostileReceiver.start(bytes)
    const { endpoint_id } = await created(receiver.url)
    done(await restApi(server).start({ mentor_id: 'm' }))
    await becomes(
      endpoint_id,
      ({ last_failure, last_success_at }) => (last_failure ?? last_success_at) !== null,
      10_000,
    )
    expect((await attempts(endpoint_id)).at(-1)).toMatchObject({ attempt: 1, status, error })
    await receiver.stop()
  })
})

/** Longer than a test may take. */
const neverMs = 600_000
const endless = 'a'.repeat(10_000)
/** Beginning of a TLS record of 16 KiB. */
const record = '\x16\x03\x03\x40\x00'

describe.each([
  {
    limit: 'an attempt',
    limits: { attemptMs: 1_000, connectMs: neverMs },
    receivers: [
      ['reads and sends nothing', { reads: false }, 'http'],
      ['sends nothing', {}, 'http'],
      ['sends a head one byte at a time', { slowly: `${ok}A: ${endless}` }, 'http'],
      ['sends a body one byte at a time', { first: `${ok}Content-Length: 10000\r\n\r\n`, slowly: endless }, 'http'],
      ['does not answer the handshake', {}, 'https'],
    ],
  },
  {
    limit: 'its connection',
    limits: { attemptMs: neverMs, connectMs: 500 },
    receivers: [
      ['reads nothing of the handshake', { reads: false }, 'https'],
      ['does not answer the handshake', {}, 'https'],
      ['answers the handshake one byte at a time', { slowly: record + endless }, 'https'],
    ],
  },
] as const)('the time limit of $limit ends an attempt if the receiver', ({ limits, receivers }) => {
  const { server, created, becomes } = delivering(embeddedDatabase, {
    ...webhookOptions,
    webhooks: { ...webhookOptions.webhooks, ...limits },
  })

  test.each([...receivers])('%s', async (_what, bytes, scheme) => {
    const receiver = await HostileReceiver.start(bytes)
    const { endpoint_id } = await created(receiver.url.replace('http', scheme))
    done(await restApi(server).start({ mentor_id: 'm' }))
    const { last_failure } = await becomes(endpoint_id, ({ last_failure }) => last_failure !== null)
    expect(last_failure).toMatchObject({ status: null, error: 'timed_out' })
    await receiver.stop()
  })
})

describe('the time limit of the connection', () => {
  const { server, at, created, becomes } = delivering(embeddedDatabase, {
    ...webhookOptions,
    webhooks: { ...webhookOptions.webhooks, connectMs: 500 },
  })

  test.each(['http', 'https'])('does not limit the response, over %s', async scheme => {
    const receiver = await HostileReceiver.start({ slowly: `${ok}Content-Length: 0\r\n\r\n` })
    at.receiver.answer = (...message) => void setTimeout(() => status(204)(...message), 800)
    const { endpoint_id } = await created(scheme === 'http' ? receiver.url : at.receiver.urlAt())
    done(await restApi(server).start({ mentor_id: 'm' }))
    const { last_failure } = await becomes(endpoint_id, ({ last_success_at }) => last_success_at !== null)
    expect(last_failure).toBeNull()
    await receiver.stop()
  })
})

describe('beside a receiver that does not respond', () => {
  const { server, at, created, becomes, attempts } = delivering(embeddedDatabase, {
    ...webhookOptions,
    config: { ...webhookOptions.config, SHUTDOWN_SECONDS: 60 },
  })

  test('a stop does not wait for the end of its attempts, and a start makes them again, as if they had not been', async () => {
    at.receiver.answer = silent
    const { endpoint_id } = await created(at.receiver.urlAt())
    done(await restApi(server).start({ mentor_id: 'm' }))
    await at.receiver.got(1)
    const began = performance.now()
    await server.stop()
    // An attempt may take 15 s.
    expect(performance.now() - began).toBeLessThan(12_000)
    at.receiver.answer = status(204)
    Object.assign(server, await startServer(server.database, webhookOptions))
    const [first, again] = await at.receiver.got(2)
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    await becomes(endpoint_id, ({ pending, last_success_at }) => pending === 0 && last_success_at !== null)
    expect(await attempts(endpoint_id)).toMatchObject([{ attempt: 1, error: null }])
  })
})

describe('an endpoint that points to this server', () => {
  const { server, created, change, request, becomes, attempts } = delivering(embeddedDatabase)

  test('gets 508 and causes no further message', async () => {
    const { endpoint_id } = await created(`${server.url}/`)
    await change(endpoint_id, { url: `${server.url}${webhooksPath}/${endpoint_id}/tests` })
    await request(endpoint_id, 'tests')
    await becomes(endpoint_id, ({ last_failure }) => last_failure !== null)
    const once = { type: 'webhook.test', status: 508, error: 'unexpected_status' }
    expect(await attempts(endpoint_id)).toMatchObject([once])
    await change(endpoint_id, { url: `${server.url}/graphql` })
    await request(endpoint_id, 'tests')
    await until(async () => (await attempts(endpoint_id)).length > 1, 20_000, 'the attempt')
    expect(await attempts(endpoint_id)).toMatchObject([once, once])
  })
})

describe('beside endpoints of the same organisation whose name server is silent', () => {
  const names = naming(() => 'silent')
  const { server, at, created, becomes, attempts } = delivering(embeddedDatabase, {
    ...webhookOptions,
    webhooks: { ...webhookOptions.webhooks, servers: names.servers },
  })

  test('messages are delivered before any of these look-ups ends', async () => {
    const started = async () => done(await restApi(server).start({ mentor_id: 'm', organisation_id: 'o' }))
    const silent = await Promise.all(
      Array.from({ length: 10 }, (_, n) => created(`https://${n}.silent.test/`, { organisation_id: 'o' })),
    )
    // Their attempts would take all turns of the organisation.
    expect(silent.length * attemptsAtOnce).toBeGreaterThan(attemptsOfOrganisation)
    for (let n = 0; n < attemptsAtOnce; n++) await started()
    await until(() => new Set(names.asked).size === silent.length, 20_000, 'the look-ups')
    const { endpoint_id } = await created(at.receiver.urlAt(), { organisation_id: 'o' })
    await started()
    await becomes(endpoint_id, ({ last_success_at }) => last_success_at !== null)
    const made = await Promise.all(silent.map(({ endpoint_id }) => attempts(endpoint_id)))
    expect(made.flat()).toEqual([])
  })
})

describe('beside endpoints of another organisation whose name server is silent', () => {
  const names = naming(name => (name === 'receiver.test' ? ['127.0.0.1'] : 'silent'))
  const { server, at, created, attempts } = delivering(embeddedDatabase, {
    ...webhookOptions,
    webhooks: { ...webhookOptions.webhooks, servers: names.servers },
  })

  test('messages are delivered at once and never fail', async () => {
    const started = async (organisation_id: string) =>
      done(await restApi(server).start({ mentor_id: 'm', organisation_id }))
    const hostile = await Promise.all(
      Array.from({ length: 20 }, (_, n) => created(`https://${n}.silent.test/`, { organisation_id: 'hostile' })),
    )
    const { endpoint_id } = await created(at.receiver.urlAt('receiver.test'), { organisation_id: 'honest' })
    for (let n = 0; n < 10; n++) await started('hostile')
    await until(() => new Set(names.asked).size === hostile.length, 20_000, 'the look-ups')
    for (let n = 0; n < 12; n++) await started('honest')
    await at.receiver.got(12)
    await until(async () => (await attempts(endpoint_id)).length === 12, 20_000, 'the attempts')
    for (const recorded of await attempts(endpoint_id)) expect(recorded).toMatchObject({ attempt: 1, error: null })
  })
})
