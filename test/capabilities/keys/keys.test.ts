import { keyDigest } from '../../../src/access/service-key'
import { keysInTotal, keysOfOrganisation } from '../../../src/capabilities/keys/model'
import type { Store } from '../../../src/db/store'
import { sentBy } from '../../support/access'
import { inputs } from '../../support/inputs'
import { intercepting } from '../../support/intercepting'
import { camelled, done, restApi } from '../../support/interfaces'
import { liveWays } from '../../support/live'
import { client, problem } from '../../support/rest'
import { clockAt, type Reachable, type Server, type ServerOptions, startServer } from '../../support/server'
import { keyFile, madeKey } from '../../support/service-keys'
import { embeddedDatabase, overStores, type TestDatabase } from '../../support/stores'
import { until, within } from '../../support/until'

const path = '/api/v1/service-keys'
const config = { AUTH_KEYS: 'stored' }
/** A busy machine may take this long. */
const waitMs = 20_000
const fields = 'id name role organisationId mentorId expires createdAt createdBy formerEndsAt'

interface Key {
  key_id: string
  key: string
  last_used_at: string | null
  former_ends_at: string | null
}

const restOf = (server: Reachable, key: string) => client(server, sentBy(`Bearer ${key}`))
const statusOf = async (server: Reachable, key: string) =>
  (await restOf(server, key).get('/api/v1/benefit-caller')).status

/** Manages keys with an admin's key, over REST. */
function keysOf(server: Reachable, admin: string) {
  const { get, post, call } = restOf(server, admin)
  const read = (text: string): Key => JSON.parse(text)
  return {
    post,
    list: async (): Promise<Key[]> => JSON.parse((await get(path)).text).data,
    get: async (id: string): Promise<Key> => read((await get(`${path}/${id}`)).text),
    create: async (body: object): Promise<Key> => read((await post(path, JSON.stringify(body))).text),
    rotate: async (id: string, body: object = {}): Promise<Key> =>
      read((await post(`${path}/${id}/rotations`, JSON.stringify(body))).text),
    revoke: (id: string) => call('DELETE', `${path}/${id}`),
    async ask(query: string, variables: object = {}) {
      return JSON.parse((await post('/graphql', JSON.stringify({ query, variables }))).text)
    },
  }
}

/** Starts a server with an admin's key. */
async function begin(database: TestDatabase, options: ServerOptions = {}) {
  const server = await startServer(database, { config, ...options })
  await server.opened
  const admin = await server.keys.create({ name: 'Ada Admin', role: 'admin' })
  return { server, admin, keys: keysOf(server, admin.key) }
}

