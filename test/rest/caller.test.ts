import { sentBy } from '../support/access'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { issuing, people } from '../support/tokens'

const path = '/api/v1/benefit-caller'

describe('with sign-in', () => {
  const { config, bearer } = issuing()
  const server = serving(embeddedDatabase, { config })
  const exp = Date.parse('2126-03-26T09:30:00Z') / 1_000
  const unscoped = { mentor_id: null, organisation_id: null }

  test.each([
    ['admin', { by: 'Ada Admin', may: 'administer', ...unscoped }],
    ['coordinator', { by: 'Cora Coordinator', may: 'change', mentor_id: null, organisation_id: 'org_1' }],
    ['mentor', { by: 'Mo Mentor', may: 'change', mentor_id: 'mentor_1', organisation_id: 'org_1' }],
    ['reader', { by: 'Rea Reader', may: 'read', mentor_id: null, organisation_id: 'org_1' }],
  ] as const)('the response describes the %s named in the token, and its expiry', async (role, expected) => {
    const { get } = client(server, sentBy(bearer({ ...people[role], exp })))
    const { status, text } = await get(path)
    expect([status, text]).toEqual([
      200,
      JSON.stringify({ ...expected, expires_at: '2126-03-26T09:30:00Z', role, rate: null }),
    ])
  })

  test('a token that never ends has an expiry with a year of four digits', async () => {
    const { get } = client(server, sentBy(bearer({ ...people.admin, exp: 1e300 })))
    expect(JSON.parse((await get(path)).text)).toMatchObject({ expires_at: '9999-12-31T23:59:59Z' })
  })

  test('a token with neither name nor subject yields a caller without a name', async () => {
    const { get } = client(server, sentBy(bearer({ role: 'admin', sub: undefined })))
    expect(JSON.parse((await get(path)).text)).toMatchObject({ by: null, may: 'administer' })
  })
})

describe('without sign-in', () => {
  const server = serving(embeddedDatabase)

  test('the caller has no name and may do everything', async () => {
    const { text } = await client(server).get(path, { Authorization: 'Bearer whatever' })
    expect(text).toBe(
      '{"by":null,"may":"administer","mentor_id":null,"organisation_id":null,"expires_at":null,"role":null,"rate":null}',
    )
  })
})
