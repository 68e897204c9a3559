import pino from 'pino'
import { beginWait, logSlowWaits, slowWaitMs, waitingAt, waitsByPlace } from '../../src/concurrency/waits'
import { until } from '../support/until'

function logged(level: string) {
  const lines: { msg: string; place: string; ms: number; session_id?: string }[] = []
  return { lines, log: pino({ level }, { write: (line: string) => void lines.push(JSON.parse(line)) }) }
}

test('a wait counts at its place until it ends', async () => {
  const before = waitsByPlace()
  const end = beginWait('session_queue')
  expect(waitsByPlace().session_queue).toBe(before.session_queue + 1)
  end()
  end()
  expect(waitsByPlace()).toEqual(before)
  await expect(waitingAt('store_read', Promise.reject(new Error('gone')))).rejects.toThrow('gone')
  expect(waitsByPlace()).toEqual(before)
})

test('a wait of a second is logged once at debug, with its facts', async () => {
  const { lines, log } = logged('debug')
  const stop = logSlowWaits(log)
  const ends = [beginWait('session_queue', { session_id: 's' }), beginWait('catch_up')]
  try {
    await until(() => lines.length === 2, 5_000, 'the lines')
    await new Promise(resolve => setTimeout(resolve, slowWaitMs))
    expect(lines.map(({ msg, place, session_id }) => [msg, place, session_id])).toEqual([
      ['waiting', 'session_queue', 's'],
      ['waiting', 'catch_up', undefined],
    ])
    expect(lines[0]?.ms).toBeGreaterThanOrEqual(slowWaitMs)
  } finally {
    for (const end of ends) end()
    stop()
  }
})
