import {
  type ImportCounts,
  ImportIncompleteError,
  type ImportOutcome,
  importSessions,
} from '../../../packages/client/src/capabilities/import/entry'
import { ClientClosedError, ConnectionError, type NewSession, SessionsClient } from '../../../packages/client/src/index'
import { clientInputs as inputs } from '../../support/inputs'
import { Relay } from '../../support/relay'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { issuing, people } from '../../support/tokens'

const server = serving(embeddedDatabase)
let relay: Relay
let client: SessionsClient
beforeAll(async () => {
  relay = await Relay.before(server.url)
  client = new SessionsClient({ url: relay.url })
})
afterEach(() => relay.cutAfter(Number.POSITIVE_INFINITY))
afterAll(() => relay.stop())

const named = (externalId: string): NewSession => ({ mentorId: 'imported', externalId, inputs })

/** Reads all outcomes, and the counts behind them. */
async function gatheredWithCounts(outcomes: AsyncGenerator<ImportOutcome, ImportCounts>) {
  const all: ImportOutcome[] = []
  for (;;) {
    const { done, value } = await outcomes.next()
    if (done) return { all, counts: value }
    all.push(value)
  }
}

test('each session is created, repeated or refused by itself, with the names of the client', async () => {
  const sessions = [named('1'), named('1'), { ...named('2'), inputs: { ...inputs, avgMinutes: -1 } }, named('3')]
  const { all, counts } = await gatheredWithCounts(importSessions(client, sessions))
  expect(counts).toEqual({ created: 2, repeated: 1, refused: 1 })
  const [first, repeated, refused] = all
  expect(first).toEqual({ line: 1, status: 'created', sessionId: expect.any(String), resultId: expect.any(String) })
  expect(repeated).toMatchObject({ line: 2, status: 'repeated', sessionId: first?.sessionId })
  expect(refused).toEqual({
    line: 3,
    status: 'refused',
    code: 'VALIDATION_FAILED',
    detail: expect.any(String),
    errors: [{ detail: 'must be at least 0', pointer: '/inputs/avgMinutes' }],
  })
  expect(await client.getSession(first?.sessionId ?? '')).toMatchObject({ externalId: '1', state: 'LOADED' })
})

test('a dry run stores nothing', async () => {
  const outcomes = importSessions(client, [{ mentorId: 'dry', externalId: 'dry' }], { dryRun: true })
  expect(await gatheredWithCounts(outcomes)).toEqual({
    all: [{ line: 1, status: 'created' }],
    counts: { created: 1, repeated: 0, refused: 0 },
  })
  expect(await client.countSessions({ filter: { mentorId: 'dry' } })).toBe(0)
})

test('sessions are sent as they come: the outcome of one can decide about the next', async () => {
  const outcomes: ImportOutcome[] = []
  let wake = (): void => {}
  async function* sessions(): AsyncGenerator<NewSession> {
    yield { mentorId: 'first' }
    await new Promise<void>(resolve => {
      wake = resolve
    })
    yield { mentorId: `after ${outcomes[0]?.sessionId}` }
  }
  for await (const outcome of importSessions(client, sessions())) {
    outcomes.push(outcome)
    wake()
  }
  expect(outcomes.map(({ status }) => status)).toEqual(['created', 'created'])
  expect(await client.countSessions({ filter: { mentorId: `after ${outcomes[0]?.sessionId}` } })).toBe(1)
})

test('a response that is cut off is an error that says which lines were stored, and a repeat doubles none', async () => {
  const sessions = Array.from({ length: 200 }, (_, i) => named(`cut_${i}`))
  relay.cutAfter(6_000)
  let last = 0
  const reading = (async () => {
    for await (const { line } of importSessions(client, sessions)) last = line
  })()
  const error = await reading.catch((error: unknown) => error)
  if (!(error instanceof ImportIncompleteError)) throw error
  expect(error.cause).toBeInstanceOf(ConnectionError)
  expect(error.lastLine).toBe(last)
  expect(last).toBeGreaterThan(0)
  expect(last).toBeLessThan(200)
  expect(error.message).toContain(`the outcomes of ${last} lines arrived`)
  relay.cutAfter(Number.POSITIVE_INFINITY)
  const { counts } = await gatheredWithCounts(importSessions(client, sessions))
  expect(counts.created + counts.repeated).toBe(200)
  expect(counts.repeated).toBeGreaterThanOrEqual(last)
})

test('an import beyond a limit of the server is incomplete, with its code', async () => {
  const sessions = [named('limit'), { mentorId: 'long', externalId: 'x'.repeat(5_000) }, named('unread')]
  const error = await gatheredWithCounts(importSessions(client, sessions)).catch((error: unknown) => error)
  expect(error).toMatchObject({
    name: 'ImportIncompleteError',
    lastLine: 1,
    cause: { name: 'ApiError', code: 'PAYLOAD_TOO_LARGE' },
  })
})

test('what the sessions throw ends the import, and so do an abort, leaving the loop and a close', async () => {
  const failure = new Error('the file is damaged')
  async function* failing(): AsyncGenerator<NewSession> {
    yield { mentorId: 'failing' }
    throw failure
  }
  await expect(gatheredWithCounts(importSessions(client, failing()))).rejects.toBe(failure)

  let ended = 0
  async function* endless(): AsyncGenerator<NewSession> {
    try {
      for (;;) yield { mentorId: 'endless' }
    } finally {
      ended++
    }
  }
  for await (const { status } of importSessions(client, endless())) {
    expect(status).toBe('created')
    break
  }
  const leaving = new AbortController()
  const aborted = importSessions(client, endless(), { signal: leaving.signal })
  await aborted.next()
  leaving.abort()
  await expect(gatheredWithCounts(aborted)).rejects.toBe(leaving.signal.reason)
  const closing = new SessionsClient({ url: server.url })
  const closed = importSessions(closing, endless())
  await closed.next()
  closing.close()
  await expect(gatheredWithCounts(closed)).rejects.toBeInstanceOf(ClientClosedError)
  await expect(importSessions(closing, []).next()).rejects.toBeInstanceOf(ClientClosedError)
  expect(ended).toBe(3)
})

test('an option that it does not have is refused', () => {
  // @ts-expect-error: an import has no idempotency key.
  expect(() => importSessions(client, [], { idempotencyKey: 'key' })).toThrow(
    '`importSessions` has no option `idempotencyKey`. This option belongs to',
  )
})

describe('with sign-in', () => {
  const issuer = issuing()
  const guarded = serving(embeddedDatabase, { config: issuer.config })

  test('a refused token is replaced before anything is sent, and a reader may not import', async () => {
    const token = (refused?: string): string => (refused === undefined ? 'old' : issuer.token(people.admin))
    const admin = new SessionsClient({ url: guarded.url, token })
    expect((await gatheredWithCounts(importSessions(admin, [named('1')]))).counts.created).toBe(1)
    const reader = new SessionsClient({ url: guarded.url, token: issuer.token(people.reader) })
    await expect(gatheredWithCounts(importSessions(reader, [named('2')]))).rejects.toMatchObject({
      name: 'ApiError',
      code: 'FORBIDDEN',
    })
  })
})
