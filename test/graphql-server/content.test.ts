import { client } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const { post, get } = client(server)
const query = '{"query":"{ __typename }"}'

test.each([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset="UTF-8"',
  'Application/JSON',
])('a body of type %s is read', async type => {
  expect(await post('/graphql', query, { 'Content-Type': type })).toMatchObject({ status: 200 })
})

test('a body in another charset or an encoding is 415', async () => {
  for (const headers of [
    { 'Content-Type': 'application/json; charset=iso-8859-1' },
    { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
  ]) {
    const { status, text } = await post('/graphql', query, headers)
    expect({ status, said: JSON.parse(text) }).toMatchObject({
      status: 415,
      said: { errors: [{ extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } }] },
    })
  }
})

test('a request target in absolute form names the same resource', async () => {
  const absolute = (path: string) => get(`http://sessions.example${path}`, { Accept: 'application/json' })
  expect((await absolute('/graphql?query={__typename}')).text).toContain('Query')
  expect((await absolute('/healthz')).status).toBe(200)
  expect(JSON.parse((await absolute('/nothing?x=1')).text)).toMatchObject({
    code: 'route_not_found',
    instance: '/nothing',
  })
})
