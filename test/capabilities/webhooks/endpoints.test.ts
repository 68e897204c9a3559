import { sentBy } from '../../support/access'
import { query } from '../../support/interfaces'
import { client, json, problem } from '../../support/rest'
import { type ServerOptions, serving, startServer } from '../../support/server'
import { embeddedDatabase, overStores } from '../../support/stores'
import { issuing, people } from '../../support/tokens'
import { type Endpoint, webhooksPath as W } from './delivering'

const on: ServerOptions = { config: { WEBHOOKS: true } }
const url = 'https://receiver.invalid/hook'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, on)
  const { call, get, post } = client(server)
  const patch = (id: string, body: object, headers: object = {}) =>
    call('PATCH', `${W}/${id}`, { ...json, ...headers }, JSON.stringify(body))
  const created = async (body: object = {}): Promise<Endpoint> =>
    JSON.parse((await post(W, JSON.stringify({ url, ...body }))).text)

  test('a new endpoint is returned with its secret, which no other response shows', async () => {
    const answer = await post(W, JSON.stringify({ url, description: 'CRM', events: ['SessionClosed'] }))
    const { secret, ...endpoint } = JSON.parse(answer.text) as Endpoint
    expect(answer).toMatchObject({ status: 201, headers: { etag: '"1"', location: `${W}/${endpoint.endpoint_id}` } })
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/)
    expect(endpoint).toEqual({
      endpoint_id: expect.stringMatching(/^we_[0-9a-f]{12}$/),
      url,
      description: 'CRM',
      events: ['SessionClosed'],
      organisation_id: null,
      mentor_id: null,
      status: 'active',
      cursor: expect.any(String),
      created_at: expect.stringMatching(/Z$/),
      updated_at: endpoint.created_at,
      last_success_at: null,
      last_failure: null,
      pending: 0,
    })
    const read = await get(`${W}/${endpoint.endpoint_id}`)
    expect(read).toMatchObject({ status: 200, headers: { etag: '"1"' } })
    expect(JSON.parse(read.text)).toEqual(endpoint)
    expect(JSON.parse((await get(W)).text).data[0]).toEqual(endpoint)
  })

  test('a change needs the version that If-Match names', async () => {
    const { endpoint_id } = await created()
    const changed = await patch(endpoint_id, { paused: true }, { 'If-Match': '"1"' })
    expect(changed).toMatchObject({ status: 200, headers: { etag: '"2"' } })
    expect(JSON.parse(changed.text)).toMatchObject({ status: 'paused', url })
    expect(problem(await patch(endpoint_id, { paused: false }, { 'If-Match': '"1"' }))).toMatchObject({
      code: 'version_mismatch',
      title: 'The version does not match',
      current_version: 2,
      detail: 'Precondition failed: the endpoint is at version 2. Read it again before you retry.',
    })
    await patch(endpoint_id, { description: 'text' })
    expect(JSON.parse((await patch(endpoint_id, { description: null })).text)).toMatchObject({ description: null })
  })

  test('a deleted endpoint is not found', async () => {
    const { endpoint_id } = await created()
    const answer = await call('DELETE', `${W}/${endpoint_id}`)
    expect(JSON.parse(answer.text)).toEqual({ deleted: true, endpoint_id })
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/rotations'],
      ['POST', '/tests'],
      ['GET', '/attempts'],
    ] as const) {
      expect(problem(await call(method, `${W}/${endpoint_id}${path}`)).code).toBe('webhook_endpoint_not_found')
    }
    expect(problem(await patch(endpoint_id, { paused: true })).code).toBe('webhook_endpoint_not_found')
  })

  test.each([
    [{ url: 'http://receiver.invalid/' }, '/url', 'must be an https URL'],
    [{ url: 'receiver' }, '/url', 'must be an https URL'],
    [{ url: 'https://user:secret@receiver.invalid/' }, '/url', 'must not contain a user name or password'],
    [{ url: 'https://receiver.invalid/#a' }, '/url', 'must not have a fragment'],
    [{ url: `https://receiver.invalid/${'a'.repeat(2_048)}` }, '/url', 'must have at most 2048 characters'],
    [{ url: `https://receiver.invalid/${'é'.repeat(1_000)}` }, '/url', 'must have at most 2048 characters'],
    [{ url: 'https://receiver.invalid/a\r\nb' }, '/url', 'must not contain control characters'],
    [{ url: 'https://receiver.invalid/\t' }, '/url', 'must not contain control characters'],
    [{ url: 'https://receiver.invalid/\u202egpj' }, '/url', 'must not contain control characters'],
    [{ url: 'https:\\\\receiver.invalid\\hook' }, '/url', 'must not contain a backslash'],
    [{ url: 'https://10.0.0.1/' }, '/url', 'must not have a private or reserved address'],
    [{ url: 'https://[::1]/' }, '/url', 'must not have a private or reserved address'],
    [{ url: 'https://0x7f.1/' }, '/url', 'must not have a private or reserved address'],
    [{ url, events: ['SessionOpened'] }, '/events/0', expect.stringMatching(/^must be one of SessionStarted/)],
    [{ url, description: '' }, '/description', 'must have 1 to 200 characters'],
    [{ url, colour: 'red' }, '/colour', 'is not a known member'],
    [{ url, mentor_id: '' }, '/mentor_id', 'must have 1 to 200 characters'],
    [{}, '/url', 'is required'],
  ])('%j is refused with a pointer', async (body, pointer, detail) => {
    expect(problem(await post(W, JSON.stringify(body)))).toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer, detail }],
    })
  })

  test('an organisation has at most 100 endpoints, on both interfaces', async () => {
    for (let n = 0; n < 100; n++) expect(await created({ organisation_id: 'full' })).toHaveProperty('secret')
    const refused = problem(await post(W, JSON.stringify({ url, organisation_id: 'full' })))
    expect(refused).toMatchObject({ status: 409, code: 'limit_reached', limit: 100 })
    const creating =
      'mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { secret } }'
    const { errors } = await query(server, creating, { input: { url, organisationId: 'full' } })
    expect(errors?.[0]).toMatchObject({ message: refused.detail, extensions: { code: 'LIMIT_REACHED', limit: 100 } })
    expect(await created({ organisation_id: 'other' })).toHaveProperty('secret')
  })

  test('a URL is stored and shown normalised', async () => {
    const raw = ' HTTPS://Receiver.Invalid:443/a/../hook s?q=é'
    const normalised = 'https://receiver.invalid/hook%20s?q=%C3%A9'
    const { endpoint_id, url: shown } = await created({ url: raw })
    expect(shown).toBe(normalised)
    expect(JSON.parse((await patch(endpoint_id, { url: `${raw}&r` })).text).url).toBe(`${normalised}&r`)
    expect(JSON.parse((await get(`${W}/${endpoint_id}`)).text).url).toBe(`${normalised}&r`)
  })

  test('concurrent changes are all applied, and a deleted endpoint stays deleted', async () => {
    const { endpoint_id } = await created()
    const rotate = async () => JSON.parse((await call('POST', `${W}/${endpoint_id}/rotations`)).text).secret
    const [first, second, changed] = await Promise.all([rotate(), rotate(), patch(endpoint_id, { description: 'CRM' })])
    expect(changed.status).toBe(200)
    const { endpoint } = (await server.store.webhooks.readEndpoint(endpoint_id)) ?? {}
    expect(endpoint).toMatchObject({ description: 'CRM', revision: 4 })
    expect(endpoint?.secrets.map(({ secret }) => secret).sort()).toEqual([first, second].sort())
    const [removed, ...others] = await Promise.all([
      call('DELETE', `${W}/${endpoint_id}`),
      call('POST', `${W}/${endpoint_id}/rotations`),
      patch(endpoint_id, { paused: true }),
    ])
    expect(removed.status).toBe(200)
    for (const { status } of others) expect([200, 404]).toContain(status)
    expect(await server.store.webhooks.readEndpoint(endpoint_id)).toBeNull()
  })

  test('an idempotency key is refused, because its response would contain a secret', async () => {
    const { endpoint_id } = await created()
    const keyed = { 'Idempotency-Key': 'key' }
    for (const answer of [
      await post(W, JSON.stringify({ url }), { ...json, ...keyed }),
      await patch(endpoint_id, {}, keyed),
      await call('POST', `${W}/${endpoint_id}/rotations`, keyed),
    ]) {
      expect(problem(answer)).toMatchObject({ code: 'invalid_request', errors: [{ header: 'Idempotency-Key' }] })
    }
  })

  test('a test or a replay of a paused endpoint is refused', async () => {
    const { endpoint_id, cursor } = await created()
    await patch(endpoint_id, { paused: true })
    const replay = await post(`${W}/${endpoint_id}/replays`, JSON.stringify({ after: cursor }))
    for (const answer of [replay, await call('POST', `${W}/${endpoint_id}/tests`)])
      expect(problem(answer)).toMatchObject({ status: 409, code: 'endpoint_inactive' })
  })

  test('GraphQL has the same operations', async () => {
    const ask = async (text: string, variables: object): Promise<Record<string, Record<string, unknown>>> => {
      const { data, errors } = await query(server, text, variables)
      if (errors) throw new Error(JSON.stringify(errors))
      return data as Record<string, Record<string, unknown>>
    }
    const fields = 'id url description events organisationId mentorId status cursor version pending'
    const input = { url, events: ['SESSION_CLOSED'], organisationId: 'graphql' }
    const made = await ask(
      `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { secret endpoint { ${fields} } } }`,
      { input },
    )
    const { secret, endpoint } = made.createWebhookEndpoint as { secret: string; endpoint: Record<string, unknown> }
    const { id, cursor } = endpoint
    expect(secret).toMatch(/^whsec_/)
    expect(endpoint).toMatchObject({ ...input, description: null, status: 'ACTIVE', version: 1, pending: 0 })
    expect(
      await ask(`query ($id: ID!) { webhookEndpoint(id: $id) { ${fields} attempts(first: 5) { messageId } } }`, { id }),
    ).toEqual({
      webhookEndpoint: { ...endpoint, attempts: [] },
    })
    expect((await ask(`{ webhookEndpoints { id } }`, {})).webhookEndpoints).toContainEqual({ id })
    expect(await ask('query ($id: ID!) { webhookEndpoint(id: $id) { id } }', { id: 'none' })).toEqual({
      webhookEndpoint: null,
    })
    const rotated = await ask('mutation ($id: ID!) { rotateWebhookSecret(id: $id) { secret } }', { id })
    expect(rotated.rotateWebhookSecret?.secret).not.toBe(secret)
    await ask('mutation ($id: ID!) { testWebhookEndpoint(id: $id) { endpointId } }', { id })
    const replaying =
      'mutation ($input: ReplayWebhookEndpointInput!) { replayWebhookEndpoint(input: $input) { endpointId } }'
    await ask(replaying, { input: { id, after: cursor } })
    await expect(ask(replaying, { input: { id, after: 'none' } })).rejects.toThrow('/after')
    const updating =
      'mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) { status version } }'
    expect(await ask(updating, { input: { id, paused: true, expectedVersion: 1 } })).toEqual({
      updateWebhookEndpoint: { status: 'PAUSED', version: 2 },
    })
    await expect(ask(updating, { input: { id, paused: true, expectedVersion: 1 } })).rejects.toThrow('VERSION_MISMATCH')
    expect(await ask('mutation ($id: ID!) { deleteWebhookEndpoint(id: $id) { deleted } }', { id })).toEqual({
      deleteWebhookEndpoint: { deleted: true },
    })
  })
})

