import { reportTotals } from '../../../src/capabilities/reports/report-sums'
import { stallMs } from '../../../src/concurrency/event-loop-stalls'
import { monthsUpTo } from '../../support/filters'
import { addEveryCurrency } from '../../support/full'
import { longestTurnOf } from '../../support/longest-turn'
import { send } from '../../support/raw'
import { serving } from '../../support/server'
import { noon } from '../../support/sessions'
import { overStores } from '../../support/stores'
import { fullTotals } from '../totals/full'

const months = monthsUpTo(noon, 120)

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, { clock: () => new Date(noon) })

  beforeAll(async () => {
    await addEveryCurrency(server.store, 'mentor', months)
    for (let i = 0; i < 100; i++) await addEveryCurrency(server.store, `m${i}`, months.slice(-1))
  }, 300_000)

  test('the largest report, as it is shared and as it is read, holds up other work for less than a stall', async () => {
    const request = { title: 'Report', from: months.at(-5), to: months.at(-1) }
    const share = () => server.reports.share(request)
    const { token } = await share()
    expect((await server.reports.shared(token)).amounts.length).toBeGreaterThan(150)
    expect(await longestTurnOf(share)).toBeLessThan(stallMs)
    for (const Accept of ['text/html', 'application/json']) {
      const ask = () => send(server.url, 'GET', `/reports/${token}`, { Accept })
      expect((await ask()).status).toBe(200)
      expect(await longestTurnOf(ask)).toBeLessThan(stallMs)
    }
    await expect(server.reports.share({ ...request, from: months[0] })).rejects.toThrow('/from')
    expect(
      await longestTurnOf(() => server.reports.share({ ...request, from: months[0] }).catch(() => {})),
    ).toBeLessThan(stallMs)
  })
})

test('a report about as many mentors as the totals hold holds up other work for less than a stall', async () => {
  const totals = await fullTotals()
  const months = { from: '2020-01', to: '2029-12' }
  expect((await reportTotals(totals, { months }, '2026-04')).mentors).toBe(240_000)
  expect(await longestTurnOf(() => reportTotals(totals, { months }, '2026-04'))).toBeLessThan(stallMs)
  totals.end()
}, 300_000)
