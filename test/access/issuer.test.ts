import { writeFileSync } from 'node:fs'
import { TokenAuthenticator } from '../../src/access/authenticator'
import { Issuer } from '../../src/access/issuer'
import { waitsByPlace } from '../../src/concurrency/waits'
import { DomainError, TokenFault } from '../../src/domain/errors'
import { KeyServer } from '../support/key-server'
import { keptLog } from '../support/server'
import { issuing, people, signingKey } from '../support/tokens'
import { until } from '../support/until'

/** Returns the same server under an address that is not recognised as loopback. */
const inTheClear = (url: string): string => url.replace('127.0.0.1', '[::ffff:127.0.0.1]')

const claimNames = { role: 'role', mentor_id: 'mentor_id', organisation_id: 'organisation_id', name: 'name' }
const discovery = '/.well-known/openid-configuration'

let server: KeyServer
let now: number
let access: TokenAuthenticator
let log: ReturnType<typeof keptLog>
beforeEach(async () => {
  server = await new KeyServer().start()
  now = 0
  log = keptLog()
  access = ofIssuer(new Issuer({ name: server.url, log: log.log, clock: () => now }))
})
afterEach(() => server.stop())

const ofIssuer = (issuer: Issuer): TokenAuthenticator =>
  new TokenAuthenticator({ issuer, audience: 'sessions', claimNames })

/** Returns `good` for a valid token, otherwise the code and the reason of the refusal. */
async function outcome(authorization: string, by = access): Promise<string> {
  try {
    await by.caller(authorization)
    return 'good'
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return error.cause instanceof TokenFault ? error.cause.message : error.code
  }
}

const unknown = "The issuer has no key with the token's key id."

describe('the keys of an issuer', () => {
  test('are fetched with the first token, once for all concurrent tokens, and then cached', async () => {
    expect(server.asked).toEqual([])
    const tokens = Array.from({ length: 20 }, (_, i) => server.bearer({ sub: `${i}` }))
    expect(new Set(await Promise.all(tokens.map(token => outcome(token))))).toEqual(new Set(['good']))
    expect(await outcome(server.bearer({ sub: 'later' }))).toBe('good')
    expect(server.asked).toEqual([discovery, '/keys'])
  })

  test('are waited for: each token that needs them counts as a wait until they are fetched', async () => {
    let waiting = 0
    server.instead['/keys'] = (_, response) => {
      waiting = waitsByPlace().issuer_keys
      response.end(JSON.stringify({ keys: server.keys.map(({ published }) => published) }))
    }
    const tokens = [server.bearer(), server.bearer({ sub: 'other' })]
    expect(await Promise.all(tokens.map(token => outcome(token)))).toEqual(['good', 'good'])
    expect(waiting).toBe(2)
    expect(waitsByPlace().issuer_keys).toBe(0)
  })

  test('are not fetched for a token that is invalid without them', async () => {
    await server.stop()
    expect(await outcome(server.bearer({ exp: 1 }))).toBe('The token has expired.')
    expect(await outcome(server.bearer({ iss: 'https://other.example' }))).toBe('The token is from another issuer.')
    expect(await outcome('Bearer a.b.c')).toBe('The token is not a signed JSON Web Token (JWT).')
    expect(server.asked).toEqual([])
  })

  test('are fetched again if a token names an unknown key, at most every 30 s', async () => {
    await outcome(server.bearer())
    server.keys = [signingKey('next')]
    expect(await outcome(server.bearer())).toBe(unknown)
    now = 29_999
    expect(await outcome(server.bearer())).toBe(unknown)
    expect(server.fetches).toBe(1)
    now = 30_000
    const unnamed = Array.from({ length: 10 }, (_, i) => server.bearer({}, signingKey(`none ${i}`)))
    expect(await Promise.all(unnamed.map(token => outcome(token)))).toEqual(Array(10).fill(unknown))
    expect(server.fetches).toBe(2)
    expect(await outcome(server.bearer())).toBe('good')
    expect(server.fetches).toBe(2)
  })

  test('are withdrawn by the next fetch, and so are tokens signed with them', async () => {
    const former = server.bearer()
    expect(await outcome(former)).toBe('good')
    server.keys = [signingKey('next')]
    now = 30_000
    expect(await outcome(server.bearer())).toBe('good')
    expect(await outcome(former)).toBe(unknown)
  })

  test('are refreshed after ten minutes, and are still used meanwhile', async () => {
    const token = server.bearer()
    await outcome(token)
    server.keys = [signingKey('next')]
    now = 599_999
    expect(await outcome(token)).toBe('good')
    expect(server.fetches).toBe(1)
    now = 600_000
    expect(await outcome(token)).toBe('good')
    await until(async () => (await outcome(token)) === unknown, 60_000, 'the withdrawn key to go')
    expect(server.fetches).toBe(2)
  })

  test('are used for as long as the issuer is down, with a fetch every 30 s', async () => {
    const token = server.bearer()
    await outcome(token)
    await server.stop()
    now = 86_400_000
    expect(await outcome(token)).toBe('good')
    expect(await outcome(server.bearer({ sub: 'other' }))).toBe('good')
    for (const times of [1, 2, 3]) {
      await until(() => log.lines.length === times, 60_000, 'the line of the log')
      now += 29_999
      expect(await outcome(token)).toBe('good')
      expect(log.lines.length).toBe(times)
      now += 1
      expect(await outcome(token)).toBe('good')
    }
    expect(log.lines[0]).toMatchObject({ level: 'warn', msg: 'issuer keys not refreshed, keeping the old keys' })
  })
})

