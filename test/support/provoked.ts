import { randomUUID } from 'node:crypto'
import type { EmbeddedStore } from '../../src/db/embedded/embedded-store'
import type { Store } from '../../src/db/store'
import type { ErrorCode } from '../../src/domain/errors'
import type { Change, Session } from '../../src/domain/session'
import { calculate } from '../../src/domain/time-value'
import { constant } from '../../src/resolvers/names'
import type { Config } from '../../src/startup/config'
import { capabilities, capabilityConfig } from '../capabilities'
import { inputs } from './inputs'
import { intercepting } from './intercepting'
import { base, camelled } from './interfaces'
import type { Provocation, Provoking } from './operation'
import { type RawAnswer, send } from './raw'
import { calculation, client, json } from './rest'
import { type Server, serving, startServer } from './server'
import { changing, calculation as ofSessions, stored } from './sessions'
import { embeddedDatabase } from './stores'
import { type Issuing, issuing, people } from './tokens'
import { allowedIn } from './transition-table'
import { feedPath } from './transports'

/** A calculation with this number of sessions fails on this server. */
const defect = 13
/** A request with this key waits until the test releases it. */
const stalled = 'stalled'
let arrived: () => void
let resume: Promise<void>

/** Returns a store that delays the look-up of the key `stalled` until the test releases it. */
const stalling = (opened: Store): Store =>
  intercepting(opened, {
    sessions: {
      async idempotencyRecord(session_id, key, now) {
        if (key === stalled) {
          arrived()
          await resume
        }
        return opened.sessions.idempotencyRecord(session_id, key, now)
      },
    },
  })

/** Without this, these paths return an HTML page. */
const asJson = { Accept: 'application/json' }
const who = '{"mentor_id":"mentor"}'
const event = (name: string): string => JSON.stringify({ event: name })

const dispatching = 'mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { replayed } }'
const starting = 'mutation ($input: StartSessionInput!) { startSession(input: $input) { session { id } } }'
const dispatch = ({ ask }: Provoking, input: object) => ask(dispatching, { input })
const start = ({ ask }: Provoking, input: object = {}) => ask(starting, { input: { mentorId: 'm', ...input } })
const started = async (on: Provoking): Promise<string> =>
  JSON.parse((await start(on)).text).data.startSession.session.id
/** Reads a list over GraphQL by GET. */
const sessionsQuery = '/graphql?query={sessions{totalCount}}'

/** The variables that leave the server open. */
const { AUTH_KEYS: _, ...openConfig } = capabilityConfig

const faults = (detail: unknown, pointer: string) => ({ errors: [{ detail, pointer }] })

