import { existsSync, readFileSync } from 'node:fs'
import {
  endedReports,
  type Report,
  reportsInTotal,
  reportsOfOrganisation,
  type StoredReport,
} from '../../../src/capabilities/reports/model'
import { monthTotalsOf } from '../../../src/capabilities/totals/model'
import type { EmbeddedStore } from '../../../src/db/embedded/embedded-store'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { caveat, method } from '../../../src/domain/methods'
import { addMs, dayMs } from '../../../src/domain/timestamp'
import { objectsInTotal, objectsOfOrganisation, testConcurrentLimits } from '../../support/concurrent-limits'
import { noon } from '../../support/sessions'
import { embeddedDatabase, openEmbedded, overStores, suiteDatabase } from '../../support/stores'

let made = 0

/** Returns a report that expires one day after it was made. Each one is made later than the ones before. */
function reportOf(more: Partial<Report> = {}, ageMs = 0): StoredReport {
  made++
  const created_at = addMs(noon, made - ageMs)
  const expires_at = addMs(created_at, dayMs)
  const report: Report = {
    report_id: `rp_${made}`,
    title: `Title ${made}`,
    organisation_id: null,
    mentor_id: null,
    from: '2026-01',
    to: '2026-03',
    created_at,
    expires_at,
    ...more,
  }
  const { report_id, organisation_id, mentor_id } = report
  const sums = { results: 1, held: 2n, minutes: 300n, cost: 400n, value: 500n }
  const trend = [monthTotalsOf('2026-01', new Map([['GBP', sums]]))]
  const totals = {
    sessions: 1,
    results: 1,
    mentors: 1,
    amounts: trend[0]?.amounts ?? [],
    trend,
    previous: null,
    to_date: null,
  }
  const live = { report, content: { ...totals, method, caveat } }
  return { report_id, organisation_id, mentor_id, digest: `digest ${made}`, ends_at: report.expires_at, live }
}

