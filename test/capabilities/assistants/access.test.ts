import { readTools, writeTools } from '../../../src/capabilities/assistants/tools'
import { capabilities } from '../../capabilities'
import { accessWorld, type CallerName, callers, type OwnerName, ownerNames, owners, sees } from '../../support/access'
import { done, restApi } from '../../support/interfaces'
import type { Found } from '../../support/operation'
import { send } from '../../support/raw'
import { problem } from '../../support/rest'
import { serving } from '../../support/server'
import { keyFile, keysOfRoles, madeKey } from '../../support/service-keys'
import { embeddedDatabase, overStores } from '../../support/stores'
import { type Assistant, callOf, generations, messageHeaders } from './assistants'

const roles = ['admin', 'coordinator', 'mentor', 'mentor of no organisation', 'reader'] satisfies CallerName[]

overStores(({ newDatabase }) => {
  const world = accessWorld(newDatabase, { config: { MCP: 'write' } })

  /** Connects a client with the caller's token, and runs the work. */
  async function as<T>(caller: CallerName, work: (assistant: Assistant) => Promise<T>): Promise<T> {
    const assistant = await generations['2026-07-28'](world.server, {
      Authorization: world.authorization(caller) as string,
    })
    return work(assistant).finally(() => assistant.close())
  }

  test.each(roles)('%s finds and reads exactly the sessions of its scope', caller =>
    as(caller, async assistant => {
      const { data } = await assistant.call('find_sessions')
      const expected = ownerNames.filter(name => sees(caller, name)).map(name => world.found[name].session_id)
      expect(data.sessions.map(({ session_id }: Found) => session_id).sort()).toEqual(expected.sort())
      expect(data.total).toBe(expected.length)
      const { data: d } = await assistant.call('find_sessions', { mentor_id: 'mentor_2', organisation_id: 'org_2' })
      expect(d.total).toBe(sees(caller, 'd') ? 1 : 0)
      for (const name of ownerNames) {
        const { code, data } = await assistant.call('get_session', { session_id: world.found[name].session_id })
        const outcome = code ?? data.mentor_id
        expect([name, outcome]).toEqual([name, sees(caller, name) ? owners[name].mentor_id : 'session_not_found'])
      }
    }),
  )

  test('no answer names a mentor outside the scope of the caller', () =>
    as('mentor', async assistant => {
      const answers = await Promise.all([
        ...['find_sessions', ...capabilities.flatMap(({ tools = [] }) => tools)].map(name => assistant.call(name)),
        ...ownerNames.map(name => assistant.call('get_session', { session_id: world.found[name].session_id })),
        assistant.call('start_session', { mentor_id: 'mentor_1', organisation_id: 'org_2' }),
      ])
      expect(JSON.stringify(answers)).toContain('mentor_1')
      expect(JSON.stringify(answers)).not.toMatch(/mentor_2|org_2/)
    }))

  test.each(roles)('tools/list has the tools that %s may use, and no call of another one has an effect', caller =>
    as(caller, async assistant => {
      const listed = (await assistant.tools()).map(({ name }) => name)
      const changing = writeTools.map(({ name }) => name)
      const usable = changing.filter(name => name !== 'reassign_session' || !caller.startsWith('mentor'))
      expect(changing.filter(name => listed.includes(name))).toEqual(caller === 'reader' ? [] : usable)
      expect(listed).toEqual(expect.arrayContaining(readTools.map(({ name }) => name)))
      for (const name of caller === 'reader' ? changing : []) {
        expect(await assistant.call(name, { mentor_id: 'mentor_1' })).toEqual({
          code: 'forbidden',
          text: 'forbidden: This tool changes sessions, but your token or service key can only read them. tools/list lists the tools that you can use.',
        })
      }
    }),
  )

  test.each(roles)('%s changes what it may change, and gets the same errors as over REST', caller =>
    as(caller, async assistant => {
      for (const name of ['a', 'd'] satisfies OwnerName[]) {
        const { session_id } = await world.fresh(name)
        const [rest] = world.apis(caller)
        const version = done(await world.apis('admin')[0].get(session_id)).version
        const change = { session_id, expected_version: version, event: 'ShareRevokeRequested' }
        const refusal = await rest.dispatch(session_id, 'ShareRequested')
        const outcomes = [
          await assistant.call('dispatch_event', change),
          await assistant.call('share_result', { session_id }),
        ]
        // A reader's call is refused before the session is read.
        const refusedAs = ({ code }: { code: string }) => (caller === 'reader' ? 'forbidden' : code)
        const expected = refusal.ok ? undefined : refusedAs(refusal)
        expect([name, ...outcomes.map(({ code }) => code)]).toEqual([name, expected, expected])
        const started = await rest.start(owners[name])
        const { code } = await assistant.call('start_session', owners[name])
        expect([name, code]).toEqual([name, started.ok ? undefined : started.code])
        const owner = { mentor_id: 'mentor_3' }
        const { version: expected_version } = done(await world.apis('admin')[0].get(session_id))
        const toReassign = await assistant.call('reassign_session', { session_id, expected_version, ...owner })
        const reassigned = await rest.dispatch(session_id, 'ReassignRequested', owner)
        expect([name, toReassign.code]).toEqual([name, reassigned.ok ? undefined : refusedAs(reassigned)])
      }
    }),
  )

  test('changes are signed with the name of the caller, like those over REST', async () => {
    const { session_id } = await world.fresh('a')
    await as('mentor', async assistant => {
      const { data } = await assistant.call('get_session', { session_id })
      await assistant.call('dispatch_event', { session_id, expected_version: data.version, event: 'ResetRequested' })
    })
    const { events } = done(await world.apis('admin')[0].events(session_id))
    expect(events.at(-1)).toMatchObject({ event: 'ResetRequested', by: callers.mentor.claims.name })
  })

  test.each(['without a role', 'of an unknown role'] as const)('a token %s is 403 for every message', async caller => {
    const headers = { ...messageHeaders, Authorization: world.authorization(caller) }
    const answer = await send(world.server.url, 'POST', '/mcp', headers, callOf('calculate'))
    expect(problem(answer)).toMatchObject({ status: 403, code: 'forbidden' })
  })

  test.each(['without a token', 'with a bad token'] as const)(
    'a request %s is 401, and names the metadata',
    async caller => {
      const authorization = world.authorization(caller)
      const headers = { ...messageHeaders, ...(authorization && { Authorization: authorization }) }
      const answer = await send(world.server.url, 'POST', '/mcp', headers, callOf('calculate'))
      expect(problem(answer)).toMatchObject({ status: 401, code: 'unauthenticated' })
      const metadata = `resource_metadata="${world.server.url}/.well-known/oauth-protected-resource/mcp"`
      const challenge = String(answer.headers['www-authenticate'])
      expect(challenge.endsWith(metadata)).toBe(true)
      expect(challenge.includes('error="invalid_token"')).toBe(authorization !== undefined)
    },
  )
})