describe('an unreachable issuer', () => {
  test('makes the first tokens unavailable, and is retried after a second', async () => {
    await server.stop()
    const token = server.bearer()
    expect(await outcome(token)).toBe('unavailable')
    await server.start()
    now = 999
    expect(await outcome(token)).toBe('unavailable')
    expect(server.asked).toEqual([])
    now = 1_000
    expect(await outcome(token)).toBe('good')
  })

  test('makes only tokens with unknown keys unavailable, for 30 s', async () => {
    const known = server.bearer()
    await outcome(known)
    await server.stop()
    const next = signingKey('next')
    now = 30_000
    expect(await outcome(server.bearer({}, next))).toBe('unavailable')
    expect(await outcome(server.bearer({ sub: 'other' }))).toBe('good')
    server.keys = [next]
    await server.start()
    now = 59_999
    expect(await outcome(server.bearer())).toBe('unavailable')
    now = 60_000
    expect(await outcome(server.bearer())).toBe('good')
  })

  test.each<[what: string, path: string, answer: (url: string) => string | number]>([
    [
      'the discovery document of another issuer',
      discovery,
      url => `{"issuer":"https://other.example","jwks_uri":"${url}/keys"}`,
    ],
    ['the document of the issuer with a slash more', discovery, url => `{"issuer":"${url}/","jwks_uri":"${url}/keys"}`],
    ['a document without keys', discovery, url => `{"issuer":"${url}"}`],
    [
      'a document with keys that come in the clear',
      discovery,
      url => `{"issuer":"${url}","jwks_uri":"${inTheClear(url)}/keys"}`,
    ],
    ['a document that is none', discovery, () => '<html>'],
    ['a document that is null', discovery, () => 'null'],
    ['a failure', discovery, () => 500],
    ['a redirect', '/keys', () => 302],
    ['keys that are none', '/keys', () => '{"keys":7}'],
    ['keys that are too many', '/keys', () => `{"keys":[],"more":"${'.'.repeat(256 * 1024)}"}`],
  ])('is treated as unreachable if it answers with %s', async (_, path, answer) => {
    server.instead[path] = (_request, response) => {
      const said = answer(server.url)
      if (typeof said === 'string') response.end(said)
      else response.writeHead(said, { Location: `${server.url}/elsewhere` }).end()
    }
    expect(await outcome(server.bearer())).toBe('unavailable')
    expect(server.asked).not.toContain('/elsewhere')
    delete server.instead[path]
    now = 1_000
    expect(await outcome(server.bearer())).toBe('good')
  })

  test('is given 5 s to answer', async () => {
    const bySet = ofIssuer(new Issuer({ name: server.url, jwks: `${server.url}/keys`, log: log.log }))
    for (const path of [discovery, '/keys']) server.instead[path] = (_request, response) => void response.write('{')
    const asked = performance.now()
    const outcomes = await Promise.all([access, bySet].map(by => outcome(server.bearer(), by)))
    expect(outcomes).toEqual(['unavailable', 'unavailable'])
    expect(performance.now() - asked).toBeGreaterThan(4_900)
    expect(performance.now() - asked).toBeLessThan(20_000)
  })
})

test("an issuer's trailing slash appears in its tokens, and not twice in the URL of its discovery document", async () => {
  const name = `${server.url}/`
  server.instead[discovery] = (_, response) => response.end(`{"issuer":"${name}","jwks_uri":"${server.url}/keys"}`)
  const slashed = ofIssuer(new Issuer({ name, log: log.log }))
  expect(await outcome(server.bearer({ iss: name }), slashed)).toBe('good')
  expect(await outcome(server.bearer(), slashed)).toBe('The token is from another issuer.')
})

test('a key set with its own URL needs no discovery document', async () => {
  const bySet = ofIssuer(new Issuer({ name: 'https://issuer.example', jwks: `${server.url}/keys`, log: log.log }))
  expect(await outcome(server.bearer({ iss: 'https://issuer.example' }), bySet)).toBe('good')
  expect(server.asked).toEqual(['/keys'])
})

describe('a key set in a file', () => {
  const first = issuing()

  test('is read again under the same rules as a URL', async () => {
    const { AUTH_ISSUER, AUTH_JWKS } = first.config
    const byFile = ofIssuer(new Issuer({ name: AUTH_ISSUER, jwks: AUTH_JWKS, log: log.log, clock: () => now }))
    expect(await outcome(first.bearer(people.admin), byFile)).toBe('good')
    const next = signingKey('next')
    writeFileSync(AUTH_JWKS, JSON.stringify({ keys: [next.published] }))
    now = 30_000
    expect(await outcome(server.bearer({ iss: AUTH_ISSUER }, next), byFile)).toBe('good')
    expect(await outcome(first.bearer(people.admin), byFile)).toBe(unknown)
  })
})

test('an unusable key makes only its own tokens invalid', async () => {
  const { published } = server.keys[0] as { published: { kid: string; x: string } }
  server.instead['/keys'] = (_, response) => response.end(JSON.stringify({ keys: [{ ...published, x: 'AAAA' }] }))
  expect(await outcome(server.bearer())).toBe("This server cannot verify the token's signature.")
})
