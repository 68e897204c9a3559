import { accessWorld, beyond, type CallerName, ownerNames, sees, withRoles } from '../support/access'
import { rowsOf } from '../support/csv'
import { base, done } from '../support/interfaces'
import { overStores } from '../support/stores'

/** Number of visible sessions. Each owner has a session, and mentor_1 has one more without an organisation, the last. */
const seen: Record<(typeof withRoles)[number], number> = {
  admin: 5,
  coordinator: 2,
  mentor: 1,
  'mentor of no organisation': 3,
  reader: 2,
}

interface ListPage {
  nodes: { id: string }[]
  totalCount: number
  pageInfo: { hasNextPage: boolean; endCursor: string }
}

overStores(({ newDatabase }) => {
  const world = accessWorld(newDatabase)
  let alone = ''
  beforeAll(async () => {
    const [api] = world.apis('admin')
    alone = done(await api.start({ mentor_id: 'mentor_1' })).session.session_id
  })

  /** Returns the ids of the visible sessions, newest first. */
  const idsOf = (caller: CallerName): string[] => {
    const ids = ownerNames.filter(name => sees(caller, name)).map(name => world.found[name].session_id)
    const seesAll = caller === 'admin' || caller === 'mentor of no organisation'
    return (seesAll ? [...ids, alone] : ids).toReversed()
  }
  const { ask } = world

  describe.each(withRoles)('with the scope of %s, a caller', caller => {
    const sessions = seen[caller]

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

    test('gets the total of all sessions and of those with a result of some months, in REST and GraphQL', async () => {
      for (const api of world.apis(caller)) {
        expect(done(await api.list()).total).toBe(sessions)
        const results = idsOf(caller).filter(id => id !== alone).length
        expect(done(await api.list({ from: '2026-01' })).total).toBe(results)
      }
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

    test('gets the related objects of its own sessions, from a list and by id', async () => {
      const text = `fragment All on Session { id result { resultId } results { resultId } share { token } shares { token }
        transitions(first: 4) { sequence session { id result { resultId } } } }
        query ($id: ID!) { sessions(first: 5) { nodes { ...All } } session(id: $id) { ...All } }`
      const { session_id, result_id, token } = world.found.a
      const whole = {
        id: session_id,
        result: { resultId: result_id },
        results: [{ resultId: result_id }],
        share: { token },
        shares: [{ token }],
        transitions: [1, 2, 3, 4].map(sequence => ({
          sequence,
          session: { id: session_id, result: sequence < 3 ? null : { resultId: result_id } },
        })),
      }
      const data = await ask(caller, text, { id: session_id })
      expect(data.session).toEqual(whole)
      expect(data.sessions.nodes).toContainEqual(whole)
    })
  })

  test.each(beyond)('%s gets nothing for %j', async (caller, filter) => {
    for (const api of world.apis(caller)) expect(done(await api.list(filter))).toMatchObject({ sessions: [], total: 0 })
    const query = new URLSearchParams({ ...filter, format: 'csv' })
    expect(rowsOf((await world.rest(caller).get(`${base}?${query}`)).text)).toEqual([])
  })

  test('a filter within the scope narrows it further', async () => {
    for (const api of world.apis('coordinator')) {
      const { sessions, total } = done(await api.list({ mentor_id: 'mentor_2', state: 'loaded' }))
      expect(sessions.map(({ session_id }) => session_id)).toEqual([world.found.b.session_id])
      expect(total).toBe(1)
      expect(done(await api.list({ state: 'initial' })).total).toBe(0)
    }
  })

  test('a cursor of a list from another scope reveals nothing of that scope', async () => {
    const { sessions } = await ask('admin', '{ sessions(first: 1) { edges { cursor } } }')
    const text = 'query ($list: String) { sessions(after: $list) { nodes { id } } }'
    expect(await ask('mentor', text, { list: sessions.edges[0].cursor })).toEqual({
      sessions: { nodes: [{ id: world.found.a.session_id }] },
    })
  })
})