overStores(({ newDatabase, shared }) => {
  let database: TestDatabase
  let servers: Server[]
  const clock = clockAt('2026-03-26T09:15:00Z')
  let writes: number

  /** Counts the writes of a key's last use. */
  const counting = (opened: Store): Store =>
    intercepting(opened, {
      keys: {
        async recordUse(key_ids, hour) {
          writes += key_ids.length
          await opened.keys.recordUse(key_ids, hour)
        },
      },
    })

  async function begun(options: ServerOptions = {}) {
    const started = await begin(database, { store: counting, clock, ...options })
    servers.push(started.server)
    return started
  }

  beforeEach(async () => {
    database = await newDatabase()
    servers = []
    writes = 0
    clock.set('2026-03-26T09:15:00Z')
  })
  afterEach(async () => {
    await Promise.all(servers.map(server => server.stop()))
    await database.drop()
  })

  test('a key is created, listed, read, replaced and revoked, alike over both interfaces', async () => {
    const { server, admin, keys } = await begun()
    const stated = { name: 'BI export', role: 'reader', organisation_id: 'org_1', expires: '2026-12-31' }
    clock.set('2026-03-26T09:15:01Z')
    const { key, ...created } = await keys.create(stated)
    expect(created).toEqual({
      key_id: expect.stringMatching(/^key_[\da-f]{12}$/),
      ...stated,
      mentor_id: null,
      created_at: '2026-03-26T09:15:01Z',
      created_by: 'Ada Admin',
      last_used_at: null,
      former_ends_at: null,
    })
    expect(key).toMatch(/^bsk_[\w-]{43}$/)
    expect(await statusOf(server, key)).toBe(200)

    clock.set('2026-03-26T09:15:02Z')
    const input = { name: 'Import', role: 'COORDINATOR', organisationId: 'org_1' }
    const creating = `mutation ($input: CreateServiceKeyInput!) { createServiceKey(input: $input) { key serviceKey { ${fields} } } }`
    const { createServiceKey: second } = (await keys.ask(creating, { input })).data
    expect(await statusOf(server, second.key)).toBe(200)
    // The uses of the keys may be recorded meanwhile.
    const listed = (await keys.list()).map(({ last_used_at: _, ...key }) => key)
    expect(listed.map(({ key_id }) => key_id)).toEqual([second.serviceKey.id, created.key_id, admin.key_id])
    const { data } = await keys.ask(`{ serviceKeys { ${fields} } }`)
    const asListed = data.serviceKeys.map(({ id, role, ...key }: Record<string, string>) => ({
      keyId: id,
      ...key,
      role: role?.toLowerCase(),
    }))
    expect(asListed).toEqual(listed.map(camelled))

    const rotating = 'mutation ($id: ID!) { rotateServiceKey(input: { id: $id }) { key serviceKey { formerEndsAt } } }'
    const { rotateServiceKey: rotated } = (await keys.ask(rotating, { id: second.serviceKey.id })).data
    expect(rotated.serviceKey).toEqual({ formerEndsAt: null })
    expect([await statusOf(server, second.key), await statusOf(server, rotated.key)]).toEqual([401, 200])
    const replaced = await keys.rotate(created.key_id)
    expect([await statusOf(server, key), await statusOf(server, replaced.key)]).toEqual([401, 200])

    expect(JSON.parse((await keys.revoke(created.key_id)).text)).toEqual({ revoked: true, key_id: created.key_id })
    expect(await statusOf(server, replaced.key)).toBe(401)
    const revoking = 'mutation ($id: ID!) { revokeServiceKey(id: $id) { keyId revoked } }'
    const { id } = second.serviceKey
    expect((await keys.ask(revoking, { id })).data).toEqual({ revokeServiceKey: { keyId: id, revoked: true } })
    expect((await keys.list()).map(({ key_id }) => key_id)).toEqual([admin.key_id])
    expect((await keys.ask('query ($id: ID!) { serviceKey(id: $id) { id } }', { id })).data.serviceKey).toBeNull()
  })

  test.each([
    [{ role: 'admin' }, '/name', 'is required'],
    [{ name: 'A', role: 'reader' }, '/organisation_id', 'is required for the role reader'],
    [{ name: 'A', role: 'mentor', organisation_id: 'org_1' }, '/mentor_id', 'is required for the role mentor'],
    [{ name: 'A', role: 'admin', expires: '2026-03-25' }, '/expires', 'must not be in the past'],
    [{ name: 'bsk_secret', role: 'admin' }, '/name', 'must not contain a key'],
    [{ name: 'A'.repeat(201), role: 'admin' }, '/name', 'must have 1 to 200 characters'],
    [{ name: 'A', role: 'admin', organisation_id: 'org_1' }, '/organisation_id', 'has no effect for the role admin'],
    [
      { name: 'A', role: 'reader', organisation_id: 'org_1', mentor_id: 'm' },
      '/mentor_id',
      'has no effect for the role reader',
    ],
  ])('a key that is not valid is refused, with the member named: %j', async (body, pointer, detail) => {
    const { keys } = await begun()
    const refused = problem(await keys.post(path, JSON.stringify(body)))
    expect(refused).toMatchObject({ status: 422, errors: [{ pointer, detail }] })
    expect(await keys.list()).toHaveLength(1)
  })

  test('a replaced secret ends at once or after the overlap, and what it opened goes on until then', async () => {
    const { server, keys } = await begun({ clock: () => new Date() })
    const { key_id, key } = await keys.create({ name: 'CRM', role: 'coordinator', organisation_id: 'org_1' })
    const api = restApi(server, sentBy(`Bearer ${key}`))
    const { session } = done(await api.start({ mentor_id: 'mentor_1' }, { key: 'start' }))
    const told = Object.values(liveWays).map(open => open(server.url, `Bearer ${key}`, session.session_id))
    let ended = 0
    for (const { ended: end } of told) end.then(() => ended++)
    await until(() => told.every(({ texts }) => texts.length > 0), waitMs, 'the first messages')

    const second = await keys.rotate(key_id, { overlap_hours: 2 })
    const leftMs = Date.parse(String(second.former_ends_at)) - Date.now()
    expect(leftMs).toBeGreaterThan(7_100_000)
    expect(leftMs).toBeLessThanOrEqual(7_200_000)
    // The key keeps its idempotency keys.
    const renewed = restApi(server, sentBy(`Bearer ${second.key}`))
    expect(done(await renewed.start({ mentor_id: 'mentor_1' }, { key: 'start' })).replayed).toBe(true)
    const before = told.map(({ texts }) => texts.length)
    done(await renewed.start({ mentor_id: 'mentor_1' }))
    done(await renewed.dispatch(session.session_id, 'CalculateRequested', inputs))
    done(await api.dispatch(session.session_id, 'ResetRequested'))
    await until(() => told.every(({ texts }, i) => texts.length > Number(before[i])), waitMs, 'further messages')
    expect(ended).toBe(0)

    const third = await keys.rotate(key_id)
    await within(waitMs, 'the ends', Promise.all(told.map(({ ended }) => ended)))
    const statuses = [key, second.key, third.key].map(secret => statusOf(server, secret))
    expect(await Promise.all(statuses)).toEqual([401, 401, 200])
  })

  test('a revocation ends within a second what the key opened, in each server on the database', async () => {
    const { server, keys } = await begun()
    const other = shared ? await startServer(database, { config, clock }) : undefined
    if (other) servers.push(other)
    const { key_id, key } = await keys.create({ name: 'CRM', role: 'coordinator', organisation_id: 'org_1' })
    const { session } = done(await restApi(server, sentBy(`Bearer ${key}`)).start({ mentor_id: 'mentor_1' }))
    for (const { url } of servers) await until(async () => (await statusOf({ url }, key)) === 200, waitMs, 'the key')
    const told = servers.flatMap(({ url }) =>
      Object.values(liveWays).map(open => open(url, `Bearer ${key}`, session.session_id)),
    )
    await until(() => told.every(({ texts }) => texts.length > 0), waitMs, 'the first messages')
    const polls = servers.map(server => restOf(server, key).get('/api/v1/benefit-calculator-events?wait=60'))
    expect((await keys.revoke(key_id)).status).toBe(200)
    const revoked = Date.now()
    const ends = await within(waitMs, 'the ends', Promise.all(told.map(({ ended }) => ended)))
    expect(Math.max(...ends.map(({ at }) => at)) - revoked).toBeLessThan(1_000)
    for (const { code } of ends) if (code !== undefined) expect(code).toBe(4401)
    for (const poll of polls) expect(problem(await poll).code).toBe('unauthenticated')
    for (const server of servers) expect(await statusOf(server, key)).toBe(401)
  })

  test('the hour of the last use is recorded, with one write per key and hour, and none during a request', async () => {
    const { server, keys } = await begun()
    const { key_id, key } = await keys.create({ name: 'BI', role: 'reader', organisation_id: 'org_1' })
    const lastUse = async () => (await keys.get(key_id)).last_used_at
    expect(await lastUse()).toBeNull()
    await statusOf(server, key)
    await until(async () => (await lastUse()) === '2026-03-26T09:00:00Z', waitMs, 'the first use')
    for (let n = 0; n < 3; n++) await statusOf(server, key)
    clock.set('2026-03-26T11:59:59Z')
    await statusOf(server, key)
    await until(async () => (await lastUse()) === '2026-03-26T11:00:00Z', waitMs, 'the later use')
    // Each of both keys in two hours.
    expect(writes).toBe(4)
  })

  test('the last key of an admin cannot be revoked, but its secret can be replaced', async () => {
    const { admin, keys } = await begun()
    const expiring = await keys.create({ name: 'Bea', role: 'admin', expires: '2026-03-26' })
    const { key_id } = await keys.create({ name: 'BI', role: 'reader', organisation_id: 'org_1' })
    clock.set('2026-03-27T00:00:00Z')
    expect(problem(await keys.revoke(admin.key_id))).toMatchObject({ status: 409, code: 'last_admin_key' })
    expect((await keys.revoke(key_id)).status).toBe(200)
    expect((await keys.revoke(expiring.key_id)).status).toBe(200)
    const { key } = await keys.rotate(admin.key_id)
    const renewed = keysOf(servers[0] as Server, key)
    await renewed.create({ name: 'Bea', role: 'admin' })
    expect((await renewed.revoke(admin.key_id)).status).toBe(200)
    expect(await statusOf(servers[0] as Server, key)).toBe(401)
  })

  test('if two processes delete the last two keys of admins at the same time, one key stays', async () => {
    const { server, admin } = await begun()
    const other = shared ? await startServer(database, { config, clock }) : server
    if (shared) servers.push(other)
    await other.opened
    const stores = [server.store.keys, other.store.keys]
    const reader = await server.keys.create({ name: 'BI', role: 'reader', organisation_id: 'org_1' })
    const expired = await server.keys.create({ name: 'Eve', role: 'admin', expires: '2026-03-26' })
    let last = admin.key_id
    for (let n = 0; n < 20; n++) {
      const next = await server.keys.create({ name: 'Bea', role: 'admin' })
      const ids = [last, next.key_id]
      const outcomes = await Promise.all(ids.map((id, i) => stores[i]?.deleteKey(id, '2026-03-27')))
      expect(outcomes.toSorted()).toEqual(['deleted', 'last_admin'])
      last = String(ids[outcomes.indexOf('last_admin')])
    }
    const left = (await server.store.keys.listKeys()).map(({ key }) => key.key_id)
    expect(left.toSorted()).toEqual([reader.key_id, expired.key_id, last].toSorted())
  })

  test('a key can replace its own secret and revoke itself, and the response arrives', async () => {
    const { server, keys } = await begun()
    const own = await keys.create({ name: 'Bea', role: 'admin' })
    const rotating = 'mutation ($id: ID!) { rotateServiceKey(input: { id: $id }) { key } }'
    const { data } = await keysOf(server, own.key).ask(rotating, { id: own.key_id })
    const revoking = 'mutation ($id: ID!) { revokeServiceKey(id: $id) { revoked } }'
    const { key } = data.rotateServiceKey
    const revoked = await keysOf(server, key).ask(revoking, { id: own.key_id })
    expect(revoked).toEqual({ data: { revokeServiceKey: { revoked: true } } })
    expect(await statusOf(server, key)).toBe(401)
  })

  test('an organisation has at most 100 keys', async () => {
    const { server, keys } = await begun()
    const body = { name: 'BI', role: 'reader', organisation_id: 'full' }
    for (let n = 0; n < keysOfOrganisation; n++) await server.keys.create(body)
    const refused = problem(await keys.post(path, JSON.stringify(body)))
    expect(refused).toMatchObject({ status: 409, code: 'limit_reached', limit: keysOfOrganisation })
    expect(await keys.create({ ...body, organisation_id: 'other' })).toHaveProperty('key')
  })

  test("the erasure of a mentor revokes the mentor's keys", async () => {
    const { server, admin, keys } = await begun()
    const { key } = await keys.create({ name: 'Mo', role: 'mentor', mentor_id: 'mentor_1' })
    const { call } = restOf(server, admin.key)
    expect((await call('DELETE', '/api/v1/benefit-mentors/mentor_1')).status).toBe(200)
    await until(async () => (await statusOf(server, key)) === 401, waitMs, 'the revocation')
    expect(await keys.list()).toHaveLength(1)
  })
})

