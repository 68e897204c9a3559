import fc from 'fast-check'
import { requireLiveShare, revokeShare } from '../../src/domain/decide'
import { DomainError } from '../../src/domain/errors'
import { maxTransitions } from '../../src/domain/limits'
import { currentShare, evolve, isLive, type Session, type Share } from '../../src/domain/session'
import { addMs, dayMs, hourMs, shownTime, timestamp } from '../../src/domain/timestamp'
import { allowedIn } from '../support/transition-table'
import {
  at,
  CalculateRequested,
  evolved,
  failing,
  given,
  givenSession,
  now,
  otherInputs,
  ResetRequested,
  RetryRequested,
  refusal,
  ShareRequested,
  ShareRequestedFor,
  ShareRevokeRequested,
} from './given'

const shared = given(CalculateRequested(), ShareRequested)
const expiry = '2026-04-25T09:15:00.000Z'
const millisecondBefore = '2026-04-25T09:14:59.999Z'

const share = ({ shares }: Session, token = 'token_1'): Share => {
  const found = shares.find(share => share.token === token)
  if (!found) throw new Error(`there is no ${token}`)
  return found
}

const live = (session: Session, time = now): string[] =>
  session.shares.filter(share => isLive(share, time)).map(({ token }) => token)

test('a share shows the current result for 30 days', () => {
  expect(shared.session.shares).toEqual([
    { token: 'token_1', result_id: 'calc_1', expires_at: expiry, days: 30, show_organisation: false, revoked: false },
  ])
  expect(Date.parse(expiry) - Date.parse(now)).toBe(30 * 24 * 60 * 60 * 1000)
})

test('a share expires exactly at the second that it states', () => {
  const { session } = shared
  expect(isLive(share(session), millisecondBefore)).toBe(true)
  expect(currentShare(session, millisecondBefore)).toBe(share(session))
  expect(isLive(share(session), expiry)).toBe(false)
  expect(currentShare(session, expiry)).toBeUndefined()
})

test('a live share is not created again, and an expired one is replaced with a new token', () => {
  shared.when(at(millisecondBefore, ShareRequested)).thenNothing()
  const { session } = shared.when(at(expiry, ShareRequested)).thenEmits('loaded → loaded')
  expect(session.shares.map(({ token }) => token)).toEqual(['token_1', 'token_2'])
  expect(live(session, expiry)).toEqual(['token_2'])
})

const dayLater = addMs(now, dayMs)

test('a share may last another number of days', () => {
  const { session } = given(CalculateRequested()).when(ShareRequestedFor(7)).thenEmits('loaded → loaded')
  expect(share(session)).toEqual({
    token: 'token_1',
    result_id: 'calc_1',
    expires_at: '2026-04-02T09:15:00.000Z',
    days: 7,
    show_organisation: false,
    revoked: false,
  })
})

test.each([7, 31, 365])(
  'a live share that is requested for %p days expires as many days later, under its token',
  days => {
    const { session } = shared.when(at(dayLater, ShareRequestedFor(days))).thenEmits('loaded → loaded')
    expect(session.shares).toEqual([{ ...share(shared.session), days, expires_at: addMs(dayLater, days * dayMs) }])
  },
)

test('the days of a live share are compared with those last requested, not with those left', () => {
  shared.when(at(dayLater, ShareRequestedFor(30))).thenNothing()
  shared.when(at(dayLater, ShareRequestedFor(29))).thenEmits('loaded → loaded')
  const renewed = given(CalculateRequested(), ShareRequested, at(dayLater, ShareRequestedFor(90)))
  renewed.when(at(dayLater, ShareRequestedFor(90))).thenNothing()
  renewed.when(at(dayLater, ShareRequestedFor(30))).thenEmits('loaded → loaded')
})

test.each([undefined, null, {}, { expires_in_days: null }])(
  'a live share stays as it is if it is requested with the payload %p',
  payload => {
    const weekly = given(CalculateRequested(), ShareRequestedFor(7))
    weekly.when(at(dayLater, { event: 'ShareRequested', payload })).thenNothing()
  },
)

test('a share that has expired is not renewed: the request creates another', () => {
  const { session } = shared.when(at(expiry, ShareRequestedFor(7))).thenEmits('loaded → loaded')
  expect(session.shares).toMatchObject([
    { token: 'token_1', days: 30, expires_at: expiry },
    { token: 'token_2', days: 7 },
  ])
})

