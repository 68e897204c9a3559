import { execFile } from 'node:child_process'
import { sentBy } from '../../support/access'
import { mainProgram } from '../../support/instance'
import { liveWays } from '../../support/live'
import { folder, run } from '../../support/process'
import { client } from '../../support/rest'
import { describeMongo, embeddedDatabase, mongoDatabase, overStores } from '../../support/stores'
import { until, within } from '../../support/until'

const path = '/api/v1/service-keys'
const waitMs = 20_000

/** Runs `benefit-sessions key create` with these arguments. Returns its exit code and output. */
const creating = (args: string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; said: string; errors: string }>(resolve => {
    const all = { AUTH_KEYS: 'stored', ...env }
    execFile(
      process.execPath,
      [mainProgram, 'key', 'create', ...args],
      { env: all, cwd: folder },
      (error, said, errors) => resolve({ code: error ? Number(error.code) : 0, said, errors }),
    )
  })
const admin = ['--name', 'Ada Admin', '--role', 'admin']
const keyIn = (said: string): string => /^bsk_[\w-]{43}$/m.exec(said)?.[0] ?? ''

overStores(({ newDatabase }) => {
  test('key create stores a key, with which an admin signs in to the server that starts then', async () => {
    const database = await newDatabase()
    const { code, said, errors } = await creating(admin, database.env)
    expect([code, errors]).toEqual([0, ''])
    expect(said.match(/bsk_/g)).toHaveLength(1)
    const instance = run({ ...database.env, AUTH_KEYS: 'stored' })
    await instance.listening()
    const { get } = client(instance, sentBy(`Bearer ${keyIn(said)}`))
    await until(async () => (await get(path)).status === 200, waitMs, 'the key')
    const [key] = JSON.parse((await get(path)).text).data
    expect(key).toMatchObject({ name: 'Ada Admin', role: 'admin', created_by: null })
    expect(said).toContain(key.key_id)
    await instance.kill()
    await database.drop()
  })
})

test.each([
  [[], '--name is required. Try --help.'],
  [['--name', 'n', '--role', 'reader'], '--organisation is required for the role reader. Try --help.'],
  [[...admin, '--expires', '2020-01-01'], '--expires must not be in the past. Try --help.'],
  [['--foo'], "Unknown option '--foo'. Try --help."],
])('key create refuses the arguments %j', async (args, errors) => {
  expect(await creating(args)).toEqual({ code: 1, said: '', errors: `${errors}\n` })
})

test.each(['', 'keys.json'])(
  'key create refuses AUTH_KEYS=%s, with which no server accepts the key',
  async AUTH_KEYS => {
    const { code, errors } = await creating(admin, { AUTH_KEYS })
    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(/^Set AUTH_KEYS=stored for the server and for this command\./),
    ])
  },
)

test('key create says what to do if the data file is in use', async () => {
  const database = await embeddedDatabase()
  await database.open()
  const { code, errors } = await creating(admin, database.env)
  expect([code, errors]).toEqual([
    1,
    expect.stringMatching(/ is in use by another process\. Stop the server while this/),
  ])
  await database.drop()
})

describeMongo('two processes with stored keys', () => {
  test('a key that is created or revoked in one process is accepted or refused within a second in the other', async () => {
    const database = await mongoDatabase()
    const env = { ...database.env, AUTH_KEYS: 'stored' }
    const processes = [run(env), run(env)] as const
    await Promise.all(processes.map(instance => instance.listening()))
    const [first, second] = processes
    const key = keyIn((await creating(admin, database.env)).said)
    const rest = client(first, sentBy(`Bearer ${key}`))
    await until(async () => (await rest.get(path)).status === 200, waitMs, "the admin's key")
    const body = JSON.stringify({ name: 'CRM', role: 'coordinator', organisation_id: 'org_1' })
    const created = JSON.parse((await rest.post(path, body)).text)
    const bearer = `Bearer ${created.key}`
    const status = async () => (await client(second, sentBy(bearer)).get('/api/v1/benefit-caller')).status
    await until(async () => (await status()) === 200, 1_000, 'the new key')
    const ways = ['the feed over a WebSocket', 'the feed of REST']
    const told = ways.map(way => liveWays[way]?.(second.url, bearer, ''))
    await until(() => told.every(stream => Number(stream?.texts.length) > 0), waitMs, 'the first messages')
    await rest.call('DELETE', `${path}/${created.key_id}`)
    const revoked = Date.now()
    const ends = await within(waitMs, 'the ends', Promise.all(told.map(stream => stream?.ended)))
    for (const end of ends) expect(Number(end?.at) - revoked).toBeLessThan(1_000)
    expect(await status()).toBe(401)
    await Promise.all(processes.map(instance => instance.kill()))
    await database.drop()
  })
})
