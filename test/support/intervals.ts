import type { Timestamp } from '../../src/domain/timestamp'

/** Holds the clock and the intervals, so that a test sets and runs them; all other timers are the real ones. */
export const holdIntervals = (now: Timestamp): void =>
  void jest.useFakeTimers({
    now: new Date(now),
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
    ],
  })
