import { messageTypeOf, retryDelay } from '../../../src/capabilities/webhooks/model'
import { DomainError } from '../../../src/domain/errors'
import { hourMs, minuteMs } from '../../../src/domain/timestamp'

test('a message is retried nine times, after growing waits, with up to 10 % more at random', () => {
  const delays = Array.from({ length: 10 }, (_, n) => retryDelay({ attempts: n + 1, askedMs: 0, random: 0 }))
  const expected = [5_000, 5 * minuteMs, 30 * minuteMs, ...[2, 5, 10, 14, 20, 24].map(hours => hours * hourMs)]
  expect(delays).toEqual([...expected, undefined])
  expect(retryDelay({ attempts: 1, askedMs: 0, random: 1 })).toBe(5_500)
})

test('Retry-After is honoured up to 24 hours, and never shortens a wait', () => {
  expect(retryDelay({ attempts: 1, askedMs: 60_000, random: 0 })).toBe(60_000)
  expect(retryDelay({ attempts: 1, askedMs: 1_000, random: 0 })).toBe(5_000)
  expect(retryDelay({ attempts: 1, askedMs: 48 * hourMs, random: 0 })).toBe(24 * hourMs)
})

test.each([
  ['SessionStarted', 'session.started'],
  ['CalculateRequested', 'session.calculate_requested'],
  ['ShareRevokeRequested', 'session.share_revoke_requested'],
  ['SessionClosed', 'session.closed'],
] as const)('the message of %s has the type %s', (event, type) => {
  expect(messageTypeOf(event)).toBe(type)
})

test('its errors have a message', () => {
  expect(new DomainError('webhook_endpoint_not_found').message).toBe(
    'No webhook endpoint that you can see has this id.',
  )
  expect(new DomainError('endpoint_inactive').message).toBe(
    'The webhook endpoint is paused or disabled. Change it with `paused: false` to enable it first.',
  )
  expect(new DomainError('loop_detected').message).toBe(
    "A webhook message can't change anything here, because each change would cause another message, in an endless loop. Change the URL of the endpoint.",
  )
})
