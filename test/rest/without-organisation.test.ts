import { mentorsPath } from '../../src/rest/resources/access'
import { inputs } from '../support/inputs'
import { base, done, restApi } from '../support/interfaces'
import { client, problem } from '../support/rest'
import { serving } from '../support/server'
import { overStores } from '../support/stores'
import { feedPath } from '../support/transports'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const { get } = client(server)
  const read = async (path: string) => JSON.parse((await get(path)).text)
  const ids: string[] = []
  let start = ''

  beforeAll(async () => {
    start = (await read(feedPath)).next
    const api = restApi(server)
    for (const organisation_id of ['org', null, 'org', null, null]) {
      const { session } = done(await api.start({ mentor_id: 'mentor', organisation_id, inputs }))
      if (organisation_id === null) ids.unshift(session.session_id)
    }
    expect((await read('/api/v1/benefit-summaries')).sessions).toBe(5)
  })

  test('lists and CSV files have only sessions without an organisation', async () => {
    const { data, pagination } = await read(`${base}?without_organisation=true&limit=2`)
    expect(data.map(({ session_id }: { session_id: string }) => session_id)).toEqual(ids.slice(0, 2))
    expect(pagination.total).toBe(3)
    const { headers } = await get(`${base}?without_organisation=true&limit=2`)
    expect(headers.link).toContain('page=2&limit=2&without_organisation=true>; rel="next"')
    const { text } = await get(`${base}?without_organisation=true&format=csv`)
    expect(
      text
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map(row => row.split(',')[0]),
    ).toEqual(ids)
  })

  test('so do summaries, trends and mentors', async () => {
    expect((await read('/api/v1/benefit-summaries?without_organisation=true')).results).toBe(3)
    const { data } = await read('/api/v1/benefit-trends?without_organisation=true&last=1')
    expect(data[0].results).toBe(3)
    expect((await read(`${mentorsPath}?without_organisation=true`)).data[0].sessions).toBe(3)
  })

  test('the feed has only their transitions', async () => {
    const { data } = await read(`${feedPath}?after=${start}&without_organisation=true&event=SessionStarted`)
    expect(data.map(({ session_id }: { session_id: string }) => session_id)).toEqual(ids.toReversed())
  })

  test('false selects all', async () => {
    expect((await read(`${base}?without_organisation=false`)).pagination.total).toBe(5)
    expect((await read(`${base}?without_organisation=false&organisation_id=org`)).pagination.total).toBe(2)
  })

  test.each([
    base,
    '/api/v1/benefit-summaries',
    '/api/v1/benefit-trends',
    mentorsPath,
    feedPath,
    '/api/v1/benefit-shares',
  ])('with an organisation it is refused: %s', async path => {
    const { errors } = problem(await get(`${path}?organisation_id=org&without_organisation=true`))
    expect(errors).toEqual([
      { detail: 'must not be true together with an organisation', parameter: 'without_organisation' },
    ])
    expect(problem(await get(`${path}?without_organisation=yes`)).code).toBe('invalid_query')
  })
})
