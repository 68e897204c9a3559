import { ApiError, ConnectionError, isApiError, SessionsClient } from '../../packages/client/src/index'
import { clientInputs as inputs } from '../support/inputs'
import { Relay } from '../support/relay'
import { serving } from '../support/server'
import { embeddedDatabase, gathered } from '../support/stores'
import { issuing, people } from '../support/tokens'

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
  const { session, transitions, replayed } = await client.startSession({ mentorId: 'm', organisationId: 'o' })
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
  expect(await client.listShares(session.id)).toEqual([shared.share])
  expect(await client.getSharedResult(shared.share.token)).toMatchObject({ outputs: { netBenefit: 287.5 } })

  const longer = await client.share(shared.session, { expiresInDays: 90 })
  expect(longer.share.token).toBe(shared.share.token)
  expect(Date.parse(longer.share.expiresAt) - Date.parse(shared.share.expiresAt)).toBeGreaterThan(59 * 86_400_000)
  const without = await client.revokeShare(longer.session, shared.share.token)
  expect(without).toMatchObject({ transitions: [{ event: 'SHARE_REVOKE_REQUESTED' }], replayed: false })
  expect(await client.listShares(session.id)).toEqual([])
  await expect(client.revokeShare(without.session, shared.share.token)).rejects.toMatchObject({ code: 'SHARE_GONE' })

  const again = await client.share(without.session)
  const revoked = await client.dispatchEvent(again.session, 'SHARE_REVOKE_REQUESTED')
  expect(await client.listShares(session.id)).toEqual([])
  const moved = await client.dispatchEvent(revoked.session, {
    event: 'REASSIGN_REQUESTED',
    reassign: { mentorId: 'n', organisationId: null },
  })
  expect(moved.session).toMatchObject({ mentorId: 'n', organisationId: null })
  const reset = await client.dispatchEvent(moved.session, 'RESET_REQUESTED')
  expect(reset.session).toMatchObject({ state: 'INITIAL', result: null })
  expect(await client.listResults(session.id)).toHaveLength(1)
  expect(await client.getSession(session.id)).toEqual(reset.session)
  await client.closeSession(reset.session)
  expect(await client.getSession(session.id)).toBeNull()
  expect(await client.listResults(session.id)).toBeNull()
})

test.each<[string, (session: never) => Promise<unknown>]>([
  ['calculate', session => client.calculate(session, inputs)],
  ['reassign', session => client.reassign(session, { mentorId: 'other' })],
  ['dispatchEvent', session => client.dispatchEvent(session, 'RESET_REQUESTED')],
  ['share', session => client.share(session)],
  ['revokeShare', session => client.revokeShare(session, 'token')],
  ['closeSession', session => client.closeSession(session)],
])('%s without a version is refused before it is sent, and with null overwrites', async (name, change) => {
  const { id } = (await client.startSession({ mentorId: 'unversioned' })).session
  for (const unversioned of [{ id }, { id, version: undefined }, id, undefined]) {
    await expect(change(unversioned as never)).rejects.toThrow(
      new TypeError(
        `\`${name}\` needs the \`version\` on which the change is based. Pass the object as you read it, or \`{ id, version: null }\` to overwrite any version.`,
      ),
    )
  }
  expect(await client.getSession(id)).toMatchObject({ version: 1 })
  const overwriting = await change({ id, version: null } as never).catch((error: unknown) => error)
  expect(isApiError(overwriting, 'VERSION_MISMATCH')).toBe(false)
})