const coreProvocations: Partial<Record<ErrorCode, Provocation>> = {
  invalid_json: {
    status: 400,
    rest: ({ rest }) => rest.post(base, '{'),
    graphql: ({ rest }) => rest.post('/graphql', '{'),
    members: faults(expect.stringMatching(/JSON/), ''),
  },
  invalid_query: {
    status: 400,
    rest: ({ rest }) => rest.get(`${base}?page=0`),
    graphql: 'GraphQL has arguments, no query parameters: what is wrong with one is VALIDATION_FAILED',
    members: { errors: expect.anything() },
  },
  invalid_cursor: {
    status: 400,
    rest: ({ rest }) => rest.get(`${base}?sort=created_at&after=none`),
    graphql: ({ ask }) => ask('{ sessions(after: "none") { totalCount } }'),
    members: faults('is not a cursor of this list in this order: start again without it', '/after'),
  },
  invalid_request: {
    status: 400,
    rest: ({ rest }) => rest.post(base, who, { ...json, 'Idempotency-Key': 'k'.repeat(256) }),
    graphql: on => start(on, { idempotencyKey: 'k'.repeat(256) }),
    members: faults('must have 1 to 255 characters', '/idempotencyKey'),
  },
  unauthenticated: {
    status: 401,
    rest: ({ tokens, sent }) => configured(tokens.config, url => sent(url, 'GET', base)),
    graphql: ({ tokens, sent }) => configured(tokens.config, url => sent(url, 'GET', sessionsQuery)),
  },
  forbidden: {
    status: 403,
    rest: ({ tokens, sent }) => configured(tokens.config, url => sent(url, 'GET', base, asNobody(tokens))),
    graphql: ({ tokens, sent }) => configured(tokens.config, url => sent(url, 'GET', sessionsQuery, asNobody(tokens))),
  },
  route_not_found: {
    status: 404,
    rest: ({ rest }) => rest.get('/nothing', asJson),
    graphql: 'GraphQL has one path: what is not in its schema is GRAPHQL_VALIDATION_FAILED',
  },
  session_not_found: {
    status: 404,
    rest: ({ rest }) => rest.get(`${base}/none`),
    graphql: on => dispatch(on, { sessionId: 'none', event: 'RESET_REQUESTED' }),
  },
  result_not_found: {
    status: 404,
    rest: async ({ rest }) => rest.get(`${await rest.started()}/results/none`),
    graphql: 'no field takes the id of a result: a session returns all its results',
  },
  share_not_found: {
    status: 404,
    rest: ({ rest }) => rest.get('/shared/none', asJson),
    graphql: ({ ask }) => ask('{ sharedResult(token: "none") { method } }'),
  },
  method_not_allowed: {
    status: 405,
    rest: ({ rest }) => rest.call('PATCH', base),
    graphql: ({ rest }) => rest.call('PUT', '/graphql/stream'),
  },
  not_acceptable: {
    status: 406,
    rest: ({ rest }) => rest.get(base, { Accept: 'image/png' }),
    graphql: ({ rest }) => rest.get('/graphql/stream', { Accept: 'image/png' }),
  },
  event_refused: {
    status: 409,
    rest: async ({ rest }) => rest.put(await rest.started(), event('RetryRequested')),
    graphql: async on => dispatch(on, { sessionId: await started(on), event: 'RETRY_REQUESTED' }),
    members: {
      currentState: 'INITIAL',
      event: 'RETRY_REQUESTED',
      allowedEvents: allowedIn('initial').map(constant),
    },
  },
  session_full: {
    status: 409,
    rest: async ({ rest, server }) => rest.put(`${base}/${await full(server)}`, event('ResetRequested')),
    graphql: async on => dispatch(on, { sessionId: await full(on.server), event: 'RESET_REQUESTED' }),
    members: { limit: 1_000 },
  },
  limit_reached: {
    status: 409,
    rest: ({ sent }) => second(url => sent(url, 'POST', base, json, who)),
    graphql({ sent }) {
      const body = JSON.stringify({ query: starting, variables: { input: { mentorId: 'm' } } })
      return second(url => sent(url, 'POST', '/graphql', json, body))
    },
    members: { limit: 1 },
  },
  external_id_taken: {
    status: 409,
    async rest({ rest }) {
      const body = JSON.stringify({ mentor_id: 'mentor', external_id: randomUUID() })
      await rest.post(base, body)
      return rest.post(base, body)
    },
    async graphql(on) {
      const externalId = randomUUID()
      await start(on, { externalId })
      return start(on, { externalId })
    },
    members: { sessionId: expect.stringMatching(/^session_/) },
  },
  request_in_flight: {
    status: 409,
    async rest({ rest }) {
      const path = await rest.started()
      return twin(() => rest.put(path, calculation, { ...json, 'Idempotency-Key': stalled }))
    },
    async graphql(on) {
      const sessionId = await started(on)
      return twin(() => dispatch(on, { sessionId, event: 'RESET_REQUESTED', idempotencyKey: stalled }))
    },
  },
  share_gone: {
    status: 410,
    async rest({ rest }) {
      const { path } = await revoked(rest)
      return rest.get(path, asJson)
    },
    async graphql({ rest, ask }) {
      const { token } = await revoked(rest)
      return ask('query ($token: ID!) { sharedResult(token: $token) { method } }', { token })
    },
  },
  cursor_expired: {
    status: 410,
    async rest({ sent }) {
      const database = await embeddedDatabase()
      const first = await startServer(database)
      const { text } = await sent(first.url, 'GET', feedPath)
      await sent(first.url, 'POST', base, json, who)
      await first.stop()
      // Like the daily pruning, deletes commits that are older than the history.
      const store = (opened: Store): Store => {
        ;(opened as EmbeddedStore).db.exec('DELETE FROM commits')
        return opened
      }
      const second = await startServer(database, { store })
      const answer = await sent(second.url, 'GET', `${feedPath}?after=${JSON.parse(text).next}`)
      await second.stop()
      await database.drop()
      return answer
    },
    graphql: 'a subscription does not fail on an old cursor: it is told FeedGap with the reason EXPIRED',
  },
  version_mismatch: {
    status: 412,
    rest: async ({ rest }) => rest.call('DELETE', await rest.started(), { 'If-Match': '"7"' }),
    graphql: async on => dispatch(on, { sessionId: await started(on), event: 'RESET_REQUESTED', expectedVersion: 7 }),
    members: { currentVersion: 1 },
  },
  payload_too_large: {
    status: 413,
    rest: ({ rest }) => rest.post(base, Buffer.alloc(20_000)),
    graphql: ({ rest }) => rest.post('/graphql', Buffer.alloc(70_000)),
    members: { limit: 65_536 },
  },
  unsupported_media_type: {
    status: 415,
    rest: ({ rest }) => rest.post(base, who, { 'Content-Type': 'text/plain' }),
    graphql: ({ rest }) => rest.post('/graphql', '{}', { 'Content-Type': 'text/plain' }),
  },
  validation_failed: {
    status: 422,
    rest: ({ rest }) => rest.post(base, '{"mentor_id":""}'),
    graphql: on => start(on, { mentorId: '' }),
    members: faults('must have 1 to 200 characters', '/mentorId'),
  },
  idempotency_key_reused: {
    status: 422,
    async rest({ rest }) {
      const keyed = { ...json, 'Idempotency-Key': 'taken' }
      await rest.post(base, who, keyed)
      return rest.post(base, '{"mentor_id":"other"}', keyed)
    },
    async graphql(on) {
      await start(on, { idempotencyKey: 'taken by one' })
      return start(on, { mentorId: 'other', idempotencyKey: 'taken by one' })
    },
  },
  rate_limited: {
    status: 429,
    rest: ({ sent }) => hurried(url => sent(url, 'GET', base)),
    graphql: ({ sent }) => hurried(url => sent(url, 'GET', '/graphql?query={__typename}')),
  },
  internal: {
    status: 500,
    rest: ({ rest }) => rest.post('/api/v1/benefit-calculations', JSON.stringify({ ...inputs, sessions: defect })),
    graphql: ({ ask }) =>
      ask('query ($inputs: CalculationInputs!) { calculate(inputs: $inputs) { timeValue } }', {
        inputs: { ...camelled(inputs), sessions: defect },
      }),
  },
  unavailable: {
    status: 503,
    rest: ({ rest, server }) => unreachable(server, () => rest.post(base, who)),
    graphql: on => unreachable(on.server, () => start(on)),
  },
}