describe('with service keys', () => {
  const keys = keysOfRoles()
  const expired = madeKey({ name: 'old', expires: '2020-01-01' })
  const file = keyFile(...Object.values(keys), expired)
  const server = serving(embeddedDatabase, { config: { MCP: 'write', ...file.config } })

  test('a key lets an assistant in, with its role', async () => {
    const sent: typeof send = (url, method, path, headers, body) =>
      send(url, method, path, { ...headers, Authorization: keys.admin.bearer }, body)
    const { session } = done(await restApi(server, sent).start({ mentor_id: 'mentor_1', organisation_id: 'org_1' }))
    const assistant = await generations['2026-07-28'](server, { Authorization: keys.reader.bearer })
    const { session_id } = session
    expect((await assistant.call('get_session', { session_id })).data).toMatchObject({ session_id })
    expect(await assistant.call('start_session', { mentor_id: 'mentor_1' })).toMatchObject({ code: 'forbidden' })
    await assistant.close()
  })

  test('an expired key is 401, without metadata because there is no issuer', async () => {
    const headers = { ...messageHeaders, Authorization: expired.bearer }
    const answer = await send(server.url, 'POST', '/mcp', headers, callOf('calculate'))
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).not.toContain('resource_metadata')
    expect((await send(server.url, 'GET', '/.well-known/oauth-protected-resource/mcp')).status).toBe(404)
  })
})
