import { filteredQueries } from '../capabilities'
import { follow } from '../support/follow'
import { done, query, restApi } from '../support/interfaces'
import { clockAt, serving } from '../support/server'
import { overStores } from '../support/stores'

const asked = `query ($filter: SessionFilter) {
  sessions(filter: $filter) { nodes { mentorId organisationId } totalCount }
}`

overStores(({ newDatabase }) => {
  const clock = clockAt('2026-03-26T09:00:00.000Z')
  const server = serving(newDatabase, { clock })

  test('a filter selects sessions without an organisation', async () => {
    const api = restApi(server)
    for (const [i, [mentor_id, organisation_id]] of [['a', 'o'], ['a'], ['b', 'o'], ['c']].entries()) {
      clock.set(`2026-03-26T09:00:0${i}.000Z`)
      done(await api.start({ mentor_id: mentor_id as string, ...(organisation_id && { organisation_id }) }))
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
    })
    const ofOne = await query(server, asked, { filter: { mentorId: 'a', withoutOrganisation: true } })
    expect(ofOne.data).toMatchObject({ sessions: { totalCount: 1 } })
    const all = await query(server, asked, { filter: { withoutOrganisation: false } })
    expect(all.data).toMatchObject({ sessions: { totalCount: 4 } })
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

  test.each(filteredQueries)('an organisation and `withoutOrganisation` together are refused: %s', async text => {
    const { errors } = await query(server, text, { filter: { organisationId: 'o', withoutOrganisation: true } })
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ pointer: '/filter/withoutOrganisation', detail: 'must not be true together with an organisation' }],
    })
  })
})
