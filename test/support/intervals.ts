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

/** Holds the clock that what takes long is measured by, and nothing else. */
export const holdElapsed = (): void =>
  void jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  })
