import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startStandalone } from './support/mongod'
import { folder, run } from './support/process'
import { madeKey } from './support/service-keys'
import { describeMongo } from './support/stores'

/** Runs a process that cannot start. Returns its exit code, its message and its log lines. */
async function refusal(env: Record<string, string>): Promise<{ code: number | null; said: string; logged: unknown[] }> {
  const refused = run(env)
  return { code: await refused.ended, said: refused.errors, logged: refused.lines }
}

const sentence = (text: RegExp) => ({
  code: 1,
  said: expect.stringMatching(new RegExp(`^${text.source}[^\\n]*\\.\\n$`)),
  logged: [],
})

describe('it refuses to start, with one sentence,', () => {
  test('with an invalid PORT', async () => {
    const ends = await Promise.all(['http', '65536', '4000.5'].map(PORT => refusal({ PORT })))
    expect(ends).toEqual(Array(3).fill(sentence(/PORT must be a port number, 0 to 65535/)))
  })

  test('with an invalid SESSION_DAYS', async () => {
    const ends = await Promise.all(['0', '1.5', 'never'].map(SESSION_DAYS => refusal({ SESSION_DAYS })))
    expect(ends).toEqual(Array(3).fill(sentence(/SESSION_DAYS must be a whole number from 1 to 9999999/)))
  })

  test('with an invalid LOG_LEVEL', async () => {
    expect(await refusal({ LOG_LEVEL: 'loud' })).toEqual(
      sentence(/LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent/),
    )
  })

  test.each(['https://a.example/', 'a.example', 'https://a.example,', 'null', '*.example', 'https://A.example:443'])(
    'with an invalid CORS_ORIGIN: %s',
    async CORS_ORIGIN => {
      expect(await refusal({ CORS_ORIGIN })).toEqual(sentence(/CORS_ORIGIN must be \* or origins such as https:/))
    },
  )

  test('with an invalid TRUST_PROXY', async () => {
    const ends = await Promise.all(['true', '-1', '10.0.0.0/8'].map(TRUST_PROXY => refusal({ TRUST_PROXY })))
    expect(ends).toEqual(Array(3).fill(sentence(/TRUST_PROXY must be the number of trusted proxies, 0 to 99/)))
  })

  test('with an AUTH_JWKS that is not a key set', async () => {
    const none = join(folder, 'none.json')
    writeFileSync(none, '-----BEGIN PRIVATE KEY-----')
    const env = { AUTH_ISSUER: 'https://issuer.example', AUTH_AUDIENCE: 'sessions' }
    const files = [join(folder, 'absent.json'), none]
    const ends = await Promise.all(files.map(AUTH_JWKS => refusal({ ...env, AUTH_JWKS, DATA_FILE: `${AUTH_JWKS}.db` })))
    expect(ends).toEqual([
      sentence(/AUTH_JWKS must be a readable file with a JSON Web Key Set: ENOENT/),
      sentence(/AUTH_JWKS must be a readable file with a JSON Web Key Set: the content is not JSON/),
    ])
  })

  test('with AUTH_KEYS that cannot be read, or have a faulty entry', async () => {
    const directory = join(folder, 'directory')
    mkdirSync(directory)
    const [none, faulty] = [join(folder, 'no-keys.json'), join(folder, 'faulty-keys.json')]
    writeFileSync(none, '{}')
    writeFileSync(faulty, JSON.stringify([{ ...madeKey().entry, organisation_id: null }]))
    const files = [join(folder, 'absent.json'), directory, none, faulty]
    const ends = await Promise.all(
      files.map(AUTH_KEYS => refusal({ AUTH_KEYS, HOST: '0.0.0.0', DATA_FILE: `${AUTH_KEYS}.db` })),
    )
    const prefix = /AUTH_KEYS must be a readable file with a list of service keys: /.source
    const reasons = [
      'ENOENT',
      'EISDIR',
      'the content is not a JSON array',
      'entry 1 \\("BI export"\\): organisation_id is required for the role reader',
    ]
    expect(ends).toEqual(reasons.map(reason => sentence(new RegExp(prefix + reason))))
  })

  test('with an invalid BASE_PATH', async () => {
    const paths = ['benefits', '/benefits/', '/a/../b']
    const ends = await Promise.all(paths.map(BASE_PATH => refusal({ BASE_PATH })))
    expect(ends).toEqual(paths.map(() => sentence(/BASE_PATH must be a path such as \/benefits: /)))
  })

  test('with an invalid SHUTDOWN_SECONDS', async () => {
    const ends = await Promise.all(['0', '1.5', '10s'].map(SHUTDOWN_SECONDS => refusal({ SHUTDOWN_SECONDS })))
    expect(ends).toEqual(Array(3).fill(sentence(/SHUTDOWN_SECONDS must be a whole number of seconds, 1 to 9999/)))
  })

  test('on a port in use', async () => {
    const server: Server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const env = { PORT: String(port), DATA_FILE: join(folder, 'port.db') }
    expect(await refusal(env)).toEqual(sentence(new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use: `)))
    server.close()
  })

  test('with a METRICS_PORT that is invalid or in use', async () => {
    expect(await refusal({ METRICS_PORT: 'on' })).toEqual(sentence(/METRICS_PORT must be a port number, 0 to 65535/))
    const server: Server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const env = { METRICS_PORT: String(port), DATA_FILE: join(folder, 'metrics-port.db') }
    const inUse = new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use: .* METRICS_PORT `)
    expect(await refusal(env)).toEqual(sentence(inUse))
    server.close()
  })

  test('on an address of another host', async () => {
    const env = { HOST: '192.0.2.1', PUBLIC: 'on', DATA_FILE: join(folder, 'host.db') }
    expect(await refusal(env)).toEqual(sentence(/Cannot listen on 192\.0\.2\.1:0 /))
  })

  test('beyond this machine without a choice of authentication', async () => {
    const env = { HOST: '0.0.0.0', DATA_FILE: join(folder, 'public.db') }
    expect(await refusal(env)).toEqual(
      sentence(/Set AUTH_ISSUER to require tokens, AUTH_KEYS to require service keys, or PUBLIC=on /),
    )
    expect(existsSync(env.DATA_FILE)).toBe(false)
    expect(await run({ ...env, PUBLIC: 'on' }).listening()).toMatch('http://0.0.0.0:')
    const key = madeKey()
    const AUTH_KEYS = join(folder, 'keys.json')
    writeFileSync(AUTH_KEYS, JSON.stringify([key.entry]))
    const url = await run({ ...env, AUTH_KEYS, DATA_FILE: join(folder, 'keys.db') }).listening()
    const path = `${url}/api/v1/benefit-caller`
    expect((await fetch(path)).status).toBe(401)
    expect((await fetch(path, { headers: { Authorization: key.bearer } })).status).toBe(200)
  })

  test('on a data file held by another process, which continues', async () => {
    const env = { DATA_FILE: join(folder, 'held.db') }
    const url = await run(env).listening()
    expect(await refusal(env)).toEqual(sentence(/\S+held\.db is in use by another process: /))
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  })

  test('on a data file that is not writable', async () => {
    expect(await refusal({ DATA_FILE: '/dev/null/sessions.db' })).toEqual(
      sentence(/\/dev\/null\/sessions\.db cannot be opened for writing /),
    )
  })

  test('with an invalid MONGODB_URI', async () => {
    const ends = await Promise.all(['nonsense', 'mongodb://'].map(MONGODB_URI => refusal({ MONGODB_URI })))
    expect(ends).toEqual(Array(2).fill(sentence(/MONGODB_URI is not a MongoDB connection string: /)))
  })
})

describeMongo('with a running mongod it refuses to start, with one sentence,', () => {
  test('on a standalone MongoDB', async () => {
    const standalone = await startStandalone()
    expect(await refusal({ MONGODB_URI: standalone.getUri() })).toEqual(
      sentence(/MongoDB at \S+ is a standalone server, /),
    )
    await standalone.stop({ doCleanup: true, force: true })
  })
})