describe('with WEBHOOKS_ALLOW_PRIVATE=on', () => {
  const server = serving(embeddedDatabase, { config: { WEBHOOKS: true, WEBHOOKS_ALLOW_PRIVATE: true } })

  test.each(['http://receiver.invalid/', 'http://127.0.0.1:8080/hook', 'https://[::1]/'])(
    'an endpoint may have the URL %s',
    async url => {
      expect((await client(server).post(W, JSON.stringify({ url }))).status).toBe(201)
    },
  )
})

describe('a coordinator', () => {
  const { config, bearer } = issuing()
  const server = serving(embeddedDatabase, { config: { ...config, WEBHOOKS: true } })
  const as = (who: object) => client(server, sentBy(bearer(who)))

  test('manages the endpoints of its organisation only, which is filled in', async () => {
    const [admin, coordinator] = [as(people.admin), as(people.coordinator)]
    const own = JSON.parse((await coordinator.post(W, JSON.stringify({ url }))).text)
    expect(own.organisation_id).toBe(people.coordinator.organisation_id)
    await admin.post(W, JSON.stringify({ url }))
    const { data } = JSON.parse((await coordinator.get(W)).text)
    expect(data.map(({ endpoint_id }: Endpoint) => endpoint_id)).toEqual([own.endpoint_id])
    expect(problem(await coordinator.post(W, JSON.stringify({ url, organisation_id: 'other' })))).toMatchObject({
      code: 'forbidden',
    })
  })
})

test('without WEBHOOKS=on, every operation is forbidden with a sentence that names the variable', async () => {
  const database = await embeddedDatabase()
  const server = await startServer(database)
  const { call, get } = client(server)
  for (const answer of [
    await get(W),
    await call('POST', W, json, JSON.stringify({ url })),
    await get(`${W}/we_1`),
    await call('DELETE', `${W}/we_1`),
    await call('POST', `${W}/we_1/tests`),
    await get(`${W}/we_1/attempts?limit=0`),
  ]) {
    expect(problem(answer)).toMatchObject({
      code: 'forbidden',
      title: 'The request is not allowed',
      detail: 'Webhooks are off on this server. `WEBHOOKS=on` enables them.',
    })
  }
  const { errors } = await query(server, '{ webhookEndpoints { id } }')
  expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  await server.stop()
  await database.drop()
})
