import { reportPruning } from '../../src/reports/report-pruning'
import { Reports } from '../../src/reports/reports'
import { Erasure } from '../../src/sessions/erasure'
import { inputs } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { clockAt, keptLog, serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const now = '2026-04-06T09:00:00Z'
const clock = clockAt(now)
const server = serving(embeddedDatabase, { clock })
beforeEach(() => clock.set(now))

const share = () => server.reports.share({ title: 'Report', from: '2026-01', to: '2026-03', expires_in_days: 1 })

test('each reading of a report by its token is noted with its id, and no other', async () => {
  const viewed: string[] = []
  const reports = new Reports(server.store, server.totals, clock, report_id => viewed.push(report_id))
  const { report, token } = await share()
  await reports.list()
  await reports.shared(token)
  await reports.of(reports.caller).shared(token)
  expect(viewed).toEqual([report.report_id, report.report_id])
  await expect(reports.shared('none')).rejects.toThrow()
  clock.set('2026-04-07T09:00:00Z')
  await expect(reports.shared(token)).rejects.toThrow()
  expect(viewed).toHaveLength(2)
})

test('a report about a mentor that is erased while it is made is not stored', async () => {
  const mentor_id = 'erased meanwhile'
  const { session } = await server.sessions.start({ mentor_id })
  await server.sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload: inputs })
  let report_id = ''
  const store = intercepting(server.store, {
    reports: {
      async addReport(stored, at) {
        report_id = stored.report_id
        expect(await new Erasure(server.sessions).erase(mentor_id)).toMatchObject({ closed: 1, erased: true })
        return server.store.reports.addReport(stored, at)
      },
    },
  })
  const reports = new Reports(store, server.totals, clock)
  const range = { from: '2020-01', to: '2026-12' }
  const sharing = reports.share({ title: 'Report', mentor_id, ...range })
  await expect(sharing).rejects.toMatchObject({ code: 'unavailable' })
  expect(report_id).not.toBe('')
  expect(await server.store.reports.readReport(report_id)).toBeNull()
  // A mentor without sessions has an empty report.
  await server.reports.share({ title: 'Report', mentor_id, from: '2026-01', to: '2026-03' })
})

test('pruning deletes the content of an expired report, again after a failure, which is logged', async () => {
  const { report } = await share()
  const { log, lines } = keptLog()
  let works = false
  const store = intercepting(server.store, {
    reports: {
      async pruneReports(now) {
        if (!works) throw new Error('no store')
        await server.store.reports.pruneReports(now)
      },
    },
  })
  clock.set('2026-04-07T09:00:00Z')
  const pruning = reportPruning(store.reports, log, clock)
  await pruning.run()
  expect(lines).toMatchObject([{ level: 'warn', msg: 'pruning the reports failed, retrying' }])
  expect(await server.store.reports.readReport(report.report_id)).toMatchObject({
    live: { report: { title: 'Report' } },
  })
  works = true
  await pruning.run()
  void pruning.end()
  expect(await server.store.reports.readReport(report.report_id)).toMatchObject({ live: null })
  expect(lines).toHaveLength(1)
})
