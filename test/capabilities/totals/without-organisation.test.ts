import { mentorsPath } from '../../../src/rest/resources/access'
import { inputs } from '../../support/inputs'
import { done, query, restApi } from '../../support/interfaces'
import { client } from '../../support/rest'
import { serving } from '../../support/server'
import { overStores } from '../../support/stores'

const asked = `query ($filter: SessionFilter) {
  summary(filter: $filter) { sessions results amounts { results } }
  trend(filter: $filter, last: 1) { results }
  mentors(filter: $filter) { nodes { id sessions results } }
}`

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const read = async (path: string) => JSON.parse((await client(server).get(path)).text)

  beforeAll(async () => {
    const api = restApi(server)
    for (const [mentor_id, organisation_id] of [
      ['a', 'o'],
      ['a', null],
      ['b', 'o'],
    ] as const)
      done(await api.start({ mentor_id, organisation_id, inputs }))
    done(await api.start({ mentor_id: 'c' }))
  })

  test('a filter selects sessions without an organisation in all totals over GraphQL', async () => {
    expect(await query(server, asked, { filter: { withoutOrganisation: true } })).toEqual({
      data: {
        summary: { sessions: 2, results: 1, amounts: [{ results: 1 }] },
        trend: [{ results: 1 }],
        mentors: {
          nodes: [
            { id: 'a', sessions: 1, results: 1 },
            { id: 'c', sessions: 1, results: 0 },
          ],
        },
      },
    })
    const ofOne = await query(server, asked, { filter: { mentorId: 'a', withoutOrganisation: true } })
    expect(ofOne.data).toMatchObject({ summary: { sessions: 1 } })
    const all = await query(server, asked, { filter: { withoutOrganisation: false } })
    expect(all.data).toMatchObject({ summary: { sessions: 4 } })
  })

  test('and over REST', async () => {
    expect((await read('/api/v1/benefit-summaries?without_organisation=true')).results).toBe(1)
    const { data } = await read('/api/v1/benefit-trends?without_organisation=true&last=1')
    expect(data[0].results).toBe(1)
    expect((await read(`${mentorsPath}?without_organisation=true`)).data).toMatchObject([
      { mentor_id: 'a', sessions: 1 },
      { mentor_id: 'c', sessions: 1 },
    ])
  })
})
