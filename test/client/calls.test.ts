import { ApiError, ConnectionError, isApiError, SessionsClient } from '../../packages/client/src/index'
import { Relay } from '../support/relay'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { issuing, people } from '../support/tokens'

const inputs = { sessions: 25, avgMinutes: 30, costPerSession: 3.5, costPerHour: 30 }
const none = 'session_none'

const server = serving(embeddedDatabase)
let relay: Relay
let client: SessionsClient
/** A client over a connection that can lose responses. */
let unsure: SessionsClient
beforeAll(async () => {
  relay = await Relay.before(server.url)
  client = new SessionsClient({ url: server.url })
  unsure = new SessionsClient({ url: relay.url })
})
afterAll(() => relay.stop())
afterEach(() => relay.loseAnswers(0))

/** Cuts the silent connections. New ones work. */
function speakAgain(): void {
  relay.cut()
  relay.silence(false)
  relay.mend()
}

test('a session goes from its start through a result and a share link to its close', async () => {
  const { session, transitions, replayed } = await client.start({ mentorId: 'm', organisationId: 'o' })
  expect({ session, replayed }).toMatchObject({ session: { state: 'INITIAL', version: 1 }, replayed: false })
  expect(transitions.map(({ event }) => event)).toEqual(['SESSION_STARTED'])

  const period = { from: '2026-01-01', to: '2026-03-31' }
  const calculated = await client.calculate(session, { ...inputs, label: 'Spring', currency: 'GBP', period })
  expect(calculated.session).toMatchObject({
    state: 'LOADED',
    result: { inputs: { ...inputs, label: 'Spring', currency: 'GBP', period }, outputs: { netBenefit: 287.5 } },
  })

  const shared = await client.share(calculated.session)
  expect(shared.share.path).toBe(`/shared/${shared.share.token}`)
  expect(await client.shares(session.id)).toEqual([shared.share])
  expect(await client.sharedResult(shared.share.token)).toMatchObject({ outputs: { netBenefit: 287.5 } })

  const revoked = await client.dispatch(shared.session, 'SHARE_REVOKE_REQUESTED')
  expect(await client.shares(session.id)).toEqual([])
  const reset = await client.dispatch(revoked.session, 'RESET_REQUESTED')
  expect(reset.session).toMatchObject({ state: 'INITIAL', result: null })
  expect(await client.results(session.id)).toHaveLength(1)
  expect(await client.session(session.id)).toEqual(reset.session)
  await client.close(reset.session)
  expect(await client.session(session.id)).toBeNull()
  expect(await client.results(session.id)).toBeNull()
})

test('lists, totals, trends and groups are read page by page', async () => {
  for (let i = 0; i < 3; i++) {
    const { session } = await client.start({ mentorId: `listed_${i}`, organisationId: 'listed' })
    await client.calculate(session, { ...inputs, currency: 'EUR' })
  }
  const filter = { organisationId: 'listed' }
  const first = await client.sessions({ filter, first: 2, orderBy: { by: 'MENTOR', descending: false } })
  const after = first.pageInfo.endCursor
  const rest = await client.sessions({ filter, after, orderBy: { by: 'MENTOR', descending: false } })
  expect([...first.nodes, ...rest.nodes].map(({ mentorId }) => mentorId)).toEqual(['listed_0', 'listed_1', 'listed_2'])
  expect(await client.countSessions(filter)).toBe(3)
  expect(await client.summary(filter)).toMatchObject({ results: 3, amounts: [{ currency: 'EUR', netBenefit: 862.5 }] })
  expect((await client.trend({ filter, last: 2 })).at(-1)).toMatchObject({ results: 3 })
  expect(await client.mentors({ filter, search: 'listed_', first: 2 })).toMatchObject({
    nodes: [{ id: 'listed_0' }, { id: 'listed_1' }],
    totalCount: 3,
  })
  expect((await client.organisations({ search: 'listed' })).nodes).toMatchObject([{ id: 'listed', sessions: 3 }])
  expect(await client.preview(inputs)).toMatchObject({ netBenefit: 287.5 })
})

test('an API error has a code and typed facts', async () => {
  const { session } = await client.start({ mentorId: 'm' })
  await client.calculate(session, inputs)
  const old = await client.calculate(session, inputs).catch((error: unknown) => error)
  if (!isApiError(old, 'VERSION_MISMATCH')) throw old
  expect(old.facts.currentVersion satisfies number).toBe(3)

  const id = { id: session.id, version: null }
  const untimely = await client.dispatch(id, 'RETRY_REQUESTED').catch((error: unknown) => error)
  if (!isApiError(untimely, 'EVENT_REFUSED')) throw untimely
  expect(untimely.facts.currentState).toBe('LOADED')
  expect(untimely.facts.allowedEvents).toContain('SHARE_REQUESTED')

  const wrong = await client.calculate(id, { ...inputs, avgMinutes: -1 }).catch((error: unknown) => error)
  if (!isApiError(wrong, 'VALIDATION_FAILED')) throw wrong
  expect(wrong.facts.errors).toEqual([{ detail: 'must be at least 0', pointer: '/payload/avgMinutes' }])

  await expect(client.close({ id: none, version: null })).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  await expect(client.sharedResult('none')).rejects.toMatchObject({ code: 'SHARE_NOT_FOUND' })
  await expect(client.sessions({ after: 'none' })).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
  await expect(client.request('{ nothing }')).rejects.toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' })
})

