import { RepeatedJob } from '../../src/concurrency/repeated-job'
import { holdIntervals } from '../support/intervals'
import { noon } from '../support/sessions'

const everyMs = 1_000

/** A job whose runs end when the test lets them. */
function heldJob() {
  const ends: (() => void)[] = []
  const signals: AbortSignal[] = []
  const run = (signal: AbortSignal): Promise<void> => {
    signals.push(signal)
    return new Promise(end => ends.push(end))
  }
  return { job: new RepeatedJob({ run, everyMs, failed() {} }), signals, ends }
}

beforeEach(() => holdIntervals(noon))
afterEach(() => jest.useRealTimers())

test('a job runs at its interval, and a run in progress is shared', async () => {
  const { job, signals, ends } = heldJob()
  expect(signals).toHaveLength(0)
  jest.advanceTimersByTime(3 * everyMs)
  expect(signals).toHaveLength(1)
  const shared = job.run()
  ends[0]?.()
  await shared
  jest.advanceTimersByTime(everyMs)
  expect(signals).toHaveLength(2)
  void job.end()
})

test('runs asked for again during a run share one that begins after it', async () => {
  const { job, signals, ends } = heldJob()
  const first = job.runAgain()
  const [again, more] = [job.runAgain(), job.runAgain()]
  expect(signals).toHaveLength(1)
  ends[0]?.()
  await first
  expect(signals).toHaveLength(2)
  ends[1]?.()
  await Promise.all([again, more])
  expect(signals).toHaveLength(2)
  void job.end()
})

test('failures are reported once until a run succeeds, whether thrown or rejected', async () => {
  const reported: unknown[] = []
  const outcomes = [
    () => {
      throw 'thrown'
    },
    () => Promise.reject('rejected'),
    () => {},
    () => Promise.reject('again'),
  ]
  const job = new RepeatedJob({ run: () => outcomes.shift()?.(), everyMs, failed: error => reported.push(error) })
  while (outcomes.length > 0) await job.run()
  expect(reported).toEqual(['thrown', 'again'])
  void job.end()
})

test('an ended job aborts its run, reports nothing and runs no more', async () => {
  const reported: unknown[] = []
  let runs = 0
  const run = (signal: AbortSignal): Promise<void> => {
    runs++
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const job = new RepeatedJob({ run, everyMs, failed: error => reported.push(error) })
  void job.run()
  const again = job.runAgain()
  await job.end()
  await again
  await job.run()
  jest.advanceTimersByTime(3 * everyMs)
  expect([runs, reported]).toEqual([1, []])
})

test('jitter spreads the intervals of several jobs around theirs', () => {
  let runs = 0
  const jobs = Array.from({ length: 200 }, () => {
    const run = (): void => void runs++
    return new RepeatedJob({ run, everyMs, jitter: 0.25, failed() {} })
  })
  jest.advanceTimersByTime(0.75 * everyMs - 1)
  expect(runs).toBe(0)
  jest.advanceTimersByTime(0.25 * everyMs)
  expect(runs).toBeGreaterThan(0)
  expect(runs).toBeLessThan(jobs.length)
  jest.advanceTimersByTime(0.25 * everyMs + 1)
  expect(runs).toBe(jobs.length)
  for (const job of jobs) void job.end()
})