test('a request for other days concerns the share of the current result only', () => {
  const { session } = twoLive.when(ShareRequestedFor(7)).thenEmits('loaded → loaded')
  expect(session.shares).toMatchObject([
    { token: 'token_1', days: 30 },
    { token: 'token_2', days: 7 },
  ])
})

/** Revokes one share of a session. */
const revoked = (session: Session, token: string, time = now): Session =>
  evolved(session, revokeShare(session, requireLiveShare(session, token, time), time))

test('one share is revoked alone, be it of the current result or of an older one', () => {
  expect(live(revoked(twoLive.session, 'token_1'))).toEqual(['token_2'])
  expect(live(revoked(twoLive.session, 'token_2'))).toEqual(['token_1'])
  const after = revoked(twoLive.session, 'token_2')
  expect(after.shares.map(({ token, revoked }) => [token, revoked])).toEqual([
    ['token_1', false],
    ['token_2', true],
  ])
  const again = givenSession(after, { results: 2, tokens: 2 }).when(ShareRequested).thenEmits('loaded → loaded')
  expect(live(again.session)).toEqual(['token_1', 'token_3'])
})

test('a share that is unknown is not found, and one that is not live is gone', () => {
  const { session } = shared
  const code = (of: Session, token: string, time = now) => refusal(() => requireLiveShare(of, token, time)).code
  expect(code(session, 'token_2')).toBe('share_not_found')
  expect(code(session, '')).toBe('share_not_found')
  expect(code(session, 'token_1', expiry)).toBe('share_gone')
  expect(code(revoked(session, 'token_1'), 'token_1')).toBe('share_gone')
})

test('a full session refuses to revoke one share', () => {
  const full = { ...shared.session, version: maxTransitions }
  expect(refusal(() => revoked(full, 'token_1'))).toMatchObject({
    code: 'session_full',
    facts: { limit: maxTransitions },
  })
  expect(live(revoked({ ...full, version: maxTransitions - 1 }, 'token_1'))).toEqual([])
})

const someDays = fc.constantFrom(1, 2, 30, 365)
const someStep = fc.record({
  hours: fc.oneof(fc.nat({ max: 12 }), fc.constantFrom(24, 48, 30 * 24 - 1, 30 * 24)),
  what: fc.oneof(
    { weight: 4, arbitrary: fc.oneof(fc.constant(ShareRequested), someDays.map(ShareRequestedFor)) },
    { weight: 2, arbitrary: fc.constantFrom(CalculateRequested(), CalculateRequested(otherInputs), RetryRequested) },
    { weight: 1, arbitrary: fc.constant(failing(CalculateRequested(otherInputs))) },
    { weight: 1, arbitrary: fc.constantFrom(ShareRevokeRequested, ResetRequested) },
    { weight: 2, arbitrary: fc.nat({ max: 4 }) },
  ),
})

test('whatever happens, a result has at most one live share, which expires as was last requested', () => {
  const seen = { renewed: 0, revoked: 0, several: 0 }
  const steps = fc.array(someStep, { maxLength: 40, size: 'max' })
  const property = fc.property(steps, steps => {
    /** What was last requested of each result that has not been revoked. */
    const requested = new Map<string, { days: number; expires_at: string }>()
    const ids = { results: 0, tokens: 0 }
    let { session } = given()
    let time = now
    for (const { hours, what } of steps) {
      time = addMs(time, hours * hourMs)
      if (typeof what === 'number') {
        const one = session.shares[what]
        if (!one || !isLive(one, time)) continue
        session = revoked(session, one.token, time)
        requested.delete(one.result_id)
        seen.revoked++
      } else {
        const happening = at(time, what)
        const before = session
        try {
          session = givenSession(session, ids).apply(happening)
        } catch (error) {
          if (!(error instanceof DomainError)) throw error
          continue
        }
        const { command } = happening
        const result_id = before.result_id
        if (command.event === 'ShareRequested' && result_id !== null) {
          const known = requested.get(result_id)
          const isKnown = known !== undefined && known.expires_at > time
          const days = command.payload?.expires_in_days ?? (isKnown ? known.days : 30)
          if (isKnown && days !== known.days) seen.renewed++
          if (!isKnown || days !== known.days) requested.set(result_id, { days, expires_at: addMs(time, days * dayMs) })
        }
        if (command.event === 'ShareRevokeRequested' || command.event === 'ResetRequested') requested.clear()
      }
      const expected = [...requested].filter(([, { expires_at }]) => expires_at > time)
      const found = session.shares.filter(one => isLive(one, time))
      expect(found.map(({ result_id, days, expires_at }) => [result_id, { days, expires_at }]).sort()).toEqual(
        expected.sort(),
      )
      if (found.length > 1) seen.several++
    }
  })
  fc.assert(property, { numRuns: 500 })
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50)
})