describe('over the embedded store', () => {
  const ada = madeKey({ name: 'Ada of the file', role: 'admin', organisation_id: null })
  const file = keyFile(ada)
  const withFile = { AUTH_KEYS: `stored,${file.file}` }
  let database: TestDatabase
  let server: Server | undefined
  beforeEach(async () => {
    database = await embeddedDatabase()
  })
  afterEach(async () => {
    await server?.stop()
    server = undefined
    await database.drop()
  })

  test('without AUTH_KEYS=stored, keys are refused with the reason, and an open server with stored keys warns', async () => {
    const { server: closed, admin } = await begin(database)
    await closed.stop()
    server = await startServer(database)
    const { get, post } = client(server)
    const refused = problem(await get(path))
    expect(refused).toMatchObject({
      status: 403,
      code: 'forbidden',
      detail: expect.stringContaining('AUTH_KEYS=stored'),
    })
    const { errors } = JSON.parse((await post('/graphql', '{"query":"{ serviceKeys { id } }"}')).text)
    expect(errors[0].message).toBe(refused.detail)
    const warned = () => server?.log.find(({ msg }) => msg.includes('AUTH_KEYS=stored'))
    await until(() => warned() !== undefined, waitMs, 'the warning')
    expect(warned()).toMatchObject({ level: 'warn', keys: 1 })
    expect(JSON.stringify(server.log)).not.toContain(admin.key)
  })

  test('if the key file and the store have the same key, the file decides, and an admin in the file is another admin', async () => {
    const { server: first, admin, keys } = await begin(database)
    const both = await keys.create({ name: 'Both', role: 'reader', organisation_id: 'org_1' })
    await first.stop()
    file.write({ entry: { ...ada.entry, name: 'File', sha256: keyDigest(both.key) } }, ada)
    server = await startServer(database, { config: withFile })
    const caller = JSON.parse((await restOf(server, both.key).get('/api/v1/benefit-caller')).text)
    expect(caller).toMatchObject({ by: 'File', may: 'administer' })
    expect((await keysOf(server, ada.key).revoke(admin.key_id)).status).toBe(200)
  })

  test('until the stored keys are read, a key is 503, and a token of the file is accepted', async () => {
    const { server: first, admin } = await begin(database)
    await first.stop()
    const reading = Promise.withResolvers<void>()
    server = await startServer(database, {
      config: withFile,
      store: opened =>
        intercepting(opened, {
          keys: { listKeys: () => reading.promise.then(() => opened.keys.listKeys()) },
        }),
    })
    expect([await statusOf(server, admin.key), await statusOf(server, ada.key)]).toEqual([503, 200])
    reading.resolve()
    await until(async () => (await statusOf(server as Server, admin.key)) === 200, waitMs, 'the stored keys')
  })

  test('the store has at most 1,000 keys, all of which are listed', async () => {
    const { server: started, keys } = await begin(database)
    server = started
    // The admin's key counts too.
    for (let n = 1; n < keysInTotal; n++)
      await started.keys.create({
        name: 'BI',
        role: 'reader',
        organisation_id: `org_${Math.floor(n / keysOfOrganisation)}`,
      })
    const body = JSON.stringify({ name: 'BI', role: 'reader', organisation_id: 'org_10' })
    expect(problem(await keys.post(path, body))).toMatchObject({
      status: 409,
      code: 'limit_reached',
      limit: keysInTotal,
    })
    expect(await keys.list()).toHaveLength(keysInTotal)
    expect((await keys.ask('{ serviceKeys { id } }')).data.serviceKeys).toHaveLength(keysInTotal)
  })

  test('each change is logged with its author, and no secret or digest is logged or stored', async () => {
    const { server: started, admin, keys } = await begin(database)
    server = started
    const { key_id, key } = await keys.create({ name: 'BI', role: 'admin' })
    const rotated = await keys.rotate(key_id, { overlap_hours: 1 })
    expect((await keys.revoke(rotated.key)).status).toBe(404)
    await keys.revoke(key_id)
    const lines = server.log.filter(line => line.key_id === key_id)
    expect(lines.map(({ msg }) => msg)).toEqual(['service key created', 'service key rotated', 'service key revoked'])
    const [request] = server.log.filter(({ msg, method }) => msg === 'request' && method === 'POST')
    for (const { subject } of lines) expect(subject).toBe(request?.subject)
    const log = JSON.stringify(server.log)
    const secrets = [admin.key, key, rotated.key]
    for (const secret of secrets) {
      expect(log).not.toContain(secret)
      expect(log).not.toContain(keyDigest(secret))
      expect(JSON.stringify(await server.store.keys.listKeys())).not.toContain(secret)
      expect(JSON.stringify(await keys.list())).not.toContain(keyDigest(secret))
    }
  })
})
