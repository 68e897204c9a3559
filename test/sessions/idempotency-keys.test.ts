import type { z } from 'zod'
import type { IdempotencyRecord } from '../../src/domain/idempotency-record'
import { unwrapped } from '../../src/domain/schema-parts'
import { payloadSchemas, sessionEvents } from '../../src/domain/session'
import { type ClaimedKey, IdempotencyKeys } from '../../src/sessions/idempotency-keys'
import { noon as now, starting } from '../support/sessions'

const body = { event: 'CalculateRequested', payload: { sessions: 25, avg_minutes: 30 } }

const { session } = starting()

/** Returns keys over a store with this record under every key, or with none. */
const keysOver = (kept: IdempotencyRecord | null = null) =>
  new IdempotencyKeys({ idempotencyRecord: async () => kept }, () => now)

const claimed = (keys: IdempotencyKeys, stated: unknown = body): ClaimedKey => {
  const key = keys.claim({ session_id: 'session', key: 'key', body: stated })
  if (!key) throw new Error('there is a key, and it was not claimed')
  return key
}

const answerTo = (stated: unknown): IdempotencyRecord => claimed(keysOver(), stated).newRecord(session, [])

test('a request without a key claims none', () => {
  expect(keysOver().claim({ session_id: 'session', key: undefined, body })).toBeUndefined()
})

test('a key is in flight from its claim until its release, for any body', () => {
  const keys = keysOver()
  const first = claimed(keys)
  for (const stated of [body, { other: true }]) {
    expect(() => keys.claim({ session_id: 'session', key: 'key', body: stated })).toThrow(
      expect.objectContaining({ code: 'request_in_flight' }),
    )
  }
  first.release()
  claimed(keys)
})

test('a key of one session blocks no other session, no start and no other key', () => {
  const keys = keysOver()
  claimed(keys)
  for (const [session_id, key] of [
    ['other', 'key'],
    [null, 'key'],
    ['session', 'other'],
  ] as const) {
    expect(keys.claim({ session_id, key, body })).toBeDefined()
  }
})

describe.each([['a session', 'session'] as const, ['starts', null] as const])('the keys of %s', (_, session_id) => {
  const [one, two] = ['a'.repeat(43), 'b'.repeat(43)] as const

  test('are separate for each subject', () => {
    const keys = keysOver()
    const claims = [one, two, undefined].map(subject => keys.claim({ session_id, key: 'key', body, subject }))
    expect(new Set(claims.map(claim => claim?.claim.key)).size).toBe(3)
    for (const subject of [one, two, undefined]) {
      expect(() => keys.claim({ session_id, key: 'key', body, subject })).toThrow(
        expect.objectContaining({ code: 'request_in_flight' }),
      )
    }
  })

  test("are stored with the subject's digest, and unchanged without a subject", () => {
    const keys = keysOver()
    expect(keys.claim({ session_id, key: 'k'.repeat(255), body, subject: one })?.claim.key.length).toBeLessThan(
      255 + 43 + 10,
    )
    expect(keys.claim({ session_id, key: 'key', body })?.claim.key).toBe('key')
  })
})

test.each(['', 'k'.repeat(256)])('a refused key is not in flight: %#', key => {
  const keys = keysOver()
  for (let repeats = 0; repeats < 2; repeats++) {
    expect(() => keys.claim({ session_id: 'session', key, body })).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    )
  }
})

test('the record of a response has the session as a snapshot, without its history', () => {
  const { result, result_ids, last_inputs, result_count, shares, calculations, ...snapshot } = session
  expect(claimed(keysOver()).newRecord(session, []).session).toStrictEqual(snapshot)
})

test('there is no earlier response if the store has no record', async () => {
  expect(await claimed(keysOver()).storedRecord()).toBeNull()
})

test.each<[string, unknown]>([
  ['the same members', { ...body }],
  ['its members in another order', { payload: { avg_minutes: 30, sessions: 25 }, event: body.event }],
  ['a member that is null', { ...body, organisation_id: null }],
  ['a member that is empty', { ...body, options: {} }],
])('a body with %s is the same request, and is replayed', async (_, repeated) => {
  const kept = answerTo(body)
  expect(await claimed(keysOver(kept), repeated).storedRecord()).toBe(kept)
})

const reassign = { event: 'ReassignRequested', payload: { mentor_id: 'm' } }
const withNull = { ...reassign, payload: { ...reassign.payload, organisation_id: null } }

// Digests that version 1.2.0 has stored. For a day after an upgrade, repeated requests must match them.
test.each<[unknown, string]>([
  [body, '7lDYSeUbPrZoDl41frnnUxgFZpp7UbZ_KwNi8VxYKLA'],
  [{ ...body, payload: { ...body.payload, label: null } }, '7lDYSeUbPrZoDl41frnnUxgFZpp7UbZ_KwNi8VxYKLA'],
  [{ mentor_id: 'm', organisation_id: null }, 'h63kikDjuVYR2rc6EHZA-O2MEYIwlisACW6tITamO8g'],
  [reassign, 'hlOQaINPDkdv4W2IhsjEY3DdC2QSW4HwZXiNWa5yenU'],
  [withNull, 'moj4KDJEq_C5t0Z-v2VOAPI_XLKKfUOYDRHESMPcK3U'],
])('%j has the same digest as in earlier versions', (stated, digest) => {
  expect(answerTo(stated).request).toBe(digest)
})

test('null is a value in the fields where it differs from a missing field, and only there', () => {
  const distinguished = sessionEvents.flatMap(event => {
    const { shape } = unwrapped(payloadSchemas[event]) as z.ZodObject
    return Object.keys(shape)
      .filter(name => answerTo({ event }).request !== answerTo({ event, payload: { [name]: null } }).request)
      .map(name => `${event} ${name}`)
  })
  expect(distinguished).toEqual(['ReassignRequested organisation_id'])
})

test.each<[string, unknown]>([
  ['another value', { ...body, payload: { ...body.payload, sessions: 26 } }],
  ['a member more', { ...body, more: 0 }],
  ['a member less', { event: body.event }],
])('a body with %s is a different request, and is refused', async (_, other) => {
  const key = claimed(keysOver(answerTo(body)), other)
  await expect(key.storedRecord()).rejects.toMatchObject({ code: 'idempotency_key_reused' })
})
