import type { Timestamp } from '../../src/domain/timestamp'

/** Fakes the clock and the intervals, so that a test can set and run them. All other timers are real. */
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

/** Fakes only the clock that measures elapsed time (`performance`). */
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
