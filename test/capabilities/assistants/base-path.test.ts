import { run } from '../../support/process'
import { send } from '../../support/raw'
import { embeddedDatabase } from '../../support/stores'
import { issuing } from '../../support/tokens'
import { callOf, generations, messageHeaders } from './assistants'

const prefix = '/benefits'
const wellKnown = '/.well-known/oauth-protected-resource'
const {
  config: { AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS },
  bearer,
} = issuing()

test('below BASE_PATH, assistants are served, and find the metadata there and where RFC 9728 puts it', async () => {
  const database = await embeddedDatabase()
  const server = run({ ...database.env, MCP: 'write', BASE_PATH: prefix, AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS })
  const url = await server.listening()
  const paths = [`${prefix}${wellKnown}`, `${prefix}${wellKnown}/mcp`, `${wellKnown}${prefix}/mcp`]
  for (const path of paths) {
    const { status, text } = await send(url, 'GET', path)
    expect([path, status]).toEqual([path, 200])
    expect(JSON.parse(text)).toMatchObject({ resource: `${url}${prefix}/mcp` })
  }
  const refused = await send(url, 'POST', `${prefix}/mcp`, messageHeaders, callOf('calculate'))
  expect(refused.headers['www-authenticate']).toBe(`Bearer resource_metadata="${url}${prefix}${wellKnown}/mcp"`)

  const below = { url: `${url}${prefix}` }
  const assistant = await generations['2026-07-28'](below, { Authorization: bearer({ role: 'admin' }) })
  const { data } = await assistant.call('start_session', { mentor_id: 'm' })
  const inputs = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
  const { session_id, version } = data
  const calculation = { session_id, expected_version: version, event: 'CalculateRequested', payload: inputs }
  await assistant.call('dispatch_event', calculation)
  const { data: share } = await assistant.call('share_result', { session_id })
  expect(share.url.startsWith(`${url}${prefix}/shared/`)).toBe(true)
  expect((await fetch(share.url)).status).toBe(200)
  await assistant.close()
  await database.drop()
})
