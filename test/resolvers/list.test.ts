import { filteredQueries } from '../capabilities'
import { done, graphqlApi, query, restApi } from '../support/interfaces'
import { serving } from '../support/server'
import { noon, secondsAfter, stored } from '../support/sessions'
import { overStores } from '../support/stores'
import { until } from '../support/until'

interface Page {
  edges: { cursor: string; node: { id: string } }[]
  nodes: { id: string }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
  totalCount: number
}

const text = `query ($first: Int, $after: String, $filter: SessionFilter) {
  sessions(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  }
}`

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const page = async (variables: object): Promise<Page> => {
    const { data, errors } = await query(server, text, variables)
    expect(errors).toBeUndefined()
    return data?.sessions as Page
  }
  const refusal = async (variables: object) => (await query(server, text, variables)).errors?.[0]
  const ids = ({ nodes }: Page): string[] => nodes.map(({ id }) => id)
  const newest = Array.from({ length: 45 }, (_, i) => `s ${String(45 - i).padStart(2, '0')}`)

  beforeAll(async () => {
    // Three sessions per second, so that page ends fall inside a second, where ids decide the order.
    for (const [age, session_id] of newest.toReversed().entries()) {
      const who = { session_id, mentor_id: `m${age % 2}`, organisation_id: age < 5 ? 'early' : null }
      await stored(server.store, who, [], secondsAfter(noon, Math.floor(age / 3)))
    }
    // These writes bypass the use cases, so totals do not wait for them.
    await until(async () => (await page({ first: 1 })).totalCount === newest.length, 10_000, 'the total')
  })

  test.each([1, 7, 45, 100])(
    'from cursor to cursor, %d per page, each session is returned once, newest first',
    async first => {
      const seen: string[] = []
      let after: string | null = null
      for (let more = true; more; ) {
        const found: Page = await page({ first, after })
        expect(found.edges.map(({ node }) => node)).toEqual(found.nodes)
        expect(found.pageInfo).toMatchObject({
          hasPreviousPage: after !== null,
          startCursor: found.edges[0]?.cursor,
          endCursor: found.edges.at(-1)?.cursor,
        })
        expect(found.totalCount).toBe(45)
        seen.push(...ids(found))
        after = found.pageInfo.endCursor
        more = found.pageInfo.hasNextPage
      }
      expect(seen).toEqual(newest)
    },
  )

  test.each([
    [{ mentorId: 'x'.repeat(60_000) }, ['/filter/mentorId']],
    [{ mentorId: 'a\nb', organisationId: '\u202e' }, ['/filter/mentorId', '/filter/organisationId']],
  ])('an invalid filter is refused with its pointer: %#', async (filter, pointers) => {
    const expected = {
      code: 'VALIDATION_FAILED',
      errors: pointers.map(pointer => expect.objectContaining({ pointer })),
    }
    for (const text of filteredQueries)
      expect((await query(server, text, { filter })).errors?.[0]?.extensions).toMatchObject(expected)
    const feed = 'subscription ($filter: FeedFilter) { feed(filter: $filter) { __typename } }'
    const answer = await fetch(`${server.url}/graphql/stream`, {
      method: 'POST',
      headers: { Accept: 'text/event-stream', 'Content-Type': 'application/json' },
      body: JSON.stringify({ query: feed, variables: { filter } }),
    })
    expect(await answer.text()).toContain(`"pointer":"${pointers[0]}"`)
  })

  test('REST and GraphQL list the same sessions in the same order', async () => {
    for (const filter of [
      {},
      { mentor_id: 'm1' },
      { organisation_id: 'early' },
      { mentor_id: 'm0', organisation_id: 'early' },
      { state: 'initial' as const },
      { state: 'closed' as const },
    ]) {
      const listed = done(await restApi(server).list(filter, 50))
      expect(await graphqlApi(server).list(filter, 50)).toEqual(listed)
    }
    expect(ids(await page({}))).toEqual(newest.slice(0, 20))
  })

  test('filters select, and a null member does not filter', async () => {
    expect(ids(await page({ filter: { organisationId: 'early', mentorId: 'm0' } }))).toEqual(['s 05', 's 03', 's 01'])
    expect(await page({ filter: { state: 'LOADED' } })).toMatchObject({ nodes: [], totalCount: 0 })
    const nothing = { mentorId: null, organisationId: null, state: null }
    expect((await page({ filter: nothing })).totalCount).toBe(45)
    expect(ids(await page({ filter: { ...nothing, mentorId: 'm0' }, first: 2 }))).toEqual(['s 45', 's 43'])
    expect((await page({ filter: null, first: null, after: null })).nodes).toHaveLength(20)
  })

  test('a page past the end is empty, with no next page', async () => {
    const { pageInfo } = await page({ first: 45 })
    expect(pageInfo.hasNextPage).toBe(false)
    expect(await page({ after: pageInfo.endCursor })).toEqual({
      edges: [],
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
      totalCount: 45,
    })
  })

  test('a cursor outlives its session', async () => {
    const session_id = 's 45 closed'
    await stored(server.store, { session_id }, [], secondsAfter(noon, 14))
    const { edges } = await page({ first: 1 })
    expect(edges[0]?.node.id).toBe(session_id)
    done(await restApi(server).close(session_id))
    expect(ids(await page({ first: 2, after: edges[0]?.cursor }))).toEqual(['s 45', 's 44'])
  })

  test.each([
    [0, 'must be at least 1'],
    [-1, 'must be at least 1'],
    [101, 'must be at most 100'],
  ])('first %d is refused at /first', async (first, detail) => {
    expect((await refusal({ first }))?.extensions).toEqual({
      code: 'VALIDATION_FAILED',
      errors: [{ detail, pointer: '/first' }],
    })
  })

  test.each([
    'x',
    's 45',
    '2026-03-26T12:00:00Z s',
    Buffer.from('not a cursor').toString('base64url'),
    [['created_at', true, null], '2026-13-26T12:00:00.000Z', 's'],
    [['created_at', true, null], '2026-03-26T12:00:00Z', 's'],
    [['created_at', false, null], '2026-03-26T12:00:00.000Z', 's'],
    'é',
    '9'.repeat(5_000),
  ])('the cursor %j is refused, even if it is signed', async cursor => {
    const after = Array.isArray(cursor) ? server.sessions.queries.cursors.encode('sessions', cursor) : cursor
    expect((await refusal({ after }))?.extensions).toMatchObject({
      code: 'INVALID_CURSOR',
      errors: [{ pointer: '/after' }],
    })
  })
})
