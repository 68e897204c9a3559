import { randomUUID } from 'node:crypto'
import { inputsOf } from '../../support/inputs'
import { base, done, graphqlApi, restApi } from '../../support/interfaces'
import { client } from '../../support/rest'
import { serving } from '../../support/server'
import { overStores } from '../../support/stores'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const read = async (path: string) => JSON.parse((await client(server).get(path)).text)

  test('totals of an external id are those of its sessions', async () => {
    const api = restApi(server)
    const external_id = randomUUID()
    for (const [i, organisation_id] of ['one', null, 'two'].entries()) {
      done(await api.start({ mentor_id: `mentor ${i}`, organisation_id, external_id, inputs: inputsOf(i + 1) }))
      done(await api.start({ mentor_id: `mentor ${i}`, organisation_id, inputs: inputsOf(100) }))
    }
    const query = `external_id=${external_id}`
    expect((await read(`${base}?${query}`)).pagination.total).toBe(3)
    expect(await read(`/api/v1/benefit-summaries?${query}`)).toMatchObject({
      sessions: 3,
      amounts: [{ results: 3, sessions_held: 6 }],
    })
    expect((await read(`/api/v1/benefit-summaries?${query}&organisation_id=two`)).amounts[0].sessions_held).toBe(3)
    expect((await read(`/api/v1/benefit-summaries?${query}&without_organisation=true`)).amounts[0].sessions_held).toBe(
      2,
    )
    expect((await read(`/api/v1/benefit-trends?${query}&last=1`)).data[0].results).toBe(3)
    const mentors = await read(`/api/v1/benefit-mentors?${query}&mentor_id=mentor+1`)
    expect(mentors.data).toMatchObject([{ mentor_id: 'mentor 1', sessions: 1 }])
    expect((await read(`/api/v1/benefit-organisations?${query}`)).pagination.total).toBe(3)
    const { data } = await graphqlApi(server).ask(
      'query ($filter: SessionFilter!) { summary(filter: $filter) { sessions } sessions(filter: $filter) { totalCount } }',
      { filter: { externalId: external_id } },
    )
    expect(data).toEqual({ summary: { sessions: 3 }, sessions: { totalCount: 3 } })
  })
})
