import {
  discoverOAuthProtectedResourceMetadata,
  discoverOAuthServerInfo,
  extractWWWAuthenticateParams,
} from '@modelcontextprotocol/client'
import { IssuerProcess } from '../../support/issuer'
import { send } from '../../support/raw'
import { type Server, startServer } from '../../support/server'
import { embeddedDatabase, type TestDatabase } from '../../support/stores'
import { issuing } from '../../support/tokens'
import { callOf, generations, messageHeaders } from './assistants'

const wellKnown = '/.well-known/oauth-protected-resource'

describe('with a real issuer', () => {
  const issuer = new IssuerProcess()
  let database: TestDatabase
  let server: Server
  beforeAll(async () => {
    await issuer.start()
    database = await embeddedDatabase()
    server = await startServer(database, { config: { MCP: 'read', ...issuer.config } })
  })
  afterAll(async () => {
    await server.stop()
    await database.drop()
  })

  test('a client finds the issuer by the 401, and its token lets it in', async () => {
    const refused = await fetch(`${server.url}/mcp`, {
      method: 'POST',
      headers: messageHeaders,
      body: callOf('calculate'),
    })
    expect(refused.status).toBe(401)
    const { resourceMetadataUrl } = extractWWWAuthenticateParams(refused)
    expect(resourceMetadataUrl?.href).toBe(`${server.url}${wellKnown}/mcp`)
    const found = await discoverOAuthServerInfo(`${server.url}/mcp`, { resourceMetadataUrl } as object)
    expect(found.authorizationServerUrl).toBe(issuer.url)
    expect(found.authorizationServerMetadata).toMatchObject({ token_endpoint: `${issuer.url}/token` })

    const token = await issuer.signedIn('mentor')
    const assistant = await generations['2025-11-25'](server, { Authorization: `Bearer ${token}` })
    expect((await assistant.call('find_sessions')).data).toMatchObject({ total: 0 })
    await assistant.close()
  })

  test('a client finds the same without the 401', async () => {
    expect(await discoverOAuthProtectedResourceMetadata(`${server.url}/mcp`)).toEqual({
      resource: `${server.url}/mcp`,
      authorization_servers: [issuer.url],
      bearer_methods_supported: ['header'],
      resource_name: 'Benefit Sessions',
    })
  })
})

describe('behind a proxy', () => {
  const { config } = issuing()
  let database: TestDatabase
  let server: Server
  beforeAll(async () => {
    database = await embeddedDatabase()
    server = await startServer(database, { config: { MCP: 'read', TRUST_PROXY: 1, ...config } })
  })
  afterAll(async () => {
    await server.stop()
    await database.drop()
  })

  test.each([wellKnown, `${wellKnown}/mcp`])('%s names the server as its client reaches it', async path => {
    const headers = { Host: 'sessions.example.com', 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '192.0.2.1' }
    const { status, text, headers: got } = await send(server.url, 'GET', path, headers)
    expect(status).toBe(200)
    expect(got['access-control-allow-origin']).toBe('*')
    expect(JSON.parse(text)).toMatchObject({
      resource: 'https://sessions.example.com/mcp',
      authorization_servers: [config.AUTH_ISSUER],
    })
    const refused = await send(server.url, 'POST', '/mcp', { ...messageHeaders, ...headers }, callOf('calculate'))
    const url = `https://sessions.example.com${wellKnown}/mcp`
    expect(refused.headers['www-authenticate']).toBe(`Bearer resource_metadata="${url}"`)
  })

  test('the metadata can be read only, and other paths below are unknown', async () => {
    const { status, headers } = await send(server.url, 'POST', wellKnown, messageHeaders, '{}')
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect((await send(server.url, 'GET', `${wellKnown}/graphql`)).status).toBe(404)
  })
})
