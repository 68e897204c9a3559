import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { ClientClosedError, ConnectionError, SessionsClient } from '../../packages/client/src/index'
import { exportCsv, getCaller } from '../../packages/client/src/rest'
import { clientInputs as inputs } from '../support/inputs'
import { Relay } from '../support/relay'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { issuing, people } from '../support/tokens'

describe('a CSV file', () => {
  const server = serving(embeddedDatabase)
  let relay: Relay
  let client: SessionsClient
  beforeAll(async () => {
    relay = await Relay.before(server.url)
    client = new SessionsClient({ url: relay.url })
    const mentors = Array.from({ length: 60 }, (_, i) => `mentor_${i}`)
    // Random notes, because the server compresses the file.
    const noted = () => ({
      ...inputs,
      note: randomBytes(500).toString('hex'),
      period: { from: '2026-02-01', to: '2026-03-31' },
    })
    await Promise.all(mentors.map(mentorId => client.startSession({ mentorId, inputs: noted() })))
    await client.startSession({ mentorId: 'mentor_0', organisationId: 'org & co' })
  })
  afterEach(() => relay.cutAfter(Number.POSITIVE_INFINITY))
  afterAll(() => relay.stop())

  const rowsOf = async (file: ReadableStream<Uint8Array>): Promise<string[]> =>
    (await text(file)).trim().split('\r\n').slice(1)

  test('has the sessions under a filter, also if the first response is lost', async () => {
    relay.loseAnswers(1)
    expect(await rowsOf(await exportCsv(client))).toHaveLength(61)
    const months = { from: '2026-03', to: null }
    expect(await rowsOf(await exportCsv(client, { filter: { months, state: 'LOADED' } }))).toHaveLength(60)
    const [row, ...others] = await rowsOf(await exportCsv(client, { filter: { organisationId: 'org & co' } }))
    expect([row?.split(',').slice(1, 4), others]).toEqual([['mentor_0', 'org & co', 'initial'], []])
    expect(
      await rowsOf(await exportCsv(client, { filter: { withoutOrganisation: true, mentorId: 'mentor_0' } })),
    ).toHaveLength(1)
  })

  test('that is cut off fails to be read', async () => {
    relay.cutAfter(20_000)
    await expect(text(await exportCsv(client))).rejects.toBeInstanceOf(ConnectionError)
  })

  test('ends with the caller’s reason, with the client, or when its reader leaves', async () => {
    const leaving = new AbortController()
    const file = await exportCsv(client, { signal: leaving.signal })
    leaving.abort()
    await expect(text(file)).rejects.toBe(leaving.signal.reason)
    await (await exportCsv(client)).cancel()
    const closing = new SessionsClient({ url: server.url })
    const last = await exportCsv(closing)
    closing.close()
    await expect(text(last)).rejects.toBeInstanceOf(ClientClosedError)
  })

  test('is refused with a wrong filter, by the names of the client', async () => {
    const wrong = exportCsv(client, { filter: { months: { from: '2026-13' } } })
    await expect(wrong).rejects.toMatchObject({
      name: 'ApiError',
      code: 'INVALID_QUERY',
      details: { errors: [{ parameter: 'from', detail: expect.any(String) }] },
    })
    // @ts-expect-error: it belongs into `filter`.
    const outside = exportCsv(client, { mentorId: 'mentor_0' })
    await expect(outside).rejects.toThrow(
      '`exportCsv` has no option `mentorId`. Put it into `filter`: { filter: { mentorId: … } }.',
    )
  })
})

test('without sign-in, everybody may do everything', async () => {
  expect(await getCaller(new SessionsClient({ url: open.url }))).toEqual({
    by: null,
    may: 'administer',
    mentorId: null,
    organisationId: null,
    expiresAt: null,
    role: null,
    rate: null,
  })
})

test('a caller is read again if its response is cut off in the body', async () => {
  const caller = { by: null, may: 'read', mentorId: null, organisationId: 'org', expiresAt: null }
  const body = JSON.stringify({ by: null, may: 'read', mentor_id: null, organisation_id: 'org', expires_at: null })
  let requests = 0
  const peer = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
    if (requests++ > 0) response.end(body)
    else response.write(body.slice(0, 10), () => response.destroy())
  })
  await once(peer.listen(0, '127.0.0.1'), 'listening')
  const { port } = peer.address() as AddressInfo
  expect(await getCaller(new SessionsClient({ url: `http://127.0.0.1:${port}` }))).toEqual(caller)
  expect(requests).toBe(2)
  peer.closeAllConnections()
  peer.close()
})

const open = serving(embeddedDatabase)

describe('with sign-in', () => {
  const issuer = issuing()
  const server = serving(embeddedDatabase, { config: issuer.config })

  test('the caller is read, with a new token if the server refuses the first one', async () => {
    const token = (refused?: string): string => (refused === undefined ? 'old' : issuer.token(people.mentor))
    const { mentor_id, organisation_id } = people.mentor as { mentor_id: string; organisation_id: string }
    expect(await getCaller(new SessionsClient({ url: server.url, token }))).toMatchObject({
      may: 'change',
      mentorId: mentor_id,
      organisationId: organisation_id,
      expiresAt: expect.stringMatching(/Z$/),
    })
    const stale = new SessionsClient({ url: server.url, token: 'old' })
    await expect(getCaller(stale)).rejects.toMatchObject({ name: 'ApiError', code: 'UNAUTHENTICATED' })
  })
})
