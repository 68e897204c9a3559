import { encodingOf, expectCompression } from '../../support/compression'
import { sendEncoded } from '../../support/encoded'
import { inputsOf } from '../../support/inputs'
import { done, graphqlApi, restApi } from '../../support/interfaces'
import { multiply } from '../../support/many'
import { json } from '../../support/rest'
import { serving } from '../../support/server'
import { calculation, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { type ReportsApi, withReports } from './api'

const server = serving(embeddedDatabase)
let token = ''

beforeAll(async () => {
  await multiply(server.store, await stored(server.store, {}, [calculation(1)]), 100)
  const api = withReports(restApi(server))
  const { session_id } = done(await api.start({ mentor_id: 'mentor' })).session
  for (let sessions = 1; sessions <= 12; sessions++)
    done(await api.dispatch(session_id, 'CalculateRequested', inputsOf(sessions)))
  token = done(await api.shareReport({ title: 'Report', from: '2020-01', to: '2026-12' })).report.token
})

const reads: [what: string, isSecret: boolean, read: (api: ReportsApi) => Promise<unknown>][] = [
  ['a list of reports', true, api => api.reports()],
  ['a shared report', true, api => api.sharedReport(token)],
]

describe.each([
  ['REST', restApi],
  ['GraphQL', graphqlApi],
])('over %s', (_, apiOf) => {
  test.each(reads)(
    '%s is compressed where that pays, contains no secret, and is readable to the client',
    async (...row) => {
      const [, isSecret, read] = row
      await expectCompression(server, apiOf, isSecret, api => read(withReports(api)))
    },
  )
})

test('GraphQL sends a response that may contain a report uncompressed', async () => {
  const query = `{ sessions(first: 100) { nodes { id } } sharedReport(token: "${token}") { caveat } }`
  for (const time of ['first', 'second']) {
    const headers = { ...json, 'Accept-Encoding': 'gzip' }
    const answer = await sendEncoded(server.url, 'POST', '/graphql', headers, JSON.stringify({ query }))
    expect({ time, long: answer.bytes.length > 1_400, encoding: encodingOf(answer) }).toEqual({ time, long: true })
    expect(answer.headers).not.toHaveProperty('vary')
  }
})
