import { operationsOf } from '../../../src/rest/description/openapi'
import { resources } from '../../support/described'
import { client } from '../../support/rest'
import { serving } from '../../support/server'
import { keyFile } from '../../support/service-keys'
import { embeddedDatabase } from '../../support/stores'
import { issuing } from '../../support/tokens'

const { config } = issuing()
const asking = client(serving(embeddedDatabase, { config }))
const open = client(serving(embeddedDatabase))
const keys = keyFile()
const withKeys = client(serving(embeddedDatabase, { config: keys.config }))
const withBoth = client(serving(embeddedDatabase, { config: { ...config, ...keys.config } }))

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

const keyScheme = { type: 'http', scheme: 'bearer', description: expect.stringContaining('A service key (`bsk_…`)') }

test('requests and streams are described with service keys', async () => {
  const { paths, security, components } = await documentOf(withKeys, 'openapi')
  expect(components.securitySchemes).toEqual({ serviceKey: keyScheme })
  expect(security).toEqual([{ serviceKey: [] }])
  expect(paths['/healthz'].get.security).toEqual([])
  const { servers, components: ofStreams } = await documentOf(withKeys, 'asyncapi')
  expect(ofStreams.securitySchemes).toEqual({ serviceKey: keyScheme })
  const reference = [{ $ref: '#/components/securitySchemes/serviceKey' }]
  expect([servers.http.security, servers.websocket.security]).toEqual([reference, reference])
})

test('with an issuer and service keys, requests and streams need a token or a key', async () => {
  const { security, components } = await documentOf(withBoth, 'openapi')
  expect(components.securitySchemes).toEqual({ ...scheme, serviceKey: keyScheme })
  expect(security).toEqual([{ token: [] }, { serviceKey: [] }])
  const { servers } = await documentOf(withBoth, 'asyncapi')
  expect(servers.http.security).toHaveLength(2)
})

test('without sign-in, the description has no tokens', async () => {
  const { security, components } = await documentOf(open, 'openapi')
  expect([security, components.securitySchemes]).toEqual([[], undefined])
  const { servers, components: ofStreams } = await documentOf(open, 'asyncapi')
  expect([servers.http.security, servers.websocket.security, ofStreams.securitySchemes]).toEqual(
    Array(3).fill(undefined),
  )
})
