import { accessWorld, type CallerName, placeNames, sees } from '../support/access'
import { rowsOf } from '../support/csv'
import { base, done } from '../support/interfaces'
import { overStores } from '../support/stores'

const withRoles = [
  'admin',
  'coordinator',
  'mentor',
  'mentor of no organisation',
  'reader',
] as const satisfies CallerName[]

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

/** Filters outside the scope of each caller. */
const beyond: [CallerName, object][] = [
  ['coordinator', { organisation_id: 'org_2' }],
  ['coordinator', { organisation_id: 'org_2', mentor_id: 'mentor_1' }],
  ['coordinator', { mentor_id: 'mentor_3' }],
  ['mentor', { mentor_id: 'mentor_2' }],
  ['mentor', { organisation_id: 'org_2' }],
  ['mentor', { mentor_id: 'mentor_2', organisation_id: 'org_1' }],
  ['mentor', { mentor_id: 'mentor_1', organisation_id: 'org_2' }],
  ['mentor of no organisation', { mentor_id: 'mentor_2' }],
  ['mentor of no organisation', { organisation_id: 'org_3' }],
  ['mentor of no organisation', { mentor_id: 'mentor_2', organisation_id: 'org_1' }],
  ['reader', { organisation_id: 'org_2', state: 'loaded' }],
]

interface ListPage {
  nodes: { id: string }[]
  totalCount: number
  pageInfo: { hasNextPage: boolean; endCursor: string }
}

interface Group {
  id: string | null
  sessions: number
  amounts: { results: number; sessionsHeld: number }[]
}

