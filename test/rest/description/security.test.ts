import { operationsOf } from '../../../src/rest/description/openapi'
import { resources } from '../../../src/rest/routes'
import { client } from '../../support/rest'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { issuing } from '../../support/tokens'

const { config } = issuing()
const asking = client(serving(embeddedDatabase, { config }))
const open = client(serving(embeddedDatabase))

const documentOf = async ({ get }: typeof open, name: string) => JSON.parse((await get(`/${name}.json`)).text)
const scheme = { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: expect.any(String) } }

test("requests are described with the issuer's token, except public ones", async () => {
  const { paths, security, components } = await documentOf(asking, 'openapi')
  expect(components.securitySchemes).toEqual(scheme)
  expect(components.securitySchemes.token.description).toContain(config.AUTH_ISSUER)
  expect(security).toEqual([{ token: [] }])
  for (const { path, method, isPublic } of operationsOf(resources)) {
    expect([path, method, paths[path][method].security]).toEqual([path, method, isPublic ? [] : undefined])
  }
})

test("streams are described with the issuer's token", async () => {
  const { servers, components } = await documentOf(asking, 'asyncapi')
  expect(components.securitySchemes).toEqual(scheme)
  const token = [{ $ref: '#/components/securitySchemes/token' }]
  expect([servers.http.security, servers.websocket.security]).toEqual([token, token])
})

test('without sign-in, the description has no tokens', async () => {
  const { security, components } = await documentOf(open, 'openapi')
  expect([security, components.securitySchemes]).toEqual([[], undefined])
  const { servers, components: ofStreams } = await documentOf(open, 'asyncapi')
  expect([servers.http.security, servers.websocket.security, ofStreams.securitySchemes]).toEqual(
    Array(3).fill(undefined),
  )
})