test('transitions and share links are read', async () => {
  const filter = { organisationId: 'shared' }
  const sessions = []
  for (const mentorId of ['shared_0', 'shared_1']) {
    const started = await client.startSession({ mentorId, ...filter, inputs: { ...inputs, label: mentorId } })
    sessions.push((await client.share(started.session)).session)
  }
  const [first, last] = sessions
  const transitions = (await client.listTransitions(first?.id ?? '')) ?? []
  expect(transitions.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
  expect(transitions.at(-1)).toMatchObject({ event: 'SHARE_REQUESTED', session: first })
  expect(await client.listTransitions(first?.id ?? '', { after: 1, first: 2 })).toEqual(transitions.slice(1, 3))
  expect(await client.listTransitions(none)).toBeNull()

  const { nodes, pageInfo } = await client.listSharedLinks({ filter, first: 1 })
  const [link] = nodes
  expect(link).toMatchObject({ session: last, label: 'shared_1', views: 0, share: { resultId: last?.resultId } })
  const rest = await client.listSharedLinks({ filter, after: pageInfo.endCursor })
  expect(await gathered(client.allSharedLinks({ filter }))).toEqual([link, ...rest.nodes])
  expect(rest.nodes).toMatchObject([{ label: 'shared_0' }])
})

test('a session is reassigned, and leaves the copy of a follower whose filter no longer selects it', async () => {
  const filter = { organisationId: 'former' }
  const { session } = await client.startSession({ mentorId: 'm', ...filter })
  const changes = client.followSessions({ filter })
  const next = async () => (await changes.next()).value
  for (const type of ['reset', 'snapshot', 'synced']) expect(await next()).toMatchObject({ type })
  const reassigned = await client.reassign(session, { mentorId: 'n', organisationId: null })
  expect(reassigned.session).toMatchObject({ mentorId: 'n', organisationId: null, version: 2 })
  expect(await next()).toMatchObject({
    type: 'closed',
    left: true,
    session: { id: session.id, mentorId: 'm', organisationId: 'former' },
    transition: { event: 'REASSIGN_REQUESTED' },
  })
  await client.reassign(reassigned.session, filter)
  expect(await next()).toMatchObject({ type: 'changed', session: { mentorId: 'n', organisationId: 'former' } })
  await client.closeSession({ id: session.id, version: null })
  expect(await next()).toMatchObject({ type: 'closed', left: false })
  await changes.return()
})

test('lists are read page by page', async () => {
  for (let i = 0; i < 3; i++) {
    await client.startSession({ mentorId: `listed_${i}`, organisationId: 'listed' })
  }
  const filter = { organisationId: 'listed' }
  const first = await client.listSessions({ filter, first: 2, orderBy: { by: 'MENTOR', descending: false } })
  const after = first.pageInfo.endCursor
  const rest = await client.listSessions({ filter, after, orderBy: { by: 'MENTOR', descending: false } })
  expect([...first.nodes, ...rest.nodes].map(({ mentorId }) => mentorId)).toEqual(['listed_0', 'listed_1', 'listed_2'])
  expect(await client.countSessions({ filter })).toBe(3)
  expect(await client.preview(inputs)).toMatchObject({ netBenefit: 287.5 })
})

test('all pages of a list are read one after the other', async () => {
  const mentors = Array.from({ length: 210 }, (_, i) => `paged_${String(i).padStart(3, '0')}`)
  const filter = { organisationId: 'paged' }
  await Promise.all(mentors.map(mentorId => client.startSession({ mentorId, ...filter })))
  const sessions = await gathered(client.allSessions({ filter, orderBy: { by: 'MENTOR', descending: false } }))
  expect(sessions.map(({ mentorId }) => mentorId)).toEqual(mentors)
  const newestFirst = (await gathered(client.allSessions({ filter }))).map(({ createdAt }) => createdAt)
  expect(newestFirst).toHaveLength(210)
  expect(newestFirst).toEqual(newestFirst.toSorted().toReversed())
})

test('leaving the loop over all pages reads no further page', async () => {
  const pages: number[] = []
  const counting = new SessionsClient({ url: server.url, token: () => void pages.push(0) })
  for await (const _ of counting.allSessions({ filter: { organisationId: 'paged' } })) break
  expect(pages).toHaveLength(1)
})

test('an API error has a code and typed details', async () => {
  const { session } = await client.startSession({ mentorId: 'm' })
  await client.calculate(session, inputs)
  const old = await client.calculate(session, inputs).catch((error: unknown) => error)
  if (!isApiError(old, 'VERSION_MISMATCH')) throw old
  expect(old.details.currentVersion satisfies number).toBe(3)

  const id = { id: session.id, version: null }
  const untimely = await client.dispatchEvent(id, 'RETRY_REQUESTED').catch((error: unknown) => error)
  if (!isApiError(untimely, 'EVENT_REFUSED')) throw untimely
  expect(untimely.details.currentState).toBe('LOADED')
  expect(untimely.details.allowedEvents).toContain('SHARE_REQUESTED')

  const wrong = await client.calculate(id, { ...inputs, avgMinutes: -1 }).catch((error: unknown) => error)
  if (!isApiError(wrong, 'VALIDATION_FAILED')) throw wrong
  expect(wrong.details.errors).toEqual([{ detail: 'must be at least 0', pointer: '/payload/avgMinutes' }])

  await expect(client.closeSession({ id: none, version: null })).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  await expect(client.getSharedResult('none')).rejects.toMatchObject({ code: 'SHARE_NOT_FOUND' })
  await expect(client.listSessions({ after: 'none' })).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
  await expect(client.request('{ nothing }')).rejects.toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' })
})

test('an API error has the given message', async () => {
  const errorMessages = {
    VERSION_MISMATCH: ({ currentVersion }: { currentVersion: number }) => `Schon ${currentVersion}.`,
  }
  const german = new SessionsClient({ url: server.url, errorMessages })
  const { session } = await german.startSession({ mentorId: 'm' })
  await expect(german.closeSession({ ...session, version: 7 })).rejects.toThrow('Schon 1.')
})

test('a change takes effect once, even if its response is lost', async () => {
  relay.loseAnswers(2)
  const { session, replayed } = await unsure.startSession({ mentorId: 'once' })
  expect(replayed).toBe(true)
  expect(await client.countSessions({ filter: { mentorId: 'once' } })).toBe(1)

  relay.loseAnswers(1)
  const calculated = await unsure.calculate(session, inputs)
  expect(calculated).toMatchObject({ replayed: true, session: { version: 3 } })
  expect(await client.listResults(session.id)).toHaveLength(1)

  relay.loseAnswers(1)
  await unsure.closeSession(calculated.session)
  expect(await client.getSession(session.id)).toBeNull()
})

test('a given idempotency key recognises a repeat by another process', async () => {
  const changing = { idempotencyKey: 'of-the-first-process' }
  const { session } = await client.startSession({ mentorId: 'm' }, changing)
  expect(await unsure.startSession({ mentorId: 'm' }, changing)).toMatchObject({
    session: { id: session.id },
    replayed: true,
  })
  await expect(client.startSession({ mentorId: 'other' }, changing)).rejects.toMatchObject({
    code: 'IDEMPOTENCY_KEY_REUSED',
  })
})

test('an unreachable server is retried a limited number of times, then ConnectionError is thrown; each wait is reported', async () => {
  relay.cut()
  const waits: number[] = []
  const asked = unsure.getSession(none, { maxAttempts: 3, onRetry: ms => waits.push(ms) })
  await expect(asked).rejects.toBeInstanceOf(ConnectionError)
  expect(waits).toHaveLength(2)
  for (const [i, ms] of waits.entries()) expect(ms / (250 * 2 ** i)).toBeGreaterThanOrEqual(0.75)
  relay.mend()
  expect(await unsure.getSession(none)).toBeNull()
})

test('the cause of ConnectionError names a response that is not one of this server', async () => {
  const lost = new SessionsClient({ url: `${server.url}/lost` })
  await expect(lost.countSessions({ maxAttempts: 1 })).rejects.toMatchObject({
    name: 'ConnectionError',
    cause: { message: `${server.url}/lost/graphql responded with status 404 and without data.` },
  })
})

test('a silent server is given the stated timeout', async () => {
  relay.silence(true)
  const impatient = new SessionsClient({ url: relay.url, timeoutMs: 50, connectionErrorMessage: 'Weg.' })
  await expect(impatient.getSession(none, { maxAttempts: 2 })).rejects.toThrow('Weg.')
  speakAgain()
})

test('an abort ends a read at once; a change already sent still gets its response, and is not sent again', async () => {
  relay.silence(true)
  const leaving = new AbortController()
  const reading = unsure.getSession(none, { signal: leaving.signal })
  leaving.abort()
  await expect(reading).rejects.toBe(leaving.signal.reason)
  speakAgain()

  expect(await unsure.getSession(none)).toBeNull()
  const given = { signal: AbortSignal.abort() }
  await expect(unsure.startSession({ mentorId: 'left' }, given)).rejects.toBe(given.signal.reason)
  const sent = new AbortController()
  const starting = unsure.startSession({ mentorId: 'left' }, { signal: sent.signal })
  setImmediate(() => sent.abort())
  expect((await starting).session.version).toBe(1)

  relay.loseAnswers(1)
  const waiting = new AbortController()
  const lost = unsure.startSession({ mentorId: 'left' }, { signal: waiting.signal, onRetry: () => waiting.abort() })
  await expect(lost).rejects.toMatchObject({ name: 'AbortError' })
  expect(await client.countSessions({ filter: { mentorId: 'left' } })).toBe(2)
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
    await admin.startSession({ mentorId: 'leaver' })
    expect(asked).toEqual([undefined, 'old'])
    expect(await admin.eraseMentor('leaver')).toEqual({ closed: 1 })
    const mentor = new SessionsClient({ url: guarded.url, token: () => issuer.token(people.mentor) })
    await expect(mentor.eraseMentor('leaver')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('a service key or a token can be given as a text', async () => {
    const admin = new SessionsClient({ url: guarded.url, token: issuer.token(people.admin) })
    await admin.startSession({ mentorId: 'm' })
    const ended = new SessionsClient({ url: guarded.url, token: 'old' })
    await expect(ended.countSessions()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
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
