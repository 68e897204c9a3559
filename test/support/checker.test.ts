import { Checker, type Delivered, type Heard, longestSilence } from './checker'

const transition = (session_id: string, sequence: number, place: number, event = 'CalculateRequested'): Delivered => ({
  session_id,
  sequence,
  event,
  cursor: `store.${String(place).padStart(4, '0')}.0`,
})

/** Five transitions of two sessions, in log order. */
const log = [
  transition('a', 1, 1),
  transition('b', 1, 2),
  transition('a', 2, 3),
  transition('a', 3, 4),
  transition('b', 2, 5),
]

let checker: Checker
let heard: Heard
beforeEach(() => {
  checker = new Checker()
  heard = connected('one')
})

function connected(name: string, expects = {}): Heard {
  const made = checker.subscriber(name, expects)
  made.connected()
  made.ready()
  return made
}

function acknowledge(...written: Delivered[]): void {
  for (const { session_id, sequence, event } of written) checker.asks()({ session_id, sequence, event })
}

const hear = (of: Heard, ...told: (Delivered | undefined)[]): void => {
  for (const one of told) if (one) of.transition(one)
}

test('it reports nothing for a subscriber that got everything once and in order', () => {
  acknowledge(...log)
  hear(heard, ...log)
  expect(checker.faults()).toEqual([])
  expect(checker.complete).toBe(true)
  expect(checker.counts).toEqual({ writes: 5, deliveries: 5 })
})

test.each([0, 2, 4])('it reports that write %i was lost', i => {
  acknowledge(...log)
  hear(heard, ...log.toSpliced(i, 1))
  expect(checker.faults()).toEqual([`one lost ${log[i]?.session_id}#${log[i]?.sequence}`])
  expect(checker.complete).toBe(false)
})

test('it reports a missing sequence before an unacknowledged write', () => {
  hear(heard, log[0], log[3])
  expect(checker.faults()).toEqual(['one lost a#2'])
})

test('it reports a lost close, although its writer does not know the sequence', () => {
  checker.asks()({ session_id: 'a', event: 'SessionClosed' })
  expect(checker.faults()).toEqual(['one lost a#close'])
  hear(heard, transition('a', 4, 6, 'SessionClosed'))
  expect(checker.faults()).toEqual([])
})

test('it reports a repeated delivery', () => {
  acknowledge(...log)
  hear(heard, ...log.toSpliced(3, 0, log[2] as Delivered))
  expect(checker.faults()).toContain('one duplicated a#2')
})

test('it reports two swapped deliveries of a session', () => {
  acknowledge(...log)
  hear(heard, log[0], log[1], log[3], log[2], log[4])
  expect(checker.faults()).toContain('one reordered a#2')
  expect(checker.faults()).not.toContain('one lost a#2')
})

test("it reports two swapped sessions, by their cursors and by another subscriber's order", () => {
  acknowledge(...log)
  hear(heard, ...log)
  hear(connected('two'), log[1], log[0], log[2], log[3], log[4])
  expect(checker.faults()).toEqual([
    'two was told a cursor of a#1 that is not after the one before',
    'two was told of a#1 in another order than one',
  ])
})

test('it reports a different cursor for the same transition', () => {
  hear(heard, log[0])
  hear(connected('two'), transition('a', 1, 9))
  expect(checker.faults()).toEqual(['two was told another cursor of a#1 than one'])
})

test("it reports a transition with another event than in its writer's response", () => {
  acknowledge(log[0] as Delivered)
  hear(heard, { ...(log[0] as Delivered), event: 'ResetRequested' })
  expect(checker.faults()).toEqual(['one was told ResetRequested of a#1, a CalculateRequested'])
})

test('it accepts an expected gap, and the loss in it', () => {
  const other = connected('two', { gaps: 1 })
  hear(heard, ...log)
  hear(other, log[0])
  acknowledge(...log)
  other.connected()
  other.gap()
  other.ready()
  acknowledge(transition('a', 4, 6))
  hear(heard, transition('a', 4, 6))
  hear(other, transition('a', 4, 6))
  expect(checker.faults()).toEqual([])
})

test('it reports a loss after an expected gap', () => {
  const other = connected('two', { gaps: 1 })
  other.gap()
  other.ready()
  acknowledge(log[0] as Delivered)
  hear(heard, log[0])
  expect(checker.faults()).toEqual(['two lost a#1'])
})

test('it reports an unexpected gap, and a missing expected one', () => {
  heard.gap()
  heard.ready()
  connected('two', { gaps: 1 })
  expect(checker.faults()).toEqual(['one was told of 1 gaps, not of 0', 'two was told of 0 gaps, not of 1'])
})

test('it reports a connection that does not begin with ready', () => {
  heard.connected()
  hear(heard, log[0])
  expect(checker.faults()).toEqual(['one was told of a#1 before ready'])
})

test('it expects nothing that was requested before the subscriber was ready', () => {
  const answered = checker.asks()
  connected('two')
  answered({ session_id: 'a', sequence: 1 })
  hear(heard, log[0])
  expect(checker.faults()).toEqual([])
})

test('it expects a single session from a subscriber to that session', () => {
  const one = checker.subscriber('session', { session_id: 'a' })
  one.connected()
  acknowledge(...log)
  hear(heard, ...log)
  hear(one, log[0], log[2])
  expect(checker.faults()).toEqual(['session lost a#3'])
})

test('a response with the position of an earlier write requires no delivery after it', () => {
  acknowledge(log[0] as Delivered)
  hear(heard, log[0])
  connected('two')
  checker.asks()({ session_id: 'a', sequence: 1 })
  expect(checker.faults()).toEqual([])
})

test('it reports two writes acknowledged with the same sequence', () => {
  acknowledge(log[0] as Delivered, log[0] as Delivered)
  hear(heard, log[0])
  expect(checker.faults()).toEqual(['a#1 was acknowledged to two writers: one of them lost'])
})

test('the longest silence is the longest time between two neighbours', () => {
  expect(longestSilence([10, 40, 20, 15])).toBe(20)
  expect(longestSilence([])).toBe(0)
})
