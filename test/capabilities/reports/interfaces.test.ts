import { reportsOfOrganisation, sumsInReport } from '../../../src/capabilities/reports/model'
import type { Inputs } from '../../../src/domain/calculator'
import { caveat, method } from '../../../src/domain/methods'
import { hours } from '../../support/inputs'
import { done, overInterfaces, overPairs, query, refused, type Who } from '../../support/interfaces'
import { prefetches } from '../../support/prefetches'
import { client, json, problem } from '../../support/rest'
import { clockAt, serving } from '../../support/server'
import { overStores, storedText } from '../../support/stores'
import { sumsOf } from '../totals/sums'
import { type ReportRequest, type ReportsApi, reportsPath, type SharedReportBody, withReports } from './api'

const now = '2026-04-06T09:00:00Z'
const title = 'Annual report'

/** Returns inputs for a number of hours that were held in a month. */
const hoursIn = (month: string, count: number, currency: string | null = 'GBP'): Inputs => ({
  ...hours(count, currency),
  period: { from: '2010-01-01', to: `${month}-01` },
})

overStores(({ newDatabase }) => {
  const clock = clockAt(now)
  const server = serving(newDatabase, { clock })
  const { call, get, post } = client(server)
  beforeEach(() => clock.set(now))
  afterEach(async () => {
    clock.set(now)
    for (const { report_id } of await server.reports.list()) await server.reports.revoke(report_id)
  })

  async function calculated(who: Who, payload: Inputs): Promise<string> {
    const { sessions } = server
    const { session } = await sessions.start(who)
    await sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
    return session.session_id
  }

  let organisations = 0
  /** Returns an organisation that has no sessions. */
  const newOrganisation = (): string => `organisation ${++organisations}`

  const requestOf = (more: ReportRequest = {}): ReportRequest => ({ title, from: '2026-01', to: '2026-03', ...more })
  const shared = async (api: ReportsApi, more?: ReportRequest) => done(await api.shareReport(requestOf(more))).report
  const read = async (api: ReportsApi, token: string): Promise<SharedReportBody> =>
    done(await api.sharedReport(token)).shared

  /** Expects that the sums of a report agree with each other. Returns the number of its results. */
  function holdSums({ sessions, results, amounts, trend }: SharedReportBody): number {
    const sumOf = (of: 'results' | 'programme_cost' | 'time_value' | 'net_benefit', currency: string | null): number =>
      trend
        .flatMap(({ amounts }) => amounts.filter(sums => sums.currency === currency))
        .reduce((sum, sums) => sum + sums[of], 0)
    expect(sessions).toBe(results)
    expect(trend.reduce((sum, { results }) => sum + results, 0)).toBe(results)
    expect(amounts.reduce((sum, { results }) => sum + results, 0)).toBe(results)
    for (const sums of amounts) {
      for (const name of ['results', 'programme_cost', 'time_value', 'net_benefit'] as const)
        expect(sums[name]).toBe(sumOf(name, sums.currency))
    }
    return results
  }

  overInterfaces(server, bare => {
    const api = withReports(bare)

    test('a new report states its id, path and token, and expires after 90 days', async () => {
      const report = await shared(api)
      expect(report).toEqual({
        report_id: expect.stringMatching(/^rp_[0-9a-f]{12}$/),
        title,
        path: `/reports/${report.token}`,
        token: expect.stringMatching(/^[\w-]{32}$/),
        created_at: now,
        expires_at: '2026-07-05T09:00:00Z',
      })
      expect((await shared(api, { expires_in_days: 365 })).expires_at).toBe('2027-04-06T09:00:00Z')
      expect((await shared(api, { expires_in_days: null })).token).not.toBe(report.token)
    })

    test('a report shows the totals of its months by currency and month, and no mentor, session or result', async () => {
      const organisation_id = newOrganisation()
      const [ada, bob] = [
        { mentor_id: 'Ada Smith', organisation_id },
        { mentor_id: 'Bob Smith', organisation_id },
      ]
      await calculated(ada, hoursIn('2026-01', 3))
      await calculated(ada, hoursIn('2026-03', 4))
      await calculated(ada, hoursIn('2026-03', 5, null))
      const id = await calculated(bob, hoursIn('2026-03', 6))
      await calculated(bob, hoursIn('2026-04', 70))
      await calculated({ mentor_id: 'Cem Smith', organisation_id }, hoursIn('2025-12', 80))
      await server.sessions.start({ mentor_id: 'Dee Smith', organisation_id })
      await calculated({ mentor_id: 'Eve Smith', organisation_id: newOrganisation() }, hoursIn('2026-02', 90))
      const { token, created_at, expires_at } = await shared(api, { organisation_id })
      const report = await read(api, token)
      expect(report).toEqual({
        ...{ title, organisation_id, from: '2026-01', to: '2026-03' },
        ...{ sessions: 4, results: 4, mentors: 2 },
        amounts: [sumsOf('GBP', 3, 13), sumsOf(null, 1, 5)],
        trend: [
          { month: '2026-01', results: 1, amounts: [sumsOf('GBP', 1, 3)] },
          { month: '2026-02', results: 0, amounts: [] },
          { month: '2026-03', results: 3, amounts: [sumsOf('GBP', 2, 10), sumsOf(null, 1, 5)] },
        ],
        previous: null,
        to_date: null,
        ...{ method, caveat, created_at, expires_at },
      })
      for (const Accept of ['application/json', 'text/html']) {
        const { text } = await get(`/reports/${token}`, { Accept })
        expect(text).not.toMatch(/Smith|mentor_id|session_|calc_/)
        expect(text).not.toContain(id)
      }
    })

    test('a report of months that are not over also has the sums of those that are, beside a year before', async () => {
      const organisation_id = newOrganisation()
      for (const [mentor_id, month] of [
        ['Ada', '2026-03'],
        ['Bob', '2026-04'],
        ['Ada', '2025-03'],
        ['Bob', '2025-03'],
        ['Cem', '2025-04'],
      ] as const)
        await calculated({ mentor_id, organisation_id }, hoursIn(month, 3))
      const toDate = async (from: string) =>
        (await read(api, (await shared(api, { organisation_id, from, to: '2026-12' })).token)).to_date
      const counts = (count: number) => ({ sessions: count, results: count, mentors: count })
      expect(await toDate('2026-02')).toMatchObject({
        ...{ from: '2026-02', to: '2026-03', ...counts(1) },
        previous: { from: '2025-02', to: '2025-03', ...counts(2) },
      })
      expect(await toDate('2026-04')).toBe(null)
    })

    test('a report has the sums of the same months a year before, under the same filter', async () => {
      const organisation_id = newOrganisation()
      const [ada, bob] = [
        { mentor_id: 'Ada', organisation_id },
        { mentor_id: 'Bob', organisation_id },
      ]
      await calculated(ada, hoursIn('2026-01', 3))
      await calculated(ada, hoursIn('2025-01', 4))
      await calculated(ada, hoursIn('2025-03', 5, 'EUR'))
      await calculated(bob, hoursIn('2025-02', 6))
      await calculated(bob, hoursIn('2025-04', 70))
      await calculated({ mentor_id: 'Cem' }, hoursIn('2025-02', 80))
      const before = { from: '2025-01', to: '2025-03' }
      const ofAll = await read(api, (await shared(api, { organisation_id })).token)
      expect(ofAll).toMatchObject({ results: 1, amounts: [sumsOf('GBP', 1, 3)] })
      const amounts = [sumsOf('GBP', 2, 10), sumsOf('EUR', 1, 5)]
      expect(ofAll.previous).toEqual({ ...before, sessions: 3, results: 3, mentors: 2, amounts })
      const ofBob = await read(api, (await shared(api, { organisation_id, mentor_id: 'Bob' })).token)
      expect(ofBob.results).toBe(0)
      expect(ofBob.previous).toEqual({ ...before, sessions: 1, results: 1, mentors: 1, amounts: [sumsOf('GBP', 1, 6)] })
      await calculated(bob, hoursIn('2025-01', 7))
      expect(holdSums(ofAll)).toBe(1)
    })

    test('a report may be about one mentor, whom it does not name', async () => {
      const organisation_id = newOrganisation()
      const mentor_id = `Grace by ${api.name}`
      await calculated({ mentor_id, organisation_id }, hoursIn('2026-02', 3))
      await calculated({ mentor_id }, hoursIn('2026-02', 4))
      await calculated({ mentor_id: 'Heidi', organisation_id }, hoursIn('2026-02', 50))
      const ofAll = await shared(api, { mentor_id })
      const report = await read(api, ofAll.token)
      expect(report).toMatchObject({ mentors: 1, results: 2, amounts: [sumsOf('GBP', 2, 7)] })
      expect(report).not.toHaveProperty('organisation_id')
      const { token } = await shared(api, { mentor_id, organisation_id })
      expect(await read(api, token)).toMatchObject({ mentors: 1, results: 1, amounts: [sumsOf('GBP', 1, 3)] })
      for (const Accept of ['application/json', 'text/html'])
        expect((await get(`/reports/${token}`, { Accept })).text).not.toMatch(/Grace|Heidi/)
      const listed = expect.objectContaining({ mentor_id, organisation_id })
      expect(done(await api.reports()).reports).toContainEqual(listed)
    })

    test('a report never changes', async () => {
      const organisation_id = newOrganisation()
      const id = await calculated({ mentor_id: 'm', organisation_id }, hoursIn('2026-01', 1))
      const { token } = await shared(api, { organisation_id })
      const before = await read(api, token)
      await server.sessions.dispatch(id, { event: 'CalculateRequested', payload: hoursIn('2026-01', 2) })
      await calculated({ mentor_id: 'n', organisation_id }, hoursIn('2026-02', 3))
      expect(await read(api, token)).toEqual(before)
      await server.sessions.close(id)
      expect(await read(api, token)).toEqual(before)
      expect(before).toMatchObject({ results: 1, amounts: [sumsOf('GBP', 1, 1)] })
    })

    test('a report of months without results has every month, and no amounts', async () => {
      const { token } = await shared(api, { organisation_id: newOrganisation(), from: '2017-01', to: '2026-12' })
      const { trend, ...report } = await read(api, token)
      expect(report).toMatchObject({ sessions: 0, results: 0, mentors: 0, amounts: [] })
      expect(trend).toHaveLength(120)
      expect(trend[119]).toEqual({ month: '2026-12', results: 0, amounts: [] })
    })

    test('reports are listed newest first, with their links, until they expire', async () => {
      const first = await shared(api, { expires_in_days: 1 })
      clock.set('2026-04-06T09:00:01Z')
      const second = await shared(api, { organisation_id: 'o', title: '  trimmed ' })
      const { reports } = done(await api.reports())
      const entry = { title, organisation_id: null, mentor_id: null, from: '2026-01', to: '2026-03', views: 0 }
      const { report_id, created_at, expires_at, path, token } = first
      expect(reports.slice(0, 2)).toEqual([
        {
          ...entry,
          ...{ report_id: second.report_id, title: 'trimmed', organisation_id: 'o' },
          ...{ path: second.path, token: second.token },
          ...{ created_at: '2026-04-06T09:00:01Z', expires_at: '2026-07-05T09:00:01Z' },
        },
        { ...entry, report_id, created_at, expires_at, path, token },
      ])
      clock.set(expires_at)
      const left = done(await api.reports()).reports.map(({ report_id }) => report_id)
      expect(left).toContain(second.report_id)
      expect(left).not.toContain(report_id)
    })

    test('a report works up to its last second, is gone for 30 days after it, and then unknown', async () => {
      const { report_id, token } = await shared(api, { expires_in_days: 1 })
      clock.set('2026-04-07T08:59:59Z')
      expect((await api.sharedReport(token)).ok).toBe(true)
      clock.set('2026-04-07T09:00:00Z')
      expect(await api.sharedReport(token)).toEqual(refused('share_gone'))
      expect(await api.revokeReport(report_id)).toEqual(refused('share_gone'))
      clock.set('2026-05-07T08:59:59Z')
      await server.store.reports.pruneReports('2026-05-07T08:59:59.000Z')
      expect(await api.sharedReport(token)).toEqual(refused('share_gone'))
      await server.store.reports.pruneReports('2026-05-07T09:00:00.000Z')
      expect(await api.sharedReport(token)).toEqual(refused('share_not_found'))
      expect(await api.revokeReport(report_id)).toEqual(refused('share_not_found'))
    })

    test('a revoked report is gone at once, and cannot be revoked twice', async () => {
      const [revoked, other] = [await shared(api), await shared(api)]
      const { report_id, token } = revoked
      expect(await api.revokeReport(report_id)).toEqual({ ok: true, report_id, revoked: true })
      expect(await api.sharedReport(token)).toEqual(refused('share_gone'))
      expect(await api.revokeReport(report_id)).toEqual(refused('share_gone'))
      expect((await api.sharedReport(other.token)).ok).toBe(true)
      const left = done(await api.reports()).reports.map(report => report.report_id)
      expect(left).not.toContain(report_id)
      expect(left).toContain(other.report_id)
    })

    test('the reports about a mentor end with its erasure, also revoked ones', async () => {
      // Written in ASCII, so that it can be found in any encoding.
      const mentor_id = `erased/by ${api.name}? 100%`
      await calculated({ mentor_id }, hoursIn('2026-01', 3))
      const [report, revoked] = [await shared(api, { mentor_id }), await shared(api, { mentor_id })]
      done(await api.revokeReport(revoked.report_id))
      expect(await storedText(server)).toContain(mentor_id)
      expect(done(await api.erase(mentor_id))).toMatchObject({ closed: 1, erased: true })
      expect(await storedText(server)).not.toContain(mentor_id)
      for (const { token } of [report, revoked])
        expect(await api.sharedReport(token)).toEqual(refused('share_not_found'))
    })

    test('a token or an id that was never issued is not found', async () => {
      expect(await api.sharedReport('never-issued')).toEqual(refused('share_not_found'))
      expect(await api.revokeReport('rp_000000000000')).toEqual(refused('share_not_found'))
      const { report_id, token } = await shared(api)
      expect(await api.sharedReport(report_id)).toEqual(refused('share_not_found'))
      expect(await api.revokeReport(token)).toEqual(refused('share_not_found'))
      expect(await api.shared(token)).toEqual(refused('share_not_found'))
    })

    test.each<[ReportRequest, string, string]>([
      [{ title: '' }, '/title', 'must have 1 to 120 characters'],
      [{ title: ' \n ' }, '/title', 'must have 1 to 120 characters'],
      [{ title: 'a'.repeat(121) }, '/title', 'must have 1 to 120 characters'],
      [{ title: 'a\u202eb' }, '/title', 'must not contain control characters'],
      [{ organisation_id: '' }, '/organisation_id', 'must have 1 to 200 characters'],
      [{ mentor_id: '' }, '/mentor_id', 'must have 1 to 200 characters'],
      [{ from: '2025-13' }, '/from', 'must be a month such as 2026-04, or its first day such as 2026-04-01'],
      [{ to: 'none' }, '/to', 'must be a month such as 2026-04, or its first day such as 2026-04-01'],
      [{ to: '2026-4' }, '/to', 'must be a month such as 2026-04, or its first day such as 2026-04-01'],
      [{ from: '2026-04' }, '/to', 'must not be before from'],
      [
        { from: '2016-03' },
        '/from',
        'must be 2016-04 or later: a trend has at most 120 months, and this one ends with 2026-03',
      ],
      [{ expires_in_days: 0 }, '/expires_in_days', 'must be at least 1'],
      [{ expires_in_days: 366 }, '/expires_in_days', 'must be at most 365'],
    ])('%j is refused with a pointer', async (fault, path, detail) => {
      const errors = [{ detail, pointer: api.pointer(path) }]
      expect(await api.shareReport(requestOf(fault))).toEqual(refused('validation_failed', { errors }))
    })

    test('a title has up to 120 code points, and is trimmed', async () => {
      const long = '𝛑'.repeat(120)
      const report = await shared(api, { title: ` ${long} ` })
      expect(report.title).toBe(long)
      expect((await read(api, report.token)).title).toBe(long)
    })
  })

  overPairs(server, (...apis) => {
    const [first, second] = apis.map(withReports) as [ReportsApi, ReportsApi]

    test('a report of either interface is read, listed and revoked by the other', async () => {
      const organisation_id = newOrganisation()
      await calculated({ mentor_id: 'm', organisation_id }, hoursIn('2026-02', 3))
      const { report_id, token } = await shared(first, { organisation_id })
      expect(await read(second, token)).toEqual(await read(first, token))
      expect(done(await second.reports())).toEqual(done(await first.reports()))
      done(await second.revokeReport(report_id))
      expect(await first.sharedReport(token)).toEqual(refused('share_gone'))
    })
  })

  test('all sums of a report agree, while sessions start, change and close', async () => {
    const organisation_id = newOrganisation()
    const { sessions, reports } = server
    const random = (below: number): number => Math.floor(Math.random() * below)
    let ended = false
    const change = async (worker: number): Promise<void> => {
      const ids: string[] = []
      while (!ended) {
        const who = { mentor_id: `m${worker} ${random(5)}`, organisation_id }
        const payload = hoursIn(`2026-0${1 + random(4)}`, 1 + random(9), ['GBP', 'EUR', null][random(3)])
        if (ids.length < 5) ids.push((await sessions.start(who)).session.session_id)
        const id = ids[random(ids.length)] as string
        if (random(4) > 0) await sessions.dispatch(id, { event: 'CalculateRequested', payload })
        else await sessions.close(ids.splice(ids.indexOf(id), 1)[0] as string)
      }
    }
    const changes = [1, 2, 3, 4].map(change)
    let results = 0
    for (let n = 0; n < 15; n++) {
      const { report_id, token } = await reports.share(requestOf({ organisation_id }))
      results += holdSums((await reports.shared(token)) as SharedReportBody)
      await reports.revoke(report_id)
    }
    ended = true
    await Promise.all(changes)
    expect(results).toBeGreaterThan(0)
  })

  test('an organisation has at most 100 reports, however many are shared at once', async () => {
    const organisation_id = newOrganisation()
    const outcomes = await Promise.allSettled(
      Array.from({ length: reportsOfOrganisation + 10 }, () => server.reports.share(requestOf({ organisation_id }))),
    )
    const made = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    expect(made).toHaveLength(reportsOfOrganisation)
    const body = JSON.stringify(requestOf({ organisation_id }))
    expect(problem(await call('POST', reportsPath, json, body))).toMatchObject({
      ...{ status: 409, code: 'limit_reached', limit: reportsOfOrganisation },
      detail: 'There are 100 reports already, which is the maximum. Revoke one first.',
    })
    const [one] = made
    await server.reports.revoke(one?.report_id ?? '')
    expect((await call('POST', reportsPath, json, body)).status).toBe(201)
    expect(problem(await call('POST', reportsPath, json, body)).code).toBe('limit_reached')
    clock.set('2026-07-05T09:00:00Z')
    expect((await call('POST', reportsPath, json, body)).status).toBe(201)
  })

  test('months with too many sums are refused', async () => {
    const organisation_id = newOrganisation()
    const currencies = Intl.supportedValuesOf('currency').slice(0, 10)
    const months = Array.from(
      { length: 101 },
      (_, n) => `${2018 + Math.floor(n / 12)}-${String(1 + (n % 12)).padStart(2, '0')}`,
    )
    const who = { mentor_id: 'm', organisation_id }
    for (const month of months)
      await Promise.all(currencies.map(currency => calculated(who, hoursIn(month, 1, currency))))
    const [from = '', second = '', to = ''] = [months[0], months[1], months.at(-1)]
    const refusal = problem(
      await call('POST', reportsPath, json, JSON.stringify(requestOf({ organisation_id, from, to }))),
    )
    expect(refusal).toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/from', detail: expect.stringContaining(`at most ${sumsInReport} sums`) }],
    })
    const { token } = await server.reports.share(requestOf({ organisation_id, from: second, to }))
    expect(holdSums((await server.reports.shared(token)) as SharedReportBody)).toBe(1_000)
  })

  test('a report counts its views, and the count ends with it', async () => {
    const body = JSON.stringify({ title: 'Spring', mentor_id: 'reported', from: '2026-01', to: '2026-03' })
    const made = JSON.parse((await post(reportsPath, body)).text)
    const listed = async (): Promise<{ report_id: string; views: number }[]> =>
      JSON.parse((await call('GET', reportsPath)).text).data
    const views = async () => (await listed()).find(({ report_id }) => report_id === made.report_id)?.views
    expect(await views()).toBe(0)
    for (const [method, accept] of [
      ['HEAD', 'text/html'],
      ['GET', 'text/html'],
      ['GET', 'application/json'],
    ] as const) {
      expect((await call(method, made.path, { Accept: accept })).status).toBe(200)
    }
    for (const headers of prefetches) expect((await call('GET', made.path, headers)).status).toBe(200)
    const document = 'query ($token: ID!) { sharedReport(token: $token) { title } }'
    expect((await query(server, document, { token: made.token })).errors).toBeUndefined()
    await server.reports.dependencies.viewCounter.save()
    expect(await views()).toBe(3)
    expect((await call('DELETE', `${reportsPath}/${made.report_id}`)).status).toBe(200)
    expect((await call('GET', made.path)).status).toBe(410)
  })

  test('an idempotency key is refused, because its response would contain a secret', async () => {
    const keyed = { ...json, 'Idempotency-Key': 'key' }
    const answer = await call('POST', reportsPath, keyed, JSON.stringify(requestOf()))
    expect(problem(answer)).toMatchObject({ code: 'invalid_request', errors: [{ header: 'Idempotency-Key' }] })
  })

  test('an unknown member is refused with a pointer', async () => {
    const answer = await call('POST', reportsPath, json, JSON.stringify({ ...requestOf(), colour: 'red' }))
    expect(problem(answer).errors).toEqual([{ detail: 'is not a known member', pointer: '/colour' }])
    expect(problem(await call('POST', reportsPath, json, '{}')).errors).toEqual(
      ['title', 'from', 'to'].map(name => ({ detail: 'is required', pointer: `/${name}` })),
    )
  })
})