/** A time before all of these reports expire. */
const later = addMs(noon, dayMs / 2)

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)

  async function added(...of: Parameters<typeof reportOf>): Promise<StoredReport> {
    const stored = reportOf(...of)
    expect(await database.store.reports.addReport(stored, noon)).toBeUndefined()
    return stored
  }
  /** Returns the counts of views that are stored, apart from zeros. */
  async function storedViews(): Promise<number[]> {
    const rows =
      'client' in database.store
        ? await (database.store as MongoStore).db.collection('reports').find({}).toArray()
        : (database.store as EmbeddedStore).db.prepare('SELECT views FROM reports').all()
    return (rows as { views?: number }[]).map(({ views = 0 }) => Number(views)).filter(views => views > 0)
  }
  const ended = ({ live: _, ...report }: StoredReport, ends_at = report.ends_at) => ({ ...report, ends_at, live: null })
  const listed = ({ live }: StoredReport) => ({ ...live?.report, views: 0 })

  test('a report is read as it was added, by its id and by the digest of its token', async () => {
    const stored = await added({ organisation_id: 'o', mentor_id: 'm' })
    expect(await database.store.reports.readReport(stored.report_id)).toEqual(stored)
    expect(await database.store.reports.sharedReport(stored.digest)).toEqual(stored)
    expect(await database.store.reports.readReport(stored.digest)).toBeNull()
    expect(await database.store.reports.sharedReport(stored.report_id)).toBeNull()
  })

  test('a report counts its views until it ends', async () => {
    const { report_id } = await added({ organisation_id: 'viewed' })
    const viewed = async () => (await database.store.reports.listReports(later, 'viewed')).map(({ views }) => views)
    await database.store.reports.addViews(new Map([[report_id, 2]]))
    await database.store.reports.addViews(
      new Map([
        [report_id, 1],
        ['rp_unknown', 1],
      ]),
    )
    expect(await viewed()).toEqual([3])
    expect(await database.store.reports.endReport(report_id, later)).toBe(true)
    await database.store.reports.addViews(new Map([[report_id, 1]]))
    expect(await viewed()).toEqual([])
    const expired = await added()
    await database.store.reports.addViews(new Map([[expired.report_id, 2]]))
    await database.store.reports.pruneReports(expired.ends_at)
    expect(await storedViews()).toEqual([])
  })

  test('reports are listed newest first, all or those of an organisation, without those that have ended', async () => {
    const [a, b, c, d] = [
      await added({ organisation_id: 'list' }),
      await added(),
      await added({ organisation_id: 'list' }),
      await added({ organisation_id: 'list' }),
    ]
    expect(await database.store.reports.endReport(d.report_id, later)).toBe(true)
    expect(await database.store.reports.listReports(later, 'list')).toEqual([c, a].map(listed))
    expect((await database.store.reports.listReports(later)).slice(0, 3)).toEqual([c, b, a].map(listed))
    expect(await database.store.reports.listReports(a.ends_at, 'list')).toEqual([c].map(listed))
  })

  test('a report that is ended loses its content at once, and ends only once', async () => {
    const stored = await added({ organisation_id: 'o', title: 'a title to forget' })
    expect(await database.store.reports.endReport(stored.report_id, later)).toBe(true)
    expect(await database.store.reports.sharedReport(stored.digest)).toEqual(ended(stored, later))
    expect(await database.store.reports.endReport(stored.report_id, addMs(later, 1))).toBe(false)
    expect(await database.store.reports.endReport('none', later)).toBe(false)
    expect(await database.store.reports.readReport(stored.report_id)).toEqual(ended(stored, later))
  })

  test('an expired report cannot be ended, loses its content when it is pruned, and is deleted 30 days later', async () => {
    const [stored, other] = [await added(), await added({ expires_at: addMs(noon, 90 * dayMs) })]
    expect(await database.store.reports.endReport(stored.report_id, stored.ends_at)).toBe(false)
    await database.store.reports.pruneReports(stored.ends_at)
    expect(await database.store.reports.readReport(stored.report_id)).toEqual(ended(stored))
    await database.store.reports.pruneReports(addMs(stored.ends_at, 30 * dayMs - 1))
    expect(await database.store.reports.readReport(stored.report_id)).toEqual(ended(stored))
    await database.store.reports.pruneReports(addMs(stored.ends_at, 30 * dayMs))
    expect(await database.store.reports.readReport(stored.report_id)).toBeNull()
    expect(await database.store.reports.readReport(other.report_id)).toEqual(other)
  })

  test('a report that is deleted is gone, and no other is', async () => {
    const [deleted, other] = [await added(), await added()]
    await database.store.reports.deleteReport(deleted.report_id)
    await database.store.reports.deleteReport('none')
    expect(await database.store.reports.readReport(deleted.report_id)).toBeNull()
    expect(await database.store.reports.readReport(other.report_id)).toEqual(other)
  })

  test('the erasure of a mentor deletes the reports that filter by it, also revoked ones, and no others', async () => {
    const [live, revoked, other, all] = [
      await added({ mentor_id: 'gone', organisation_id: 'o' }),
      await added({ mentor_id: 'gone' }),
      await added({ mentor_id: 'stays' }),
      await added(),
    ]
    await database.store.reports.endReport(revoked.report_id, later)
    expect(await database.store.eraseMentor('gone', { aborted: false })).toBe(true)
    for (const { report_id, digest } of [live, revoked]) {
      expect(await database.store.reports.readReport(report_id)).toBeNull()
      expect(await database.store.reports.sharedReport(digest)).toBeNull()
    }
    for (const stored of [other, all]) expect(await database.store.reports.readReport(stored.report_id)).toEqual(stored)
  })
})

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)
  testConcurrentLimits('reports', kind, database, {
    add: (store, organisation_id) => store.reports.addReport(reportOf({ organisation_id }), noon),
    list: store => store.reports.listReports(noon),
    async removeOne(store, organisation_id) {
      const [revoked] = await store.reports.listReports(noon, organisation_id)
      await store.reports.endReport(revoked?.report_id ?? '', later)
    },
  })

  test('expired reports do not count towards the limits', async () => {
    expect([reportsOfOrganisation, reportsInTotal]).toEqual([objectsOfOrganisation, objectsInTotal])
    expect(await database.store.reports.addReport(reportOf({ organisation_id: 'full' }), noon)).toBe(reportsInTotal)
    const afterAll = addMs(noon, 2 * dayMs)
    expect(await database.store.reports.addReport(reportOf({ organisation_id: 'full' }), afterAll)).toBeUndefined()
  })
})

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)

  /** Adds reports as ended ones, because ending each would take long. */
  async function addEnded(rows: Omit<StoredReport, 'live'>[]): Promise<void> {
    if ('client' in database.store) {
      const { db } = database.store as MongoStore
      const documents = rows.map(({ report_id, ...report }) => ({ _id: report_id, ...report }))
      await db.collection<{ _id: string }>('reports').insertMany(documents)
      return
    }
    const { db } = database.store as EmbeddedStore
    const insert = db.prepare(
      'INSERT INTO reports VALUES (@report_id, @digest, @organisation_id, @mentor_id, @ends_at, NULL, NULL, 0)',
    )
    db.transaction(() => rows.map(row => insert.run(row)))()
  }

  test('the store knows at most 10,000 reports that have ended, those that ended last', async () => {
    const rows = Array.from({ length: endedReports + 5 }, (_, n) => {
      const { live: __, ...report } = reportOf()
      return { ...report, ends_at: addMs(later, n) }
    })
    await addEnded(rows)
    await database.store.reports.pruneReports(later)
    const isKnown = async (n: number) => (await database.store.reports.readReport(rows[n]?.report_id ?? '')) !== null
    expect(await Promise.all([0, 4, 5, rows.length - 1].map(isKnown))).toEqual([false, false, true, true])
  })
})

describe('the data file', () => {
  test('of an earlier version gets the table of reports when it is opened', async () => {
    const database = await embeddedDatabase()
    const file = String(database.env.DATA_FILE)
    const earlier = openEmbedded(file)
    earlier.db.exec('DROP TABLE reports')
    await earlier.end()
    const store = await database.open()
    const stored = reportOf()
    expect(await store.reports.addReport(stored, noon)).toBeUndefined()
    expect(await store.reports.readReport(stored.report_id)).toEqual(stored)
    await database.drop()
  })

  test('is copied with its reports, and no longer holds what a revoked one showed', async () => {
    const database = await embeddedDatabase()
    const store = await database.open()
    const [kept, revoked] = [reportOf({ title: 'A title to keep' }), reportOf({ title: 'A title to forget' })]
    for (const stored of [kept, revoked]) await store.reports.addReport(stored, noon)
    await store.reports.endReport(revoked.report_id, later)
    const { file } = (await store.backup?.()) ?? { file: '' }
    expect(existsSync(file)).toBe(true)
    expect(readFileSync(file, 'latin1')).toContain('A title to keep')
    expect(readFileSync(file, 'latin1')).not.toContain('A title to forget')
    const copy = openEmbedded(file)
    expect(await copy.reports.readReport(kept.report_id)).toEqual(kept)
    await copy.end()
    await database.drop()
  })
})
