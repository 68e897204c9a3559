import fc from 'fast-check'
import type { SessionEvent } from '../../src/domain/session'
import { type Answer, type Api, type Changed, done, type Refusal, refused, type Who } from '../support/interfaces'
import { anyEvent, anyStart, type EventBody, names, type StartBody, saying } from './bodies'
import * as m from './model'
import { agree, type Real, told } from './reads'

type Command = fc.AsyncCommand<m.Model, Real>

/** A command that prints as what it was drawn from, so that a run which failed can be read. */
export const command = (name: string, drawn: object, run: Command['run']): Command => ({
  check: () => true,
  run,
  toString: () => `${name}(${fc.stringify(drawn)})`,
})

const long = 'k'.repeat(256)
const anyKey = fc.oneof(
  { weight: 20, arbitrary: fc.constant(undefined) },
  { weight: 10, arbitrary: fc.constantFrom('a', 'b') },
  { weight: 1, arbitrary: fc.constantFrom('', long) },
)
const isMalformed = (key: string | undefined): boolean => key === '' || key === long
/** The keys of a run are its own; those that are malformed are so for every run. */
const own = (real: Real, key: string | undefined) => (key && !isMalformed(key) ? `${real.run}:${key}` : key)

/** Over GraphQL an empty text is as if it was left out. */
const isLeftOut = (api: Api, text: unknown): boolean => api.name === 'graphql' && text === ''

const malformedKey = (api: Api): Refusal =>
  refused('invalid_request', { errors: [api.name === 'rest' ? 'Idempotency-Key' : '/idempotencyKey'] })
const faulty = (api: Api, { faults }: { faults: string[] }): Refusal =>
  refused('validation_failed', { errors: faults.map(api.pointer).sort() })

/** How far from the version that the session has, where a version is stated at all. */
const anyGuard = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(-2, -1, 1, 1e9) },
)
const guarded = (session: m.ModelSession | undefined, off: number | undefined): number | undefined =>
  off === undefined ? undefined : (session ? m.versionOf(session) : 1) + off

/** One of the sessions that the run has started; now and then one that nobody has. */
const anyTarget = fc.oneof({ weight: 12, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.constant(-1) })
export const target = ({ sessions }: m.Model, n: number): m.ModelSession | undefined =>
  n < 0 ? undefined : sessions[n % sessions.length]

const anyApi = fc.constantFrom(0, 1)

/** An id that the server drew and has not drawn before, or not in this session. */
function fresh({ drawn }: m.Model, id: string | null, form: RegExp, session_id = ''): string {
  const name = `${session_id} ${id}`
  expect(id).toMatch(form)
  expect(drawn).not.toContain(name)
  drawn.add(name)
  return String(id)
}

/** The mentors and organisations of a run are its own. */
function ofRun({ run }: Real, payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return payload
  const named = Object.entries(payload).map(([name, value]) => [name, names.has(value) ? `${run} ${value}` : value])
  return Object.fromEntries(named)
}

export function start(drawn: { api: number; body: StartBody; key: string | undefined }): Command {
  return command('start', drawn, async (model, real) => {
    const api = real.apis[drawn.api] as Api
    const sent = own(real, drawn.key)
    const key = isLeftOut(api, sent) ? undefined : sent
    const { mentor_id, organisation_id, ...others } = drawn.body.who
    const who = { ...(ofRun(real, { mentor_id, organisation_id }) as object), ...others } as Who
    const request = JSON.stringify([who.mentor_id, who.organisation_id ?? null])

    const refusal = (): Refusal | m.Given | undefined => {
      if (api.name === 'graphql' && drawn.body.schema) return refused('bad_user_input')
      if (isMalformed(key)) return malformedKey(api)
      const earlier = m.underKey(model.starts, key, request, model.now)
      if (earlier === 'reused') return refused('idempotency_key_reused')
      return earlier ? m.again(earlier, model) : drawn.body.faults.length > 0 ? faulty(api, drawn.body) : undefined
    }
    const expected = refusal()
    const answer = await api.start(who, { key: sent })
    if (expected) return expectAnswer(answer, expected)
    const id = fresh(model, done(answer).session.session_id, /^session_[0-9a-f]{8}$/)
    const session = m.started(model, id, who.mentor_id, who.organisation_id ?? null)
    expect(answer).toEqual({ ok: true, ...m.given(session), replayed: false })
    m.keep(model.starts, key, request, m.given(session), model.now)
    await agree(real, session)
  })
}

function expectAnswer(answer: Answer<Changed>, expected: Refusal | m.Given): void {
  expect(told(answer)).toEqual('ok' in expected ? expected : { ok: true, ...expected, replayed: true })
}

