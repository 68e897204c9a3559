import { Reports, reportPruning } from '../../../src/capabilities/reports/reports'
import type { Store } from '../../../src/db/store'
import { everyone } from '../../../src/domain/caller'
import { Erasure } from '../../../src/sessions/erasure'
import { ViewCounter } from '../../../src/sessions/view-counter'
import { inputs } from '../../support/inputs'
import { intercepting } from '../../support/intercepting'
import { done, restApi } from '../../support/interfaces'
import { figures } from '../../support/metrics'
import { clockAt, keptLog, serving, startServer } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { withReports } from './api'

const now = '2026-04-06T09:00:00Z'
const clock = clockAt(now)
const server = serving(embeddedDatabase, { clock })
beforeEach(() => clock.set(now))

const share = () => server.reports.share({ title: 'Report', from: '2026-01', to: '2026-03', expires_in_days: 1 })

const reportsOver = (store: Store, viewCounter = server.reports.dependencies.viewCounter) =>
  new Reports({ store, totals: server.totals, viewCounter, clock, caller: everyone })

test('each reading of a report by its token is noted with its id, and no other', async () => {
  const viewed = new Map<string, number>()
  const viewCounter = new ViewCounter(
    async counts => counts.forEach((count, id) => void viewed.set(id, count)),
    keptLog().log,
  )
  const reports = reportsOver(server.store, viewCounter)
  const { report_id, token } = await share()
  await reports.list()
  await reports.shared(token)
  await reports.shared(token)
  await expect(reports.shared('none')).rejects.toThrow()
  clock.set('2026-04-07T09:00:00Z')
  await expect(reports.shared(token)).rejects.toThrow()
  await viewCounter.end()
  expect([...viewed]).toEqual([[report_id, 2]])
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
  const reports = reportsOver(store)
  const range = { from: '2020-01', to: '2026-12' }
  const sharing = reports.share({ title: 'Report', mentor_id, ...range })
  await expect(sharing).rejects.toMatchObject({ code: 'unavailable' })
  expect(report_id).not.toBe('')
  expect(await server.store.reports.readReport(report_id)).toBeNull()
  // A mentor without sessions has an empty report.
  await server.reports.share({ title: 'Report', mentor_id, from: '2026-01', to: '2026-03' })
})

test('pruning deletes the content of an expired report, again after a failure, which is logged', async () => {
  const { report_id } = await share()
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
  expect(await server.store.reports.readReport(report_id)).toMatchObject({
    live: { report: { title: 'Report' } },
  })
  works = true
  await pruning.run()
  void pruning.end()
  expect(await server.store.reports.readReport(report_id)).toMatchObject({ live: null })
  expect(lines).toHaveLength(1)
})

test('the uses of reports are measured', async () => {
  const database = await embeddedDatabase()
  const metered = await startServer(database, { config: { METRICS_PORT: 0 } })
  try {
    const api = withReports(restApi(metered))
    const { report } = done(await api.shareReport({ title: 'Report', from: '2026-01', to: '2026-03' }))
    await api.reports()
    await api.sharedReport(report.token)
    await api.revokeReport(report.report_id)
    const counts = await figures(metered, 'use_case_duration_seconds_count', 'use_case', 'outcome')
    const names = ['reports.share', 'reports.list', 'reports.shared', 'reports.revoke']
    expect(counts).toMatchObject(Object.fromEntries(names.map(name => [`${name} ok`, 1])))
  } finally {
    await metered.stop()
    await database.drop()
  }
})
