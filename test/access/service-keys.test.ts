import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceKeyEntry } from '../../src/access/service-key'
import { rereadMs, ServiceKeys } from '../../src/access/service-keys'
import { waitsByPlace } from '../../src/concurrency/waits'
import { StartupError } from '../../src/domain/errors'
import { configOf } from '../../src/startup/config'
import { sentBy } from '../support/access'
import { inputs, otherInputs } from '../support/inputs'
import { base, done, graphqlApi, restApi } from '../support/interfaces'
import { isParts, liveWays } from '../support/live'
import { client, problem } from '../support/rest'
import { keptLog, type Server, serving } from '../support/server'
import { keyFile, keysOfRoles, type MadeKey, madeKey } from '../support/service-keys'
import { embeddedDatabase } from '../support/stores'
import { issuing, people } from '../support/tokens'
import { until, within } from '../support/until'

/** How long a test waits for a change of the file to count: `rereadMs`, and as long as a busy machine may take. */
const changeMs = rereadMs + 20_000

const callerPath = '/api/v1/benefit-caller'
const readCaller = (server: Server, { bearer }: Pick<MadeKey, 'bearer'>) =>
  client(server, sentBy(bearer)).get(callerPath)
const statusOf = async (server: Server, key: Pick<MadeKey, 'bearer'>) => (await readCaller(server, key)).status
const apisOf = (server: Server, { bearer }: MadeKey) =>
  [restApi(server, sentBy(bearer)), graphqlApi(server, sentBy(bearer))] as const

describe('with service keys alone', () => {
  const keys = keysOfRoles()
  const removed = madeKey()
  const over = madeKey({ expires: '2026-03-25' })
  const { config } = keyFile(...Object.values(keys), over)
  const server = serving(embeddedDatabase, { config })
  const started: Record<string, string> = {}
  beforeAll(async () => {
    const [api] = apisOf(server, keys.admin)
    for (const mentor_id of ['mentor_1', 'mentor_2']) {
      for (const organisation_id of ['org_1', 'org_2']) {
        const { session } = done(await api.start({ mentor_id, organisation_id }))
        started[`${mentor_id} ${organisation_id}`] = session.session_id
      }
    }
  })

  test.each([
    ['admin', 'administer', 4],
    ['coordinator', 'change', 2],
    ['mentor', 'change', 1],
    ['free', 'change', 2],
    ['reader', 'read', 2],
  ] as const)('a key has the scope and the permissions of its role: %s', async (role, may, count) => {
    const key = keys[role]
    const { status, text } = await readCaller(server, key)
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ by: key.entry.name, may, expires_at: null })
    for (const api of apisOf(server, key)) {
      expect(done(await api.list()).total).toBe(count)
      const outcome = await api.dispatch(String(started['mentor_1 org_1']), 'ResetRequested')
      expect(outcome).toMatchObject(may === 'read' ? { ok: false, code: 'forbidden' } : { ok: true })
      const outside = await api.get(String(started['mentor_2 org_2']))
      expect(outside.ok).toBe(role === 'admin')
    }
  })

  test("the name of a key signs its transitions, and only the keys' principals see it", async () => {
    const [api] = apisOf(server, keys.coordinator)
    const { session_id } = done(await api.start({ mentor_id: 'mentor_3' })).session
    const [reader] = apisOf(server, keys.reader)
    expect(done(await reader.events(session_id)).events).toMatchObject([{ by: 'Cora Coordinator' }])
  })

  test.each(Object.entries(liveWays))('a key is accepted by %s', async (_, open) => {
    const session_id = String(started['mentor_1 org_1'])
    const told = open(server.url, keys.coordinator.bearer, session_id)
    await until(() => told.texts.length > 0, 60_000, 'the first message')
    const before = told.texts.length
    const [api] = apisOf(server, keys.admin)
    done(await api.start({ mentor_id: 'mentor_1', organisation_id: 'org_1' }))
    done(await api.dispatch(session_id, 'CalculateRequested', inputs))
    done(await api.dispatch(session_id, 'ResetRequested'))
    await until(() => told.texts.length > before, 60_000, 'what is told then')
  })

  const refusals: [what: string, bearer: string | undefined, why: string, fault: string | undefined][] = [
    ['no key', undefined, 'Not signed in: send a bearer token in `Authorization`.', undefined],
    ['an unknown key', removed.bearer, 'The service key is unknown.', 'invalid_token'],
    ['an expired key', over.bearer, 'The service key has expired.', 'invalid_token'],
    ['a key with more characters', `${keys.admin.bearer}x`, 'The service key is unknown.', 'invalid_token'],
    [
      'another token',
      `Bearer ${keys.admin.key.slice(4)}`,
      'The token is not a service key. Service keys begin with bsk_.',
      'invalid_token',
    ],
    [
      'two keys',
      `${keys.admin.bearer}, ${keys.reader.bearer}`,
      'The request must have exactly one `Authorization` header, with exactly one token.',
      'invalid_request',
    ],
  ]

  test.each(refusals)('%s is 401 over REST, with the reason', async (_, bearer, why, fault) => {
    const { status, text, headers } = await client(server, sentBy(bearer)).get(base)
    expect([status, JSON.parse(text)]).toMatchObject([401, { code: 'unauthenticated', detail: why }])
    expect(headers['www-authenticate']).toBe(fault ? `Bearer error="${fault}", error_description="${why}"` : 'Bearer')
  })

  test.each(refusals)('%s is refused by every stream, with the reason', async (_, bearer, why) => {
    for (const open of Object.values(liveWays)) {
      const told = open(server.url, bearer ?? '', String(started['mentor_1 org_1']))
      const end = await within(60_000, 'the end', told.ended)
      expect(told.texts).toEqual([])
      if (end.code !== undefined) expect(end).toMatchObject({ code: 4401, reason: why })
      else expect(end).toMatchObject({ status: 401 })
    }
  })

  test('no key and no digest of one appears in the log', async () => {
    const secrets = [...Object.values(keys), removed, over].flatMap(({ key, entry }) => [key, entry.sha256])
    await until(() => server.log.some(({ method }) => method === 'WEBSOCKET'), 60_000, 'a line of a WebSocket')
    const log = JSON.stringify(server.log)
    expect(server.log.length).toBeGreaterThan(20)
    expect(secrets.filter(secret => log.includes(secret))).toEqual([])
  })
})