overStores(({ place }) => {
  const world = accessWorld(place)
  let alone = ''
  beforeAll(async () => {
    const [door] = world.doors('admin')
    alone = done(await door.start({ mentor_id: 'mentor_1' })).session.session_id
  })

  /** Returns the ids of the visible sessions, newest first. */
  const idsOf = (caller: CallerName): string[] => {
    const ids = placeNames.filter(name => sees(caller, name)).map(name => world.found[name].session_id)
    const seesAll = caller === 'admin' || caller === 'mentor of no organisation'
    return (seesAll ? [...ids, alone] : ids).toReversed()
  }
  const ask = async (caller: CallerName, query: string, variables = {}) => {
    const { text } = await world.rest(caller).post('/graphql', JSON.stringify({ query, variables }))
    const { data, errors } = JSON.parse(text)
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }

  describe.each(withRoles)('with the scope of %s, a caller', caller => {
    const { sessions, groups, mentors } = seen[caller]

    test('gets a list with its total, page by page', async () => {
      const ids = idsOf(caller)
      const { get } = world.rest(caller)
      for (const [i, id] of ids.entries()) {
        const { headers, text } = await get(`${base}?limit=1&page=${i + 1}`)
        const { data, pagination } = JSON.parse(text)
        expect(data.map(({ session_id }: { session_id: string }) => session_id)).toEqual([id])
        expect(pagination).toEqual({ page: i + 1, limit: 1, total: sessions })
        expect(headers.link).toContain(`<${base}?page=${sessions}&limit=1>; rel="last"`)
      }
      expect(JSON.parse((await get(`${base}?limit=1&page=${sessions + 1}`)).text).data).toEqual([])
    })

    test('gets a connection with its total', async () => {
      const ids: string[] = []
      let after: string | null = null
      do {
        const text = `query ($after: String) { sessions(first: 1, after: $after) {
          nodes { id } totalCount pageInfo { hasNextPage endCursor } } }`
        const { sessions: page } = (await ask(caller, text, { after })) as { sessions: ListPage }
        expect(page.totalCount).toBe(sessions)
        ids.push(...page.nodes.map(({ id }) => id))
        after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
      } while (after !== null)
      expect(ids).toEqual(idsOf(caller))
    })

    test('gets a sorted list, in REST and GraphQL', async () => {
      const ids = idsOf(caller).toSorted()
      const { sessions } = await ask(caller, '{ sessions(orderBy: {by: TOTAL_HOURS}) { nodes { id } totalCount } }')
      expect(sessions.nodes.map(({ id }: { id: string }) => id).toSorted()).toEqual(ids)
      expect(sessions.totalCount).toBe(ids.length)
      const { data } = JSON.parse((await world.rest(caller).get(`${base}?sort=-label`)).text)
      expect(data.map(({ session_id }: { session_id: string }) => session_id).toSorted()).toEqual(ids)
    })

    test('gets a CSV file', async () => {
      const { text } = await world.rest(caller).get(base, { Accept: 'text/csv' })
      expect(rowsOf(text).map(({ session_id }) => session_id)).toEqual(idsOf(caller))
    })

    test('gets totals, by month and by group, in REST and GraphQL', async () => {
      const results = idsOf(caller).filter(id => id !== alone).length
      for (const door of world.doors(caller)) {
        const { summary } = done(await door.summary())
        expect(summary).toMatchObject({ sessions, results, amounts: [{ results, sessions_held: 10 * results }] })
        expect(summary.calculations.reduce((sum, { count }) => sum + count, 0)).toBe(results)
        expect(done(await door.list()).total).toBe(sessions)
        const months = { from: '2026-01' }
        expect(done(await door.list(months)).total).toBe(results)
        expect(done(await door.summary(months)).summary).toMatchObject({ sessions: results, results })
        const trends = [done(await door.trend({}, 2)), done(await door.trend(months))]
        for (const { months } of trends) expect(months.reduce((sum, { results }) => sum + results, 0)).toBe(results)
        for (const [page, expected] of [
          [done(await door.mentors()), mentors],
          [done(await door.organisations()), groups],
        ] as const) {
          expect(Object.fromEntries(page.groups.map(({ id, sessions }) => [id, sessions]))).toEqual(expected)
          expect(page.total).toBe(page.groups.length)
        }
        const inMonths = done(await door.organisations(months)).groups
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

    test('gets the related objects of its own sessions, from a list and by id', async () => {
      const text = `fragment All on Session { id result { id } results { id } share { token } shares { token }
        transitions(first: 4) { sequence session { id result { id } } } }
        query ($id: ID!) { sessions(first: 5) { nodes { ...All } } session(id: $id) { ...All } }`
      const { session_id, result_id, token } = world.found.a
      const whole = {
        id: session_id,
        result: { id: result_id },
        results: [{ id: result_id }],
        share: { token },
        shares: [{ token }],
        transitions: [1, 2, 3, 4].map(sequence => ({
          sequence,
          session: { id: session_id, result: sequence < 3 ? null : { id: result_id } },
        })),
      }
      const data = await ask(caller, text, { id: session_id })
      expect(data.session).toEqual(whole)
      expect(data.sessions.nodes).toContainEqual(whole)
    })
  })

  test.each(beyond)('%s gets nothing for %j', async (caller, filter) => {
    for (const door of world.doors(caller)) {
      expect(done(await door.list(filter))).toMatchObject({ sessions: [], total: 0 })
      expect(done(await door.summary(filter)).summary).toMatchObject({ sessions: 0, results: 0, amounts: [] })
      expect(done(await door.trend(filter)).months.every(({ results }) => results === 0)).toBe(true)
      expect(done(await door.mentors(filter))).toMatchObject({ groups: [], total: 0, next: null })
      expect(done(await door.organisations(filter))).toMatchObject({ groups: [], total: 0, next: null })
    }
    const query = new URLSearchParams({ ...filter, format: 'csv' })
    expect(rowsOf((await world.rest(caller).get(`${base}?${query}`)).text)).toEqual([])
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

  test('a filter within the scope narrows it further', async () => {
    for (const door of world.doors('coordinator')) {
      const { sessions, total } = done(await door.list({ mentor_id: 'mentor_2', state: 'loaded' }))
      expect(sessions.map(({ session_id }) => session_id)).toEqual([world.found.b.session_id])
      expect(total).toBe(1)
      expect(done(await door.list({ state: 'initial' })).total).toBe(0)
    }
  })

  test('a cursor of a list or of groups from another scope reveals nothing of that scope', async () => {
    const lists = '{ sessions(first: 1) { edges { cursor } } mentors(first: 1) { edges { cursor } } }'
    const admins = await ask('admin', lists)
    const text = `query ($list: String, $mentors: String) {
      sessions(after: $list) { nodes { id } } mentors(after: $mentors) { nodes { id } } }`
    const [list, mentors] = [admins.sessions.edges[0].cursor, admins.mentors.edges[0].cursor]
    expect(await ask('mentor', text, { list, mentors })).toEqual({
      sessions: { nodes: [{ id: world.found.a.session_id }] },
      mentors: { nodes: [] },
    })
  })
})