test('an API error has the given message', async () => {
  const errorMessages = {
    VERSION_MISMATCH: ({ currentVersion }: { currentVersion: number }) => `Schon ${currentVersion}.`,
  }
  const german = new SessionsClient({ url: server.url, errorMessages })
  const { session } = await german.start({ mentorId: 'm' })
  await expect(german.close({ ...session, version: 7 })).rejects.toThrow('Schon 1.')
})

test('a change takes effect once, even if its response is lost', async () => {
  relay.loseAnswers(2)
  const { session, replayed } = await unsure.start({ mentorId: 'once' })
  expect(replayed).toBe(true)
  expect(await client.countSessions({ mentorId: 'once' })).toBe(1)

  relay.loseAnswers(1)
  const calculated = await unsure.calculate(session, inputs)
  expect(calculated).toMatchObject({ replayed: true, session: { version: 3 } })
  expect(await client.results(session.id)).toHaveLength(1)

  relay.loseAnswers(1)
  await unsure.close(calculated.session)
  expect(await client.session(session.id)).toBeNull()
})

test('a given idempotency key recognises a repeat by another process', async () => {
  const changing = { idempotencyKey: 'of-the-first-process' }
  const { session } = await client.start({ mentorId: 'm' }, changing)
  expect(await unsure.start({ mentorId: 'm' }, changing)).toMatchObject({ session: { id: session.id }, replayed: true })
  await expect(client.start({ mentorId: 'other' }, changing)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
})

test('an unreachable server is retried a limited number of times, then ConnectionError is thrown; each wait is reported', async () => {
  relay.cut()
  const waits: number[] = []
  const asked = unsure.session(none, { maxAttempts: 3, onRetry: ms => waits.push(ms) })
  await expect(asked).rejects.toBeInstanceOf(ConnectionError)
  expect(waits).toHaveLength(2)
  for (const [i, ms] of waits.entries()) expect(ms / (250 * 2 ** i)).toBeGreaterThanOrEqual(0.75)
  relay.mend()
  expect(await unsure.session(none)).toBeNull()
})

test('a silent server is given the stated timeout', async () => {
  relay.silence(true)
  const impatient = new SessionsClient({ url: relay.url, timeoutMs: 50, connectionErrorMessage: 'Weg.' })
  await expect(impatient.session(none, { maxAttempts: 2 })).rejects.toThrow('Weg.')
  speakAgain()
})

test('an abort ends a read at once; a change already sent still gets its response, and is not sent again', async () => {
  relay.silence(true)
  const leaving = new AbortController()
  const reading = unsure.session(none, { signal: leaving.signal })
  leaving.abort()
  await expect(reading).rejects.toBe(leaving.signal.reason)
  speakAgain()

  expect(await unsure.session(none)).toBeNull()
  const given = { signal: AbortSignal.abort() }
  await expect(unsure.start({ mentorId: 'left' }, given)).rejects.toBe(given.signal.reason)
  const sent = new AbortController()
  const starting = unsure.start({ mentorId: 'left' }, { signal: sent.signal })
  setImmediate(() => sent.abort())
  expect((await starting).session.version).toBe(1)

  relay.loseAnswers(1)
  const waiting = new AbortController()
  const lost = unsure.start({ mentorId: 'left' }, { signal: waiting.signal, onRetry: () => waiting.abort() })
  await expect(lost).rejects.toMatchObject({ name: 'AbortError' })
  expect(await client.countSessions({ mentorId: 'left' })).toBe(2)
})

describe('with sign-in', () => {
  const issuer = issuing()
  const guarded = serving(embeddedDatabase, { config: issuer.config })

  test('a refused token is replaced once, and an admin erases a mentor', async () => {
    const asked: (string | undefined)[] = []
    const token = (refused?: string): string => {
      asked.push(refused)
      return refused === undefined ? 'old' : issuer.token(people.admin)
    }
    const admin = new SessionsClient({ url: guarded.url, token })
    await admin.start({ mentorId: 'leaver' })
    expect(asked).toEqual([undefined, 'old'])
    expect(await admin.eraseMentor('leaver')).toEqual({ closed: 1 })
    const mentor = new SessionsClient({ url: guarded.url, token: () => issuer.token(people.mentor) })
    await expect(mentor.eraseMentor('leaver')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('without another token the call fails', async () => {
    const stale = new SessionsClient({ url: guarded.url, token: () => 'old' })
    await expect(stale.countSessions()).rejects.toMatchObject({ name: 'ApiError', code: 'UNAUTHENTICATED' })
    const broken = new SessionsClient({
      url: guarded.url,
      token: refused => {
        if (refused !== undefined) throw new Error('the issuer is away')
        return 'old'
      },
    })
    await expect(broken.countSessions()).rejects.toBeInstanceOf(ApiError)
  })
})
