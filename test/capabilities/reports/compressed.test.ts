import { encodingOf, expectCompression } from '../../support/compression'
import { sendEncoded } from '../../support/encoded'
import { inputsOf } from '../../support/inputs'
import { done, graphqlDoor, restDoor } from '../../support/interfaces'
import { multiply } from '../../support/many'
import { json } from '../../support/rest'
import { serving } from '../../support/server'
import { calculation, stored } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { type ReportsDoor, withReports } from './door'

const server = serving(embeddedDatabase)
let token = ''

beforeAll(async () => {
  await multiply(server.store, await stored(server.store, {}, [calculation(1)]), 100)
  const door = withReports(restDoor(server))
  const { session_id } = done(await door.start({ mentor_id: 'mentor' })).session
  for (let sessions = 1; sessions <= 12; sessions++)
    done(await door.dispatch(session_id, 'CalculateRequested', inputsOf(sessions)))
  token = done(await door.shareReport({ title: 'Report', from: '2020-01', to: '2026-12' })).report.token
})

const reads: [what: string, isSecret: boolean, read: (door: ReportsDoor) => Promise<unknown>][] = [
  ['a list of reports', true, door => door.reports()],
  ['a shared report', true, door => door.sharedReport(token)],
]

describe.each([
  ['REST', restDoor],
  ['GraphQL', graphqlDoor],
])('over %s', (_, doorOf) => {
  test.each(reads)(
    '%s is compressed where that pays, contains no secret, and is readable to the client',
    async (...row) => {
      const [, isSecret, read] = row
      await expectCompression(server, doorOf, isSecret, door => read(withReports(door)))
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