/** Starts a server with a file of these keys, for one test. */
function servingKeys(...keys: MadeKey[]) {
  const file = keyFile(...keys)
  return { file, server: serving(embeddedDatabase, { config: file.config }) }
}

// The server looks at the file every 2 s, so these tests run at once.

const [one, other] = [
  madeKey({ name: 'Same', role: 'coordinator', expires: '2099-12-31' }),
  madeKey({ name: 'Same', role: 'coordinator' }),
]
const two = servingKeys(one, other)

test.concurrent('two keys are two principals, even with the same name, and a new name changes nothing but the name', async () => {
  const { file, server } = two
  const [api] = apisOf(server, one)
  const { session_id } = done(await api.start({ mentor_id: 'mentor_1' })).session
  const dispatch = async (key: MadeKey) => {
    const [rest] = apisOf(server, key)
    const payload = key === one ? inputs : otherInputs
    return done(await rest.dispatch(session_id, 'CalculateRequested', payload, { key: 'same' })).replayed
  }
  expect([await dispatch(one), await dispatch(one), await dispatch(other)]).toEqual([false, true, false])
  const subjects = server.log.filter(({ msg }) => msg === 'transition').map(({ subject }) => subject)
  expect(new Set(subjects).size).toBe(2)

  const told = Object.values(liveWays).map(open => open(server.url, one.bearer, session_id))
  let ended = 0
  for (const { ended: end } of told) end.then(() => ended++)
  await until(() => told.every(({ texts }) => texts.length > 0), 60_000, 'the first message')
  file.write({ entry: { ...one.entry, name: 'Renamed', expires: '9999-12-31' } }, other)
  const renamed = async () => JSON.parse((await readCaller(server, one)).text)
  await until(async () => (await renamed()).by === 'Renamed', changeMs, 'the new name')
  expect((await renamed()).expires_at).toBe('9999-12-31T23:59:59Z')
  expect(await dispatch(one)).toBe(true)
  const before = told.map(({ texts }) => texts.length)
  done(await api.start({ mentor_id: 'mentor_1' }))
  done(await api.dispatch(session_id, 'ResetRequested'))
  await until(() => told.every(({ texts }, i) => texts.length > Number(before[i])), 60_000, 'what is told then')
  expect(ended).toBe(0)
})

const admin = madeKey({ role: 'admin', organisation_id: null })
const [followed, polling] = [servingKeys(admin), servingKeys(admin)]

/** Changes of an entry that end what its key opened. Undefined: the entry is removed. */
const changes: Record<string, Partial<ServiceKeyEntry> | undefined> = {
  removed: undefined,
  'of yesterday': { expires: '2026-03-25' },
  shortened: { expires: '2099-12-30' },
  'of another role': { role: 'reader' },
  'of another organisation': { organisation_id: 'org_2' },
  'of a mentor': { mentor_id: 'mentor_1' },
}