test('an expired share cannot be revoked', () => {
  shared.when(at(expiry, ShareRevokeRequested)).thenNothing()
  shared.when(at(millisecondBefore, ShareRevokeRequested)).thenEmits('loaded → loaded')
})

test('a revoked share stays on record as revoked, and is not current', () => {
  const { session } = shared.when(ShareRevokeRequested).thenEmits('loaded → loaded')
  expect(session.shares).toEqual([{ ...share(shared.session), revoked: true }])
  expect(isLive(share(session), now)).toBe(false)
  expect(currentShare(session, now)).toBeUndefined()
  expect(session.result).toEqual(shared.session.result)
})

test('after a revocation a new share is created, and the old one stays revoked', () => {
  const { session } = given(CalculateRequested(), ShareRequested, ShareRevokeRequested)
    .when(ShareRequested)
    .thenEmits('loaded → loaded')
  expect(live(session)).toEqual(['token_2'])
  expect(currentShare(session, now)?.token).toBe('token_2')
})

const twoLive = given(CalculateRequested(), ShareRequested, CalculateRequested(otherInputs), ShareRequested)

test("a new result leaves the older result's live share as it is, and has no share of its own", () => {
  const again = given(CalculateRequested(), ShareRequested, CalculateRequested(otherInputs))
  expect(again.session.shares).toEqual(shared.session.shares)
  expect(currentShare(again.session, now)).toBeUndefined()
  again.when(ShareRequested).thenEmits('loaded → loaded')
  expect(live(twoLive.session)).toEqual(['token_1', 'token_2'])
  expect(currentShare(twoLive.session, now)).toMatchObject({ token: 'token_2', result_id: 'calc_2' })
})

test('ShareRevokeRequested revokes every live share of the session, including those of older results', () => {
  expect(live(twoLive.when(ShareRevokeRequested).thenEmits('loaded → loaded').session)).toEqual([])
  const older = given(CalculateRequested(), ShareRequested, CalculateRequested(otherInputs))
  expect(live(older.when(ShareRevokeRequested).thenEmits('loaded → loaded').session)).toEqual([])
})

test('a reset revokes every live share of the session', () => {
  expect(live(twoLive.when(ResetRequested).thenEmits('loaded → initial').session)).toEqual([])
  const failed = givenSession(twoLive.session)
    .when(failing(CalculateRequested()))
    .thenEmits('loaded → loading', 'loading → error')
  expect(live(failed.session)).toEqual(['token_1', 'token_2'])
  expect(live(givenSession(failed.session).when(ResetRequested).thenEmits('error → initial').session)).toEqual([])
})

test('a session in error shares the result that it still has, and is then loaded', () => {
  const { session } = given(CalculateRequested(), failing(CalculateRequested(otherInputs)))
    .when(ShareRequested)
    .thenEmits('error → loaded')
  expect(session.shares).toMatchObject([{ result_id: 'calc_1', revoked: false }])
  givenSession(session)
    .when(RetryRequested)
    .thenRefused('event_refused', {
      current_state: 'loaded',
      event: 'RetryRequested',
      allowed_events: allowedIn('loaded'),
    })
})

test('a revocation is recorded in its change, and affects no share of another session', () => {
  const { changes } = shared.when(ShareRevokeRequested).thenEmits('loaded → loaded')
  const other = given(CalculateRequested()).session
  expect(changes).toMatchObject([{ revokesShares: true }])
  expect(changes.reduce(evolve, other).shares).toEqual([])
})

test('a time is stored in milliseconds, shown in truncated seconds, and sorts as a string', () => {
  const time = timestamp(new Date('2026-03-26T10:15:00.999+01:00'))
  expect(time).toBe('2026-03-26T09:15:00.999Z')
  expect(shownTime(time)).toBe('2026-03-26T09:15:00Z')
  const times = [expiry, now, time, millisecondBefore, '2027-01-01T00:00:00.000Z']
  expect([...times].sort()).toEqual([...times].sort((a, b) => Date.parse(a) - Date.parse(b)))
})
