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

test('a share expires at the second that it states, not before and not after', () => {
  const { session } = shared
  expect(isLive(share(session), millisecondBefore)).toBe(true)
  expect(currentShare(session, millisecondBefore)).toBe(share(session))
  expect(isLive(share(session), expiry)).toBe(false)
  expect(currentShare(session, expiry)).toBeUndefined()
})

test('a live share is not made again, and an expired one is, with a new token', () => {
  shared.when(at(millisecondBefore, ShareRequested)).thenNothing()
  const { session } = shared.when(at(expiry, ShareRequested)).thenEmits('loaded → loaded')
  expect(session.shares.map(({ token }) => token)).toEqual(['token_1', 'token_2'])
  expect(live(session, expiry)).toEqual(['token_2'])
})

test('a share that has expired is none to revoke', () => {
  shared.when(at(expiry, ShareRevokeRequested)).thenNothing()
  shared.when(at(millisecondBefore, ShareRevokeRequested)).thenEmits('loaded → loaded')
})

test('a revoked share stays known as revoked, and is not current', () => {
  const { session } = shared.when(ShareRevokeRequested).thenEmits('loaded → loaded')
  expect(session.shares).toEqual([{ ...share(shared.session), revoked: true }])
  expect(isLive(share(session), now)).toBe(false)
  expect(currentShare(session, now)).toBeUndefined()
  expect(session.result).toEqual(shared.session.result)
})

test('after a revocation a new share is made, and the old one does not come back', () => {
  const { session } = given(CalculateRequested(), ShareRequested, ShareRevokeRequested)
    .when(ShareRequested)
    .thenEmits('loaded → loaded')
  expect(live(session)).toEqual(['token_2'])
  expect(currentShare(session, now)?.token).toBe('token_2')
})

const twoLive = given(CalculateRequested(), ShareRequested, CalculateRequested(otherInputs), ShareRequested)

test("a new result leaves the older result's live share as it is, and is not shared by it", () => {
  const again = given(CalculateRequested(), ShareRequested, CalculateRequested(otherInputs))
  expect(again.session.shares).toEqual(shared.session.shares)
  expect(currentShare(again.session, now)).toBeUndefined()
  again.when(ShareRequested).thenEmits('loaded → loaded')
  expect(live(twoLive.session)).toEqual(['token_1', 'token_2'])
  expect(currentShare(twoLive.session, now)).toMatchObject({ token: 'token_2', result_id: 'calc_2' })
})

test('ShareRevokeRequested revokes every live share of the session, those of older results included', () => {
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

test('a session in error shares the result that it kept, and is loaded again', () => {
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

test('a revocation says so in its change, and touches no share of another session', () => {
  const { changes } = shared.when(ShareRevokeRequested).thenEmits('loaded → loaded')
  const other = given(CalculateRequested()).session
  expect(changes).toMatchObject([{ revokesShares: true }])
  expect(changes.reduce(evolve, other).shares).toEqual([])
})

test('a time is kept to the millisecond and shown in whole seconds, cut, and times compare as strings', () => {
  const time = timestamp(new Date('2026-03-26T10:15:00.999+01:00'))
  expect(time).toBe('2026-03-26T09:15:00.999Z')
  expect(shownTime(time)).toBe('2026-03-26T09:15:00Z')
  const times = [expiry, now, time, millisecondBefore, '2027-01-01T00:00:00.000Z']
  expect([...times].sort()).toEqual([...times].sort((a, b) => Date.parse(a) - Date.parse(b)))
})