test.concurrent('what a key opened ends if its entry is removed, ends earlier or has other rights. What others opened goes on', async () => {
  const { file, server } = followed
  const [api] = apisOf(server, admin)
  const { session_id } = done(await api.start({ mentor_id: 'mentor_1', organisation_id: 'org_1' })).session
  const keys = Object.keys(changes).map(name => madeKey({ name, role: 'coordinator', expires: '2099-12-31' }))
  file.write(admin, ...keys)
  await until(async () => (await statusOf(server, keys[0] as MadeKey)) === 200, changeMs, 'the keys')
  const follow = ({ bearer, entry }: MadeKey) =>
    Object.entries(liveWays).map(([way, open]) => ({
      name: `${entry.name}: ${way}`,
      ...open(server.url, bearer, session_id),
    }))
  const opened = keys.flatMap(follow)
  const others = follow(admin)
  let othersEnded = 0
  for (const { ended } of others) ended.then(() => othersEnded++)
  await until(() => [...opened, ...others].every(({ texts }) => texts.length > 0), 60_000, 'the first message')

  const changed = keys.flatMap(({ entry }) => {
    const change = changes[entry.name]
    return change ? [{ entry: { ...entry, ...change } }] : []
  })
  file.write(admin, ...changed)
  const ends = await within(changeMs, 'the ends', Promise.all(opened.map(({ ended }) => ended)))
  const before = others.map(({ texts }) => texts.length)
  const late = done(await api.start({ mentor_id: 'mentor_1', organisation_id: 'org_1' })).session
  done(await api.dispatch(session_id, 'CalculateRequested', inputs))
  await until(() => others.every(({ texts }, i) => texts.length > Number(before[i])), 60_000, 'what others are told')
  expect(othersEnded).toBe(0)
  for (const [i, { name, texts }] of opened.entries()) {
    const end = ends[i]
    const all = JSON.stringify(texts) + (end?.rest ?? '')
    expect(all).not.toContain(late.session_id)
    expect(all).not.toMatch(/complete/)
    if (end?.code !== undefined) expect([name, end]).toMatchObject([name, { code: 4401, reason: 'Token expired' }])
    else expect([name, end?.whole]).toEqual([name, true])
    if (isParts(name)) expect(end?.rest).toContain('{"payload":null,"errors":[{"message":"Token expired"')
  }
  const statuses = await Promise.all(keys.map(key => statusOf(server, key)))
  expect(statuses).toEqual([401, 401, 200, 200, 200, 200])
})

test.concurrent('what a key opened ends also if it waits for the feed: 401', async () => {
  const { file, server } = polling
  const key = madeKey({ name: 'poller', role: 'coordinator' })
  file.write(admin, key)
  await until(async () => (await statusOf(server, key)) === 200, changeMs, 'the key')
  const path = '/api/v1/benefit-calculator-events?wait=60'
  const polled = client(server, sentBy(key.bearer)).get(path)
  await until(() => waitsByPlace().long_poll === 1, changeMs, 'the wait')
  file.write(admin)
  expect(problem(await within(changeMs, 'the end of the wait', polled))).toMatchObject({ code: 'unauthenticated' })
})

const [kept, added] = [madeKey(), madeKey()]
const [edited, linked, faulted] = [servingKeys(kept), servingKeys(kept, added), servingKeys(kept)]
const content = (...keys: MadeKey[]): string => JSON.stringify(keys.map(({ entry }) => entry))

test.concurrent('the file is read again when an editor replaces it', async () => {
  const { file, server } = edited
  const copy = join(file.folder, 'copy.json')
  writeFileSync(copy, content(kept, added))
  renameSync(copy, file.file)
  await until(async () => (await statusOf(server, added)) === 200, changeMs, 'the new key')
  expect(server.log.filter(({ msg }) => msg === 'service keys changed')).toMatchObject([{ level: 'info', keys: 2 }])
})

test.concurrent('the file is read again when Kubernetes replaces a symbolic link in its path', async () => {
  const { file, server } = linked
  const [old, next, link] = ['..old', '..next', '..data'].map(name => join(file.folder, name)) as [
    string,
    string,
    string,
  ]
  mkdirSync(old)
  writeFileSync(join(old, 'keys.json'), content(kept, added))
  symlinkSync(old, link)
  unlinkSync(file.file)
  symlinkSync(join(link, 'keys.json'), file.file)
  mkdirSync(next)
  writeFileSync(join(next, 'keys.json'), content(kept))
  symlinkSync(next, `${link}_tmp`)
  renameSync(`${link}_tmp`, link)
  rmSync(old, { recursive: true })
  await until(async () => (await statusOf(server, added)) === 401, changeMs, 'the end of the key')
  expect(await statusOf(server, kept)).toBe(200)
})

