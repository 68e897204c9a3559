import { operations } from '../capabilities'
import { inputs } from '../support/inputs'
import { base, done, restApi } from '../support/interfaces'
import { asked, type Found, restRequestsOf } from '../support/operation'
import { client, problem } from '../support/rest'
import { clockAt, serving } from '../support/server'
import { overStores } from '../support/stores'
import { feedPath } from '../support/transports'

const owner = { mentor_id: 'mentor', organisation_id: 'org' } as Found
/** Requests of the operations with a filter of sessions. */
const filtered = operations
  .flatMap(restRequestsOf)
  .filter(({ query }) => query && 'organisation_id' in query(owner, ''))

overStores(({ newDatabase }) => {
  const clock = clockAt('2026-03-26T09:00:00.000Z')
  const server = serving(newDatabase, { clock })
  const { get } = client(server)
  const read = async (path: string) => JSON.parse((await get(path)).text)
  const ids: string[] = []
  let start = ''

  beforeAll(async () => {
    start = (await read(feedPath)).next
    const api = restApi(server)
    for (const [i, organisation_id] of ['org', null, 'org', null, null].entries()) {
      clock.set(`2026-03-26T09:00:0${i}.000Z`)
      const { session } = done(await api.start({ mentor_id: 'mentor', organisation_id, inputs }))
      if (organisation_id === null) ids.unshift(session.session_id)
    }
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

  test('the feed has only their transitions', async () => {
    const { data } = await read(`${feedPath}?after=${start}&without_organisation=true&event=SessionStarted`)
    expect(data.map(({ session_id }: { session_id: string }) => session_id)).toEqual(ids.toReversed())
  })

  test('false selects all', async () => {
    expect((await read(`${base}?without_organisation=false`)).pagination.total).toBe(5)
    expect((await read(`${base}?without_organisation=false&organisation_id=org`)).pagination.total).toBe(2)
  })

  test.each(filtered.map(request => [request.at, request] as const))(
    'with an organisation, %s refuses it',
    async (_, request) => {
      const { path } = asked(request, owner, start)
      const { errors } = problem(await get(`${path}&without_organisation=true`))
      expect(errors).toEqual([
        { detail: 'must not be true together with an organisation', parameter: 'without_organisation' },
      ])
      expect(problem(await get(`${path}&without_organisation=yes`)).code).toBe('invalid_query')
    },
  )
})
