import { inputs } from '../../support/inputs'
import { fixedPort } from '../../support/port'
import { run } from '../../support/process'
import { client } from '../../support/rest'
import { until } from '../../support/until'
import { type CommandOutcome, importing, write } from './command'
import { bodyOf } from './importing'

describe('a server that is killed in the middle', () => {
  /** Starts an import, kills the server while it stores, and starts it again. Returns how the import ended. */
  async function interrupted(rows: object[]): Promise<{ outcome: CommandOutcome; stored: number }> {
    const env = { DATA_FILE: `killed-${rows.length}.db`, PORT: String(await fixedPort()) }
    const killed = run(env)
    await killed.listening()
    write('killed.ndjson', bodyOf(rows))
    const ended = importing(['killed.ndjson', '--url', killed.url])
    const { total } = client(killed)
    await until(async () => (await total()) > 0, 30_000, 'a stored row')
    await killed.kill()
    const again = run(env)
    await again.listening()
    const outcome = await ended
    return { outcome, stored: await total() }
  }

  test('gets the rest of the rows when it is back, and none twice', async () => {
    const rows = Array.from({ length: 5_000 }, (_, n) => ({ mentor_id: 'm', external_id: `x-${n}`, inputs }))
    const { outcome, stored } = await interrupted(rows)
    expect(stored).toBe(rows.length)
    const [, created, repeated] = (/^(\d+) created, (\d+) repeated, 0 refused$/.exec(outcome.sums) ?? []).map(Number)
    expect(Number(created) + Number(repeated)).toBe(rows.length)
    expect(outcome.code).toBe(0)
    expect(outcome.errors.join()).toContain('tries again')
  })

  test('gets no row again that has no external_id: the command says where it stopped', async () => {
    const { outcome, stored } = await interrupted(Array.from({ length: 4_000 }, () => ({ mentor_id: 'm', inputs })))
    const [, created] = (/^(\d+) created, 0 repeated, 0 refused$/.exec(outcome.sums) ?? []).map(Number)
    expect(outcome.errors).toEqual([expect.stringContaining(`Line ${Number(created) + 1} and the lines after it`)])
    expect(stored).toBeGreaterThanOrEqual(Number(created))
    expect(stored).toBeLessThan(4_000)
    expect(outcome.code).toBe(1)
  })
})
