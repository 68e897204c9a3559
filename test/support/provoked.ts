import type { EmbeddedStore } from '../../src/db/embedded/embedded-store'
import type { Store } from '../../src/db/store'
import type { ErrorCode } from '../../src/domain/errors'
import type { Change, Session } from '../../src/domain/session'
import { calculate } from '../../src/domain/time-value'
import { inputs } from './inputs'
import { intercepting } from './intercepting'
import { base } from './interfaces'
import { type RawAnswer, send } from './raw'
import { calculation, client, json } from './rest'
import { type Server, serving, startServer } from './server'
import { changing, calculation as ofSessions, stored } from './sessions'
import { embeddedDatabase } from './stores'
import { type Issuing, issuing, people } from './tokens'

/** A calculation with this number of sessions fails on this server. */
export const defect = 13
/** A request with this key waits until the test releases it. */
export const stalled = 'stalled'
let arrived: () => void
let resume: Promise<void>

/** Returns a store that holds back the look-up of the key `stalled` until the test releases it. */
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
const feed = '/api/v1/benefit-calculator-events'
const webhooks = '/api/v1/webhook-endpoints'
const endpointOf = (organisation_id: string): string =>
  JSON.stringify({ url: 'https://receiver.invalid/', organisation_id })
const event = (name: string): string => JSON.stringify({ event: name })

/**
 * Starts a server for a suite, and returns for each problem the request that provokes it. A code without a row does not
 * compile. All requests go through `sent`.
 */
export function provoking(sent: typeof send = send) {
  const server = serving(embeddedDatabase, {
    store: stalling,
    calculator: given => {
      if (given.sessions === defect) throw new Error('a defect')
      return calculate(given)
    },
    config: { WEBHOOKS: true },
  })
  const tokens = issuing()
  const { call, get, post, put, ...make } = client(server, sent)

  const provoked: Record<ErrorCode, () => Promise<RawAnswer>> = {
    invalid_json: () => post(base, '{'),
    invalid_query: () => get(`${base}?page=0`),
    invalid_cursor: () => get(`${feed}?after=none`),
    invalid_request: async () => get(await make.started(), { 'If-None-Match': '3' }),
    unauthenticated: () => askedForTokens(tokens, url => sent(url, 'GET', base)),
    forbidden: () => askedForTokens(tokens, url => sent(url, 'GET', base, asNobody(tokens))),
    route_not_found: () => get('/nothing', asJson),
    session_not_found: () => get(`${base}/none`),
    result_not_found: async () => get(`${await make.started()}/results/none`),
    share_not_found: () => get('/shared/none', asJson),
    webhook_endpoint_not_found: () => get(`${webhooks}/none`),
    method_not_allowed: () => call('PATCH', base),
    not_acceptable: () => get(base, { Accept: 'image/png' }),
    event_refused: async () => put(await make.started(), event('RetryRequested')),
    session_full: async () => put(`${base}/${await full(server)}`, event('ResetRequested')),
    async limit_reached() {
      for (let n = 0; n < 100; n++) await post(webhooks, endpointOf('full'))
      return post(webhooks, endpointOf('full'))
    },
    async endpoint_inactive() {
      const { endpoint_id } = JSON.parse((await post(webhooks, endpointOf('paused'))).text)
      await call('PATCH', `${webhooks}/${endpoint_id}`, json, '{"paused":true}')
      return post(`${webhooks}/${endpoint_id}/tests`, '')
    },
    async request_in_flight() {
      const path = await make.started()
      return twin(() => put(path, calculation, { ...json, 'Idempotency-Key': stalled }))
    },
    async share_gone() {
      const path = await make.loaded()
      await put(path, event('ShareRequested'))
      const share = JSON.parse((await get(`${path}/share`)).text) as { path: string }
      await put(path, event('ShareRevokeRequested'))
      return get(share.path, asJson)
    },
    async cursor_expired() {
      const place = await embeddedDatabase()
      const first = await startServer(place)
      const { text } = await sent(first.url, 'GET', feed)
      await sent(first.url, 'POST', base, json, who)
      await first.stop()
      // Does the same as the daily pruning to commits that are older than the history.
      const store = (opened: Store): Store => {
        ;(opened as EmbeddedStore).db.exec('DELETE FROM commits')
        return opened
      }
      const second = await startServer(place, { store })
      const answer = await sent(second.url, 'GET', `${feed}?after=${JSON.parse(text).next}`)
      await second.stop()
      await place.drop()
      return answer
    },
    version_mismatch: async () => call('DELETE', await make.started(), { 'If-Match': '"7"' }),
    payload_too_large: () => post(base, Buffer.alloc(20_000)),
    unsupported_media_type: () => post(base, who, { 'Content-Type': 'text/plain' }),
    validation_failed: () => post(base, '{}'),
    async idempotency_key_reused() {
      const keyed = { ...json, 'Idempotency-Key': 'taken' }
      await post(base, who, keyed)
      return post(base, '{"mentor_id":"other"}', keyed)
    },
    rate_limited: () =>
      hurried(
        url => sent(url, 'GET', base),
        ({ status }) => status !== 200,
      ),
    internal: () => post('/api/v1/benefit-calculations', JSON.stringify({ ...inputs, sessions: defect })),
    unavailable: () => unreachable(server, () => post(base, who)),
  }

  return { server, provoked, tokens }
}

/** Returns the response to a second request under the key `stalled` that arrives while the first is still served. */
export async function twin<T>(request: () => Promise<T>): Promise<T> {
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
export async function unreachable<T>({ store }: Server, request: () => Promise<T>): Promise<T> {
  const { db } = store as EmbeddedStore
  db.pragma('query_only = ON')
  const answer = await request()
  db.pragma('query_only = OFF')
  return answer
}

/** Sends more requests than the rate limit of an address allows. Returns one of the refused responses. */
export async function hurried<T>(request: (url: string) => Promise<T>, isRefused: (answer: T) => boolean): Promise<T> {
  const place = await embeddedDatabase()
  const server = await startServer(place, { config: { REQUESTS_PER_SECOND: 1 } })
  const answers = await Promise.all(Array.from({ length: 5 }, () => request(server.url)))
  await server.stop()
  await place.drop()
  const answer = answers.find(isRefused)
  if (answer === undefined) throw new Error('every request was let in')
  return answer
}

/** Creates a session without room for another transition. */
export async function full(server: Server): Promise<string> {
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

/** Returns a server's response while authentication is on. */
export async function askedForTokens<T>({ config }: Issuing, ask: (url: string) => Promise<T>): Promise<T> {
  const place = await embeddedDatabase()
  const server = await startServer(place, { config })
  const answer = await ask(server.url)
  await server.stop()
  await place.drop()
  return answer
}

/** Authorization header of a user without a role. */
export const asNobody = ({ bearer }: Issuing) => ({ Authorization: bearer(people.nobody) })
