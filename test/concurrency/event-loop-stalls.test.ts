import { EventLoopStalls, recordBlocking, stallMs } from '../../src/concurrency/event-loop-stalls'
import type { EmbeddedStore } from '../../src/db/embedded/embedded-store'
import { inputs } from '../support/inputs'
import { base } from '../support/interfaces'
import { keptLog, type LogLine, serving } from '../support/server'
import { stored } from '../support/sessions'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'

const stalls = (lines: LogLine[]) => lines.filter(({ msg }) => msg === 'event loop blocked')

/** Blocks the event loop. */
function busy(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

describe('a server with a stalled event loop', () => {
  let slow = false
  const server = serving(embeddedDatabase, {
    calculator: () => {
      if (slow) busy(4 * stallMs)
      throw new Error('a calculator that fails')
    },
  })

  /**
   * Returns the log line of the stall that `work` causes. Repeats the work if the line reports another stall of the
   * machine.
   */
  async function said(work: () => Promise<unknown>, is: (line: LogLine) => boolean): Promise<LogLine> {
    const found = () => stalls(server.log).find(is)
    const again = async () => {
      await work()
      await new Promise(resolve => setTimeout(resolve, stallMs))
      return found() !== undefined
    }
    await until(again, 60_000, 'a line')
    return found() as LogLine
  }

  test('logs the duration, and the requests under way', async () => {
    slow = true
    const paths: string[] = []
    const isOfOne = ({ requests }: LogLine) => paths.some(path => (requests as string[]).includes(`PUT ${path}`))
    const line = await said(async () => {
      const { session_id } = await stored(server.store, {
        session_id: `session_${String(paths.length).padStart(8, '0')}`,
      })
      paths.push(`${base}/${session_id}`)
      await fetch(`${server.url}${paths.at(-1)}`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ event: 'CalculateRequested', payload: { ...inputs, label: 'secret' } }),
      })
    }, isOfOne)
    slow = false
    expect(JSON.stringify(line)).not.toContain('secret')
    expect(line.open).toEqual(expect.any(Number))
    expect(line.ms).toBeGreaterThan(2 * stallMs)
    expect(line.cpu_ms).toEqual(expect.any(Number))
  })

  test('logs which of its own steps stalled', async () => {
    const { db } = server.store as EmbeddedStore
    db.function('busy', () => busy(4 * stallMs))
    db.exec('CREATE TEMP TRIGGER slow AFTER INSERT ON commits BEGIN SELECT busy(); END')
    const insert = 'INSERT INTO commits (at, body) VALUES (?, ?)'
    const line = await said(
      () => stored(server.store),
      ({ ran }) => insert in (ran as object),
    )
    db.exec('DROP TRIGGER slow')
    expect(line.ran).toMatchObject({ [insert]: expect.any(Number), 'batch of writes': expect.any(Number) })
  })
})

test('repeated stalls are logged once a second, with a count of the others', async () => {
  const { log, lines } = keptLog()
  const watching = new EventLoopStalls(log)
  const stall = async () => {
    recordBlocking('long', () => busy(2 * stallMs))
    await new Promise(resolve => setTimeout(resolve, 60))
    return stalls(lines).length > 1
  }
  await until(stall, 60_000, 'a second line')
  const [first, second] = stalls(lines)
  expect(first).toMatchObject({ ran: { long: expect.any(Number) }, unlogged: 0 })
  expect(second?.unlogged).toBeGreaterThan(0)
  expect(Number(second?.time) - Number(first?.time)).toBeGreaterThanOrEqual(990)
  watching.end()
})
