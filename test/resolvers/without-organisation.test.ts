import { follow } from '../support/follow'
import { inputs } from '../support/inputs'
import { done, query, restApi } from '../support/interfaces'
import { serving } from '../support/server'
import { overStores } from '../support/stores'

const asked = `query ($filter: SessionFilter) {
  sessions(filter: $filter) { nodes { mentorId organisationId } totalCount }
  summary(filter: $filter) { sessions results amounts { results } }
  trend(filter: $filter, last: 1) { results }
  mentors(filter: $filter) { nodes { id sessions results } }
}`

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)

  test('a filter selects sessions without an organisation, in lists and totals', async () => {
    const api = restApi(server)
    for (const [mentor_id, organisation_id] of [['a', 'o'], ['a'], ['b', 'o'], ['c']]) {
      const started = await api.start({ mentor_id: mentor_id as string, ...(organisation_id && { organisation_id }) })
      if (started.ok && mentor_id !== 'c') await api.dispatch(started.session.session_id, 'CalculateRequested', inputs)
    }
    const { data, errors } = await query(server, asked, { filter: { withoutOrganisation: true } })
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      sessions: {
        nodes: [
          { mentorId: 'c', organisationId: null },
          { mentorId: 'a', organisationId: null },
        ],
        totalCount: 2,
      },
      summary: { sessions: 2, results: 1, amounts: [{ results: 1 }] },
      trend: [{ results: 1 }],
      mentors: {
        nodes: [
          { id: 'a', sessions: 1, results: 1 },
          { id: 'c', sessions: 1, results: 0 },
        ],
      },
    })
    const ofOne = await query(server, asked, { filter: { mentorId: 'a', withoutOrganisation: true } })
    expect(ofOne.data).toMatchObject({ sessions: { totalCount: 1 }, summary: { sessions: 1 } })
    const all = await query(server, asked, { filter: { withoutOrganisation: false } })
    expect(all.data).toMatchObject({ sessions: { totalCount: 4 }, summary: { sessions: 4 } })
  })

  test.each(['graphqlWs', 'graphqlSse'] as const)(
    'a subscription for sessions without an organisation gets only those over %s, live and resumed',
    async transport => {
      const api = restApi(server)
      const live = follow(server.url, transport, undefined, { organisation_id: null })
      const [ready] = await live.received(1)
      const mine = done(await api.start({ mentor_id: 'd' }))
      await api.start({ mentor_id: 'd', organisation_id: 'o' })
      const other = done(await api.start({ mentor_id: 'e' }))
      const told = await live.received(3)
      expect(told.slice(1)).toMatchObject([mine, other].map(({ session: { session_id } }) => ({ session_id })))
      const resumed = follow(server.url, transport, (ready as { cursor: string }).cursor, { organisation_id: null })
      expect(await resumed.received(3)).toEqual(told)
      live.connection.cut()
      resumed.connection.cut()
    },
  )

  test('an organisation and `withoutOrganisation` together are refused', async () => {
    const { errors } = await query(server, asked, { filter: { organisationId: 'o', withoutOrganisation: true } })
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ pointer: '/filter/withoutOrganisation', detail: 'must not be true together with an organisation' }],
    })
  })
})
