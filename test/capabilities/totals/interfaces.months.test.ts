import type { Inputs } from '../../../src/domain/calculator'
import { hours } from '../../support/inputs'
import { type Api, done, type Filter, type Who } from '../../support/interfaces'
import { clockAt, serving } from '../../support/server'
import { overStores } from '../../support/stores'
import { overTotalsInterfaces } from './api'
import { sumsOf } from './sums'

/** Returns inputs for a number of hours. Their period ends on the day `to`. */
const hoursTo = (count: number, to?: string): Inputs => ({
  ...hours(count),
  ...(to && { period: { from: '2015-01-01', to } }),
})

overStores(({ newDatabase }) => {
  const clock = clockAt('2026-02-10T12:00:00.000Z')
  const server = serving(newDatabase, { clock })

  describe('sessions by the month of their current result', () => {
    /** Session ids by the month of the result, `none` without one. */
    const of: Record<string, string> = {}

    beforeAll(async () => {
      const { sessions } = server
      const add = async (name: string, at: string, who: Who, ...commands: object[]): Promise<void> => {
        clock.set(at)
        const { session } = await sessions.start(who)
        for (const command of commands) await sessions.dispatch(session.session_id, command)
        of[name] = session.session_id
      }
      const calculating = (payload: Inputs) => ({ event: 'CalculateRequested', payload })
      const [ada, bo] = [
        { mentor_id: 'ada', organisation_id: 'north' },
        { mentor_id: 'bo', organisation_id: 'south' },
      ]
      await add('2026-02', '2026-02-10T12:00:00.000Z', ada, calculating(hoursTo(1)))
      // Periods end in other months than their results are computed in.
      await add('2026-04', '2026-02-11T12:00:00.000Z', ada, calculating(hoursTo(2, '2026-04-30')))
      await add('none', '2026-02-13T12:00:00.000Z', ada)
      await add('none, after a reset', '2026-02-13T12:00:00.000Z', bo, calculating(hoursTo(9)), {
        event: 'ResetRequested',
      })
      await add('2025-12', '2026-02-28T23:59:59.999Z', bo, calculating(hoursTo(3, '2025-12-31')))
      await add('2026-03', '2026-03-01T00:00:00.000Z', { mentor_id: 'bo' }, calculating(hoursTo(4)))
      // Its former result was of March.
      await add(
        '2026-01',
        '2026-03-15T12:00:00.000Z',
        bo,
        calculating(hoursTo(9)),
        calculating(hoursTo(5, '2026-01-01')),
      )
      clock.set('2026-03-15T12:10:00.000Z')
    })

    const ranges: [Filter, string[]][] = [
      [{}, ['2026-03', '2025-12', 'none', 'none, after a reset', '2026-01', '2026-04', '2026-02']],
      [{ from: '2026-02' }, ['2026-03', '2026-04', '2026-02']],
      [{ to: '2026-02' }, ['2025-12', '2026-01', '2026-02']],
      [{ from: '2026-01', to: '2026-03' }, ['2026-03', '2026-01', '2026-02']],
      [{ from: '2026-04', to: '2026-04' }, ['2026-04']],
      [{ from: '2026-05' }, []],
      [{ from: '2025-12', mentor_id: 'bo' }, ['2026-03', '2025-12', '2026-01']],
      [{ from: '2025-12', to: '2026-02', organisation_id: 'south' }, ['2025-12', '2026-01']],
      [{ from: '2026-02', mentor_id: 'ada', organisation_id: 'north' }, ['2026-04', '2026-02']],
      [{ from: '2026-02', state: 'loaded' }, ['2026-03', '2026-04', '2026-02']],
      [{ from: '2026-02', state: 'initial' }, []],
    ]

    overTotalsInterfaces(server, api => {
      test.each(ranges)('%j selects the sessions whose current result is of these months', async (filter, names) => {
        const { sessions, total } = done(await api.list(filter))
        const listed = sessions.map(({ session_id }) => session_id)
        expect(new Set(listed)).toEqual(new Set(names.map(name => of[name])))
        expect(listed).toHaveLength(names.length)
        expect(total).toBe(names.length)
        const { summary } = done(await api.summary(filter))
        expect(summary.sessions).toBe(names.length)
        for (const { state, count } of summary.states) {
          expect(count).toBe(sessions.filter(session => session.state === state).length)
        }
        const [mentors, organisations] = [done(await api.mentors(filter)), done(await api.organisations(filter))]
        for (const { groups } of [mentors, organisations]) {
          expect(groups.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(names.length)
          expect(groups.reduce((sum, { results }) => sum + results, 0)).toBe(summary.results)
        }
      })

      test('a summary of months adds up their results, and counts the calculations of their sessions', async () => {
        const { summary } = done(await api.summary({ to: '2026-02' }))
        expect(summary).toMatchObject({
          sessions: 3,
          states: [
            { state: 'initial', count: 0 },
            { state: 'loaded', count: 3 },
            { state: 'error', count: 0 },
          ],
          results: 3,
          amounts: [sumsOf(null, 3, 9)],
        })
        const counted = async (filter: Filter) =>
          done(await api.summary(filter)).summary.calculations.reduce((sum, { count }) => sum + count, 0)
        // The former result of the session, which is of January now, counts too.
        expect(await counted({ from: '2026-01', to: '2026-01' })).toBe(2)
        expect(await counted({ from: '2026-02' })).toBe(0)
      })

      test('a trend of months has exactly these, oldest first', async () => {
        const { months } = done(await api.trend({ from: '2026-01', to: '2026-05' }))
        expect(months).toEqual([
          { month: '2026-01', results: 1, amounts: [sumsOf(null, 1, 5)] },
          { month: '2026-02', results: 1, amounts: [sumsOf(null, 1, 1)] },
          { month: '2026-03', results: 1, amounts: [sumsOf(null, 1, 4)] },
          { month: '2026-04', results: 1, amounts: [sumsOf(null, 1, 2)] },
          { month: '2026-05', results: 0, amounts: [] },
        ])
        expect(done(await api.trend({ from: '2026-04', to: '2026-04', mentor_id: 'bo' })).months).toEqual([
          { month: '2026-04', results: 0, amounts: [] },
        ])
      })

      test.each<[Filter, first: string, last: string]>([
        // A missing beginning is the first month with a result under the filter, or the end.
        [{ to: '2026-02' }, '2025-12', '2026-02'],
        [{ to: '2026-02', mentor_id: 'ada' }, '2026-02', '2026-02'],
        [{ to: '2025-11' }, '2025-11', '2025-11'],
        [{ to: '2030-01', organisation_id: 'nowhere' }, '2030-01', '2030-01'],
        // A missing end is the latest of the current month, the last month with a result, and the beginning.
        [{ from: '2026-01' }, '2026-01', '2026-04'],
        [{ from: '2026-01', mentor_id: 'bo' }, '2026-01', '2026-03'],
        [{ from: '2026-01', state: 'initial' }, '2026-01', '2026-03'],
        [{ from: '2027-06' }, '2027-06', '2027-06'],
      ])('a trend of %j is of %s to %s', async (filter, first, last) => {
        const { months } = done(await api.trend(filter))
        expect([months[0]?.month, months.at(-1)?.month]).toEqual([first, last])
        const { results } = done(await api.summary(filter)).summary
        expect(months.reduce((sum, { results }) => sum + results, 0)).toBe(results)
      })

      test('without months, a trend ends with the current month, and does not show later ones', async () => {
        for (const [last, expected] of [
          [undefined, 12],
          [2, 2],
          [120, 120],
        ] as const) {
          const { months } = done(await api.trend({}, last))
          expect(months).toHaveLength(expected)
          expect(months.at(-1)).toMatchObject({ month: '2026-03', results: 1 })
        }
      })

      test('a trend of 120 months is the longest', async () => {
        expect(done(await api.trend({ from: '2016-05', to: '2026-04' })).months).toHaveLength(120)
        const refused = async (filter: Filter, earliest: string, last: string) =>
          expect(await api.trend(filter)).toEqual(
            refusal(
              api,
              'from',
              `must be ${earliest} or later: a trend has at most 120 months, and this one ends with ${last}`,
            ),
          )
        await refused({ from: '2016-04', to: '2026-04' }, '2016-05', '2026-04')
        await refused({ from: '2016-04' }, '2016-05', '2026-04')
        await refused({ from: '2016-03', mentor_id: 'bo' }, '2016-04', '2026-03')
        await refused({ to: '2036-01' }, '2026-02', '2036-01')
        expect(done(await api.trend({ to: '2036-01', mentor_id: 'ada' })).months).toHaveLength(120)
      })

      test('a month may be stated by its first day, as GraphQL shows it', async () => {
        const reads = [api.list, api.summary, api.trend, api.mentors, api.organisations] as const
        for (const read of reads) {
          const expected = done<object>(await read({ from: '2026-01', to: '2026-03' }))
          for (const [from = '', to = ''] of [
            ['2026-01-01', '2026-03'],
            ['2026-01', '2026-03-01'],
            ['2026-01-01', '2026-03-01'],
          ])
            expect(done<object>(await read({ from, to }))).toEqual(expected)
        }
      })

      test('groups of months have only the totals of these months', async () => {
        expect(done(await api.mentors({ to: '2026-02' }))).toMatchObject({
          total: 2,
          next: null,
          groups: [
            { id: 'ada', sessions: 1, results: 1, amounts: [sumsOf(null, 1, 1)] },
            { id: 'bo', sessions: 2, results: 2, amounts: [sumsOf(null, 2, 8)] },
          ],
        })
        expect(done(await api.organisations({ from: '2026-01', to: '2026-03' })).groups).toEqual([
          { id: 'north', sessions: 1, results: 1, amounts: [sumsOf(null, 1, 1)] },
          { id: 'south', sessions: 1, results: 1, amounts: [sumsOf(null, 1, 5)] },
          { id: null, sessions: 1, results: 1, amounts: [sumsOf(null, 1, 4)] },
        ])
        const ofBo = done(await api.organisations({ from: '2025-12', mentor_id: 'bo' }))
        expect(ofBo.groups.map(({ id, sessions }) => [id, sessions])).toEqual([
          ['south', 2],
          [null, 1],
        ])
        expect(done(await api.mentors({ from: '2026-05' }))).toMatchObject({ total: 0, next: null, groups: [] })
      })

      test('the pages of groups of months continue after `next`', async () => {
        const request = { to: '2026-03', order_by: 'time_value', descending: true, limit: 1 }
        const first = done(await api.mentors(request))
        expect(first).toMatchObject({ total: 2, groups: [{ id: 'bo', amounts: [sumsOf(null, 3, 12)] }] })
        const second = done(await api.mentors({ ...request, after: String(first.next) }))
        expect(second).toMatchObject({ total: 2, next: null, groups: [{ id: 'ada', amounts: [sumsOf(null, 1, 1)] }] })
      })
    })
  })

  overTotalsInterfaces(server, api => {
    const reads: [string, (filter: Filter) => Promise<object>][] = [
      ['list', filter => api.list(filter)],
      ['summary', filter => api.summary(filter)],
      ['trend', filter => api.trend(filter)],
      ['mentors', filter => api.mentors(filter)],
      ['organisations', filter => api.organisations(filter)],
    ]

    test.each(reads)('the %s refuses an impossible month, and months that are out of order', async (_, read) => {
      const detail = 'must be a month such as 2026-04, or its first day such as 2026-04-01'
      for (const month of [
        '2026-13',
        '2026-00',
        '2026-4',
        '2026',
        '26-04',
        '2026-04-1',
        '2026-04-15',
        '2026-04-30',
        '2026-13-01',
        'April',
        '',
        ' 2026-04',
      ]) {
        expect(await read({ from: month })).toEqual(refusal(api, 'from', detail))
        expect(await read({ to: month })).toEqual(refusal(api, 'to', detail))
      }
      expect(await read({ from: '2026-04', to: '2026-03' })).toEqual(refusal(api, 'to', 'must not be before from'))
      expect(await read({ from: '2026-13', to: '2026-04' })).toEqual(refusal(api, 'from', detail))
    })

    test('a trend refuses `last` beside months', async () => {
      const detail = 'works only without from and to: leave it out'
      const place = api.name === 'rest' ? { parameter: 'last' } : { pointer: '/last' }
      for (const filter of [{ from: '2026-01' }, { to: '2026-01' }, { from: '2026-01', to: '2026-01' }]) {
        // The default of `last` in the schema of GraphQL does not count as given, but the same number does.
        expect(await api.trend(filter, 12)).toMatchObject({ ok: false, facts: { errors: [{ detail, ...place }] } })
        expect(await api.trend(filter)).toMatchObject({ ok: true })
      }
    })
  })
})

/** Returns the refusal of a month, as this interface reports it. */
const refusal = (api: Api, end: 'from' | 'to', detail: string) => ({
  ok: false,
  code: api.name === 'rest' ? 'invalid_query' : 'validation_failed',
  facts: {
    errors: [{ detail, ...(api.name === 'rest' ? { parameter: end } : { pointer: `/filter/months/${end}` }) }],
  },
})