test.concurrent('the file with a fault, or gone, changes nothing: the server logs the fault once, and keeps its entries', async () => {
  const { file, server } = faulted
  const errors = () => server.log.filter(({ level }) => level === 'error')
  expect(errors()).toEqual([])
  rmSync(file.file)
  await until(() => errors().length === 1, changeMs, 'a line about the missing file')
  writeFileSync(file.file, JSON.stringify([added.entry, { ...kept.entry, organisation_id: null }]))
  await until(() => errors().length === 2, changeMs, 'a line about the entry')
  expect([await statusOf(server, kept), await statusOf(server, added)]).toEqual([200, 401])
  expect(errors().map(({ msg }) => msg)).toEqual(Array(2).fill('service keys not read, keeping the old keys'))
  expect(errors().map(({ err }) => (err as Error).message)).toEqual([
    expect.stringContaining('ENOENT'),
    'entry 2 ("BI export"): organisation_id is required for the role reader',
  ])
  expect(JSON.stringify(server.log)).not.toContain('bsk_')
  file.write(kept, added)
  await until(async () => (await statusOf(server, added)) === 200, changeMs, 'the new key')
  expect(errors()).toHaveLength(2)
})

describe('with service keys and an issuer', () => {
  const issuer = issuing()
  const key = madeKey({ role: 'admin', organisation_id: null })
  const { config } = keyFile(key)
  const server = serving(embeddedDatabase, { config: { ...issuer.config, ...config } })

  test('both are accepted: a bearer that begins with bsk_ is a key, any other a token', async () => {
    expect(await statusOf(server, key)).toBe(200)
    const token = await readCaller(server, { bearer: issuer.bearer(people.reader) })
    expect(JSON.parse(token.text)).toMatchObject({ by: 'Rea Reader', may: 'read' })
    for (const [bearer, why] of [
      [madeKey().bearer, 'The service key is unknown.'],
      ['Bearer a.b.c', 'The token is not a signed JSON Web Token (JWT).'],
    ] as const) {
      const { status, text } = await readCaller(server, { bearer })
      expect([status, JSON.parse(text).detail]).toEqual([401, why])
    }
  })
})

describe('a key with a last day', () => {
  const key = madeKey({ expires: '2026-03-26' })
  const { config } = keyFile(key)

  test.each([
    ['2026-03-26T23:59:59.999Z', undefined],
    ['2026-03-27T00:00:00.000Z', 'The service key has expired.'],
  ])('is valid until the end of that day (UTC): at %s', async (now, why) => {
    const log = keptLog().log
    const keys = await ServiceKeys.of({ ...configOf({}), ...config }, { log, clock: () => Date.parse(now) })
    const caller = async () => keys?.caller(key.bearer)
    if (why) await expect(caller()).rejects.toThrow(why)
    else expect(await caller()).toMatchObject({ access: { expires_at: Date.parse('2026-03-27T00:00:00Z') } })
    keys?.end()
  })
})

describe('mentors without an organisation', () => {
  const key = madeKey({ role: 'mentor', mentor_id: 'mentor_1', organisation_id: null })
  const { config } = keyFile(key)

  test.each([false, true])('choose an organisation if the operator allows it: %s', async allowed => {
    const all = { ...configOf({}), ...config, AUTH_MENTORS_CHOOSE_ORGANISATION: allowed }
    const keys = await ServiceKeys.of(all, { log: keptLog().log })
    expect(await keys?.caller(key.bearer)).toMatchObject(allowed ? {} : { startsWithoutOrganisation: true })
    expect('startsWithoutOrganisation' in Object((await keys?.caller(key.bearer)) ?? {})).toBe(!allowed)
    keys?.end()
  })
})

const faulty = keyFile()

test('a file that cannot be read, or has a faulty entry, stops the start with a sentence', async () => {
  const { file, folder, config } = faulty
  const start = (AUTH_KEYS: string) => ServiceKeys.of({ ...configOf({}), AUTH_KEYS }, { log: keptLog().log })
  for (const [content, reason] of [
    ['[', 'the content is not JSON'],
    [JSON.stringify([{ ...madeKey().entry, role: 'mentor' }]), 'entry 1 ("BI export"): mentor_id is required'],
  ] as const) {
    writeFileSync(file, content)
    const refusal = start(config.AUTH_KEYS)
    await expect(refusal).rejects.toThrow(StartupError)
    await expect(refusal).rejects.toThrow(`AUTH_KEYS must be a readable file with a list of service keys: ${reason}`)
  }
  await expect(start(join(folder, 'absent.json'))).rejects.toThrow('ENOENT')
  await expect(start(folder)).rejects.toThrow('EISDIR')
})
