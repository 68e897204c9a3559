import { query } from '../../support/interfaces'
import { client, problem } from '../../support/rest'
import { clockAt, serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

const path = '/api/v1/benefit-summaries'
const server = serving(embeddedDatabase, { clock: clockAt('2026-03-26T09:15:59.999Z') })
const { get, ...make } = client(server)

test('a summary has its members in order, with the minutes in whole seconds', async () => {
  await make.loaded()
  const { status, headers, text } = await get(`${path}?mentor_id=mentor&state=loaded`)
  expect([status, headers['content-type'], headers['cache-control']]).toEqual([
    200,
    'application/json; charset=utf-8',
    'no-store',
  ])
  const minutes = Array.from({ length: 30 }, (_, i) => {
    const minute = new Date(Date.UTC(2026, 2, 26, 8, 46 + i)).toISOString().replace('.000', '')
    return `{"minute":"${minute}","count":${i === 29 ? 1 : 0}}`
  })
  const states = '{"state":"initial","count":0},{"state":"loaded","count":1},{"state":"error","count":0}'
  const amounts =
    '{"currency":null,"results":1,"sessions_held":25,"total_hours":12.5,"programme_cost":87.5,"time_value":375,"net_benefit":287.5,"benefit_cost_ratio":4.29}'
  expect(text).toBe(
    `{"sessions":1,"states":[${states}],"results":1,"amounts":[${amounts}],"calculations":[${minutes.join(',')}]}`,
  )
})

test('GraphQL shows the minutes of a summary in whole seconds, too', async () => {
  const { data } = await query(server, '{ summary { calculations { minute } } }')
  expect(data).toMatchObject({ summary: { calculations: { 0: { minute: '2026-03-26T08:46:00Z' } } } })
})

test.each([
  ['mentor_id=', 'mentor_id', 'must have 1 to 200 characters'],
  [`organisation_id=${'o'.repeat(201)}`, 'organisation_id', 'must have 1 to 200 characters'],
  ['organisation_id=%E2%80%AE', 'organisation_id', 'must not contain control characters'],
  ['mentor_id=a&mentor_id=a', 'mentor_id', 'must appear only once'],
  ['state=sleeping', 'state', 'must be one of initial, loading, loaded, error, closed'],
  ['state=', 'state', 'must be one of initial, loading, loaded, error, closed'],
])('the query %s is refused, with the parameter named', async (query, parameter, detail) => {
  const said = problem(await get(`${path}?${query}`))
  expect(said).toMatchObject({ status: 400, code: 'invalid_query', errors: [{ detail, parameter }] })
})

test('all faults of a query are reported at once', async () => {
  const { errors } = problem(await get(`${path}?mentor_id=&state=x&page=0`))
  expect(errors?.map(({ parameter }) => parameter)).toEqual(['mentor_id', 'state', 'page'])
})