const provocations = Object.assign({}, coreProvocations, ...capabilities.map(({ provocations = {} }) => provocations))

/** Returns how an error is provoked. Throws for a code without a row. */
export function provocationOf(code: ErrorCode): Provocation {
  const row = provocations[code]
  if (!row) throw new Error(`say in a table of provocations which request gets ${code}`)
  return row
}

/**
 * Starts a server for a suite, and returns what the requests that provoke errors need. All REST requests go through
 * `sent`.
 */
export function provoking(sent: typeof send = send): Provoking & { provoked(code: ErrorCode): Promise<RawAnswer> } {
  const server = serving(embeddedDatabase, {
    store: stalling,
    calculator: given => {
      if (given.sessions === defect) throw new Error('a defect')
      return calculate(given)
    },
    config: openConfig,
  })
  const rest = client(server, sent)
  const on: Provoking = {
    server,
    sent,
    rest,
    tokens: issuing(),
    ask: (query, variables = {}) => rest.post('/graphql', JSON.stringify({ query, variables })),
  }
  return { ...on, provoked: code => provocationOf(code).rest(on) }
}

/** Creates a share link and revokes it. Returns its path and token. */
async function revoked(rest: Provoking['rest']): Promise<{ path: string; token: string }> {
  const path = await rest.loaded()
  await rest.put(path, event('ShareRequested'))
  const share = JSON.parse((await rest.get(`${path}/share`)).text)
  await rest.put(path, event('ShareRevokeRequested'))
  return share
}

/** Returns the response to a second request with the key `stalled` that arrives while the first is still served. */
async function twin<T>(request: () => Promise<T>): Promise<T> {
  let letGo = (): void => {}
  resume = new Promise(resolve => {
    letGo = resolve
  })
  const atStore = new Promise<void>(resolve => {
    arrived = resolve
  })
  const first = request()
  await atStore
  const second = await request()
  letGo()
  await first
  return second
}

/** Returns the response to a change that the store cannot write. */
async function unreachable<T>({ store }: Server, request: () => Promise<T>): Promise<T> {
  const { db } = store as EmbeddedStore
  db.pragma('query_only = ON')
  const answer = await request()
  db.pragma('query_only = OFF')
  return answer
}

/** Sends more requests than an address's rate limit allows. Returns one of the refused responses. */
async function hurried(request: (url: string) => Promise<RawAnswer>): Promise<RawAnswer> {
  const answers = await configured({ REQUESTS_PER_SECOND: 1 }, url =>
    Promise.all(Array.from({ length: 5 }, () => request(url))),
  )
  const answer = answers.find(({ status }) => status !== 200)
  if (answer === undefined) throw new Error('every request was let in')
  return answer
}

/** Creates a session without room for another transition. */
async function full(server: Server): Promise<string> {
  const first = await stored(server.store, {}, [ofSessions(25)])
  let session: Session = first
  const changes: Change[] = []
  while (session.version < 1_000) {
    const write = changing(session, session.version % 2 ? 'ShareRequested' : 'ShareRevokeRequested')
    changes.push(...write.changes)
    session = write.session
  }
  await server.store.sessions.save({ session, changes }, first.version)
  return session.session_id
}

/** Returns the response to the second start of a mentor, on a server that allows one session per mentor. */
const second = (start: (url: string) => Promise<RawAnswer>): Promise<RawAnswer> =>
  configured({ SESSIONS_PER_MENTOR: 1 }, async url => {
    await start(url)
    return start(url)
  })

/** Returns the response of a server with this configuration. */
async function configured<T>(config: Partial<Config>, ask: (url: string) => Promise<T>): Promise<T> {
  const database = await embeddedDatabase()
  const server = await startServer(database, { config })
  const answer = await ask(server.url)
  await server.stop()
  await database.drop()
  return answer
}

/** Authorization header of a user without a role. */
const asNobody = ({ bearer }: Issuing) => ({ Authorization: bearer(people.nobody) })
