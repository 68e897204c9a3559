import { accessWorld, beyond, type CallerName, ownerNames, owners, sees, withRoles } from '../../support/access'
import { type Subscribed, subscribe } from '../../support/follow'
import { done } from '../../support/interfaces'
import { overStores } from '../../support/stores'
import { until } from '../../support/until'
import { withTotals } from './api'

/**
 * Expected counts per caller. Each place has a session, and mentor_1 has one more without an organisation, the last.
 */
const seen: Record<
  (typeof withRoles)[number],
  { sessions: number; groups: Record<string, number>; mentors: Record<string, number> }
> = {
  admin: { sessions: 5, groups: { org_1: 2, org_2: 2, null: 1 }, mentors: { mentor_1: 3, mentor_2: 2 } },
  coordinator: { sessions: 2, groups: { org_1: 2 }, mentors: { mentor_1: 1, mentor_2: 1 } },
  mentor: { sessions: 1, groups: { org_1: 1 }, mentors: { mentor_1: 1 } },
  'mentor of no organisation': { sessions: 3, groups: { org_1: 1, org_2: 1, null: 1 }, mentors: { mentor_1: 3 } },
  reader: { sessions: 2, groups: { org_1: 2 }, mentors: { mentor_1: 1, mentor_2: 1 } },
}

interface Group {
  id: string | null
  sessions: number
  amounts: { results: number; sessionsHeld: number }[]
}

overStores(({ newDatabase }) => {
  const world = accessWorld(newDatabase)
  beforeAll(async () => {
    const [api] = world.apis('admin')
    done(await api.start({ mentor_id: 'mentor_1' }))
  })

  const { ask } = world

  describe.each(withRoles)('with the scope of %s, a caller', caller => {
    const { sessions, groups, mentors } = seen[caller]

    test('gets totals, by month and by group, in REST and GraphQL', async () => {
      const results = ownerNames.filter(name => sees(caller, name)).length
      for (const api of world.apis(caller).map(withTotals)) {
        const { summary } = done(await api.summary())
        expect(summary).toMatchObject({ sessions, results, amounts: [{ results, sessions_held: 10 * results }] })
        expect(summary.calculations.reduce((sum, { count }) => sum + count, 0)).toBe(results)
        const months = { from: '2026-01' }
        expect(done(await api.summary(months)).summary).toMatchObject({ sessions: results, results })
        const trends = [done(await api.trend({}, 2)), done(await api.trend(months))]
        for (const { months } of trends) expect(months.reduce((sum, { results }) => sum + results, 0)).toBe(results)
        for (const [page, expected] of [
          [done(await api.mentors()), mentors],
          [done(await api.organisations()), groups],
        ] as const) {
          expect(Object.fromEntries(page.groups.map(({ id, sessions }) => [id, sessions]))).toEqual(expected)
          expect(page.total).toBe(page.groups.length)
        }
        const inMonths = done(await api.organisations(months)).groups
        expect(inMonths.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(results)
      }
      const groupsText = 'nodes { id sessions amounts { results sessionsHeld } } totalCount'
      const data = await ask(
        caller,
        `{ trend(last: 2) { results } mentors { ${groupsText} } organisations { ${groupsText} } }`,
      )
      expect(data.trend[0].results + data.trend[1].results).toBe(results)
      for (const [name, expected] of Object.entries({ mentors, organisations: groups })) {
        const { nodes, totalCount } = data[name] as { nodes: Group[]; totalCount: number }
        expect(Object.fromEntries(nodes.map(group => [group.id, group.sessions]))).toEqual(expected)
        expect(totalCount).toBe(nodes.length)
        expect(nodes.flatMap(({ amounts }) => amounts).reduce((sum, { results }) => sum + results, 0)).toBe(results)
      }
    })
  })

  test.each(beyond)('%s gets nothing for %j', async (caller, filter) => {
    for (const api of world.apis(caller).map(withTotals)) {
      expect(done(await api.summary(filter)).summary).toMatchObject({ sessions: 0, results: 0, amounts: [] })
      expect(done(await api.trend(filter)).months.every(({ results }) => results === 0)).toBe(true)
      expect(done(await api.mentors(filter))).toMatchObject({ groups: [], total: 0, next: null })
      expect(done(await api.organisations(filter))).toMatchObject({ groups: [], total: 0, next: null })
    }
    const { mentor_id, organisation_id } = filter as { mentor_id?: string; organisation_id?: string }
    const data = await ask(
      caller,
      `query ($filter: SessionFilter) { trend(filter: $filter) { results }
        mentors(filter: $filter) { nodes { id } totalCount } }`,
      { filter: { mentorId: mentor_id, organisationId: organisation_id } },
    )
    expect(data.mentors).toEqual({ nodes: [], totalCount: 0 })
    expect(data.trend.every(({ results }: { results: number }) => results === 0)).toBe(true)
  })

  test('a cursor of groups from another scope reveals nothing of that scope', async () => {
    const { mentors } = await ask('admin', '{ mentors(first: 1) { edges { cursor } } }')
    const text = 'query ($mentors: String) { mentors(after: $mentors) { nodes { id } } }'
    expect(await ask('mentor', text, { mentors: mentors.edges[0].cursor })).toEqual({ mentors: { nodes: [] } })
  })

  describe.each(['graphql-ws', 'graphql-sse'] as const)('identical subscriptions over %s', client => {
    type Told = Record<string, unknown>
    const side = (query: string) =>
      (['mentor', 'admin', 'coordinator'] as const).map((caller): [CallerName, Subscribed<Told>] => [
        caller,
        subscribe<Told>(world.server.url, query, {}, client, world.authorization(caller)),
      ])

    test("count only each caller's scope", async () => {
      const subscribed = side('subscription { summary { summary { sessions } } }')
      done(await world.apis('admin')[0].start(owners.b))
      const counts: number[] = []
      for (const [caller] of subscribed) {
        counts.push(done(await withTotals(world.apis(caller)[0]).summary()).summary.sessions)
      }
      const told = () => subscribed.map(([, { results }]) => JSON.stringify(results.at(-1)))
      const expected = counts.map(sessions => JSON.stringify({ summary: { summary: { sessions } } }))
      await until(
        () => told().join() === expected.join(),
        60_000,
        () => `${told()} to be ${expected}`,
      )
      for (const [, { leave }] of subscribed) leave()
      expect(new Set(counts).size).toBe(3)
    })
  })
})