export function dispatch(drawn: {
  api: number
  to: number
  body: EventBody
  off: number | undefined
  key: string | undefined
}): Command {
  return command('dispatch', drawn, async (model, real) => {
    const api = real.apis[drawn.api] as Api
    const session = target(model, drawn.to)
    const { body } = drawn
    const event = body.event as SessionEvent
    const payload = ofRun(real, body.payload) as m.Payload
    const version = guarded(session, drawn.off)
    const sent = own(real, drawn.key)
    const key = isLeftOut(api, sent) ? undefined : sent
    const request = JSON.stringify([event, saying(payload)])

    const refusal = (): Refusal | m.Given | undefined => {
      if (api.name === 'graphql' && body.schema) return refused('bad_user_input')
      if (isMalformed(key)) return malformedKey(api)
      if (!session || session.closed) return refused('session_not_found')
      const earlier = m.underKey(session.kept, key, request, model.now)
      if (earlier === 'reused') return refused('idempotency_key_reused')
      if (earlier) return m.again(earlier, model)
      const current_version = m.versionOf(session)
      if (version !== undefined && version !== current_version) return refused('version_mismatch', { current_version })
      if (body.faults.length > 0) return faulty(api, body)
      const allowed_events = m.allowed(session)
      const facts = { current_state: session.body.state, event, allowed_events }
      return allowed_events.includes(event) ? undefined : refused('event_refused', facts)
    }
    const expected = refusal()
    const answer = await api.dispatch(session?.body.session_id ?? 'nobody', event, payload, { version, key: sent })
    if (expected || !session) {
      expectAnswer(answer, expected ?? refused('session_not_found'))
    } else {
      const { result_id } = done(answer).session
      const { session_id } = session.body
      const isCalculated = m.calculates(model, session, event, payload)
      const made = isCalculated ? fresh(model, result_id, /^calc_[0-9a-f]{8}$/, session_id) : ''
      m.dispatched(model, session, event, payload, made)
      expect(answer).toEqual({ ok: true, ...m.given(session), replayed: false })
      m.keep(session.kept, key, request, m.given(session), model.now)
      const share = m.liveShare(model, session)
      if (share?.token === '')
        share.token = fresh(model, done(await api.share(session.body.session_id)).share.token, /^[\w-]{22,}$/)
    }
    if (session) await agree(real, session)
  })
}

/** Revokes the share at a position, or one that does not exist. */
function revokeShare(drawn: {
  api: number
  to: number
  which: number
  off: number | undefined
  key: string | undefined
}): Command {
  return command('revokeShare', drawn, async (model, real) => {
    const api = real.apis[drawn.api] as Api
    const session = target(model, drawn.to)
    const share = session?.shares[drawn.which]
    const token = share?.token ?? 'none'
    const version = guarded(session, drawn.off)
    const sent = own(real, drawn.key)
    const key = isLeftOut(api, sent) ? undefined : sent
    const request = JSON.stringify(['revoke', token])

    const refusal = (): Refusal | m.Given | undefined => {
      if (isMalformed(key)) return malformedKey(api)
      if (!session || session.closed) return refused('session_not_found')
      const earlier = m.underKey(session.kept, key, request, model.now)
      if (earlier === 'reused') return refused('idempotency_key_reused')
      if (earlier) return m.again(earlier, model)
      if (!share) return refused('share_not_found')
      if (!m.isLive(model, share)) return refused('share_gone')
      const current_version = m.versionOf(session)
      return version === undefined || version === current_version
        ? undefined
        : refused('version_mismatch', { current_version })
    }
    const expected = refusal()
    const answer = await api.revokeShare(session?.body.session_id ?? 'nobody', token, { version, key: sent })
    if (expected || !session || !share) {
      expectAnswer(answer, expected ?? refused('session_not_found'))
    } else {
      m.revoked(model, session, share)
      expect(answer).toEqual({ ok: true, ...m.given(session), replayed: false })
      m.keep(session.kept, key, request, m.given(session), model.now)
    }
    if (session) await agree(real, session)
  })
}

function close(drawn: { api: number; to: number; off: number | undefined }): Command {
  return command('close', drawn, async (model, real) => {
    const api = real.apis[drawn.api] as Api
    const session = target(model, drawn.to)
    const session_id = session?.body.session_id ?? 'nobody'
    const version = guarded(session, drawn.off)
    const answer = await api.close(session_id, { version })
    if (!session || session.closed) {
      expect(answer).toEqual(refused('session_not_found'))
    } else if (version !== undefined && version !== m.versionOf(session)) {
      expect(answer).toEqual(refused('version_mismatch', { current_version: m.versionOf(session) }))
    } else {
      expect(answer).toEqual({ ok: true, session_id, deleted: true })
      m.closed(model, session)
    }
    if (session) await agree(real, session)
  })
}

/** Time passes: a millisecond, a second, a day less a millisecond, a day, the life of a share. */
const wait = (seconds: number): Command =>
  command('wait', { seconds }, async (model, real) => {
    model.now += Math.round(seconds * 1_000)
    real.clock.set(new Date(model.now).toISOString())
  })

/** The calculator stops to work, or works again. */
const turn = command('turn', {}, async (model, real) => {
  model.works = !model.works
  real.calculator.works = model.works
})

const day = 86_400

export const changes: [number, fc.Arbitrary<Command>][] = [
  [1, fc.record({ api: anyApi, body: anyStart, key: anyKey }).map(start)],
  [12, fc.record({ api: anyApi, to: anyTarget, body: anyEvent, off: anyGuard, key: anyKey }).map(dispatch)],
  [2, fc.record({ api: anyApi, to: anyTarget, which: fc.nat(2), off: anyGuard, key: anyKey }).map(revokeShare)],
  [1, fc.record({ api: anyApi, to: anyTarget, off: anyGuard }).map(close)],
  [1, fc.constantFrom(0.001, 1, day - 0.001, day, 30 * day).map(wait)],
  [2, fc.constant(turn)],
]
