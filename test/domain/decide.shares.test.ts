import { currentShare, evolve, isLive, type Session, type Share } from '../../src/domain/session'
import { shownTime, timestamp } from '../../src/domain/timestamp'
import {
  at,
  CalculateRequested,
  failing,
  given,
  givenSession,
  now,
  otherInputs,
  ResetRequested,
  RetryRequested,
  ShareRequested,
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
  expect(shared.session.shares).toEqual([{ token: 'token_1', result_id: 'calc_1', expires_at: expiry, revoked: false }])
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
      allowed_events: ['CalculateRequested', 'ShareRequested', 'ShareRevokeRequested', 'ResetRequested'],
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
