import { sentBy } from '../support/access'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { embeddedPlace } from '../support/stores'
import { issuing, people } from '../support/tokens'

const path = '/api/v1/benefit-caller'

describe('where tokens are asked for', () => {
  const { config, bearer } = issuing()
  const server = serving(embeddedPlace, { config })
  const exp = Date.parse('2126-03-26T09:30:00Z') / 1_000
  const unscoped = { mentor_id: null, organisation_id: null }

  test.each([
    ['admin', { by: 'Ada Admin', may: 'administer', ...unscoped }],
    ['coordinator', { by: 'Cora Coordinator', may: 'change', mentor_id: null, organisation_id: 'org_1' }],
    ['mentor', { by: 'Mo Mentor', may: 'change', mentor_id: 'mentor_1', organisation_id: 'org_1' }],
    ['reader', { by: 'Rea Reader', may: 'read', mentor_id: null, organisation_id: 'org_1' }],
  ] as const)('the caller is told to be the %s whom his token names, until it ends', async (role, expected) => {
    const { get } = client(server, sentBy(bearer({ ...people[role], exp })))
    const { status, text } = await get(path)
    expect([status, text]).toEqual([200, JSON.stringify({ ...expected, expires_at: '2126-03-26T09:30:00Z' })])
  })

  test('one whose token has neither name nor subject is nobody in particular', async () => {
    const { get } = client(server, sentBy(bearer({ role: 'admin', sub: undefined })))
    expect(JSON.parse((await get(path)).text)).toMatchObject({ by: null, may: 'administer' })
  })
})

describe('where no tokens are asked for', () => {
  const server = serving(embeddedPlace)

  test('the caller is nobody in particular, and may do everything', async () => {
    const { text } = await client(server).get(path, { Authorization: 'Bearer whatever' })
    expect(text).toBe('{"by":null,"may":"administer","mentor_id":null,"organisation_id":null,"expires_at":null}')
  })
})
