import { createHmac, createPublicKey } from 'node:crypto'
import { inspect } from 'node:util'
import { TokenAuthenticator } from '../../src/access/authenticator'
import { DomainError, TokenFault } from '../../src/domain/errors'
import { configOf } from '../../src/startup/config'
import { keptLog } from '../support/server'
import { type Issuing, issuing, people, signedToken, signingKey } from '../support/tokens'

const issuer = issuing()
const { bearer, token } = issuer
const { log, lines } = keptLog()
const now = Math.floor(Date.now() / 1_000)
const accessOf = async ({ config }: Issuing) =>
  (await TokenAuthenticator.of({ ...configOf({}), ...config }, log)) as TokenAuthenticator
let access: TokenAuthenticator
beforeAll(async () => {
  access = await accessOf(issuer)
})

/** Returns the refusal of an Authorization header, with its challenge of RFC 6750 if it has one. */
async function refusal(authorization: string | undefined, by = access): Promise<object> {
  const asked = (async () => by.caller(authorization))()
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof DomainError)) throw new Error(`not refused: ${error}`)
  const { code, cause } = error
  return cause instanceof TokenFault ? { code, error: cause.error, why: cause.message } : { code }
}

const bad = (why: string) => ({ code: 'unauthenticated', error: 'invalid_token', why })

describe('an Authorization header', () => {
  test.each([undefined, '', 'Basic dTpw', 'Digest username="a"', 'Bearertoken'])(
    'without a bearer token, %j, is refused without a reason',
    async authorization => {
      expect(await refusal(authorization)).toEqual({ code: 'unauthenticated' })
    },
  )

  test.each(['Bearer', 'Bearer ', 'bearer a b', 'Bearer a.b.c, Basic dTpw'])(
    'without a single token, %j, is a malformed request',
    async authorization => {
      const why = 'The request must have exactly one `Authorization` header, with exactly one token.'
      expect(await refusal(authorization)).toEqual({ code: 'unauthenticated', error: 'invalid_request', why })
    },
  )

  test('may have its scheme in any case, followed by several spaces', async () => {
    const signed = token(people.admin)
    for (const text of [`bearer ${signed}`, `BEARER   ${signed}`, ` Bearer ${signed} `]) {
      expect(await access.caller(text)).toMatchObject({ may: 'administer' })
    }
  })

  test('with an oversized token is a malformed request', async () => {
    const why = 'The token is longer than 16384 characters.'
    expect(await refusal(`Bearer ${'a'.repeat(16 * 1024 + 1)}`)).toMatchObject({ error: 'invalid_request', why })
  })
})

describe('a token is invalid', () => {
  test.each(['a', 'a.b', 'a.b.c', '..', 'é.é.é', `${token()}.a`, token().replace(/\.[^.]*$/, '')])(
    'if it is malformed: %s',
    async text => {
      expect(await refusal(`Bearer ${text}`)).toEqual(bad('The token is not a signed JSON Web Token (JWT).'))
    },
  )

  test('after its end, and before its start', async () => {
    expect(await refusal(bearer({ exp: now - 60 }))).toEqual(bad('The token has expired.'))
    expect(await refusal(bearer({ nbf: now + 60 }))).toEqual(bad('The token is not valid yet.'))
  })

  test('without an end, or with an end that is not a number', async () => {
    expect(await refusal(bearer({ exp: undefined }))).toEqual(bad('The token has no expiry time (`exp`).'))
    expect(await refusal(bearer({ exp: `${now + 60}` }))).toEqual(bad('The token has no expiry time (`exp`).'))
  })

  test('of another issuer, or of none', async () => {
    for (const iss of ['https://other.example', `${issuer.config.AUTH_ISSUER}/`, undefined]) {
      expect(await refusal(bearer({ iss }))).toEqual(bad('The token is from another issuer.'))
    }
  })

  test('for another audience, or for none', async () => {
    for (const aud of ['other', ['other', 'sessions2'], [], undefined]) {
      expect(await refusal(bearer({ aud }))).toEqual(bad('The token is for another audience.'))
    }
  })

  test('without a signature', async () => {
    const untaken = bad("The token's signature algorithm is not allowed.")
    const claims = JSON.parse(Buffer.from(String(token(people.admin).split('.')[1]), 'base64url').toString())
    const unsigned = signedToken(claims, signingKey(), { alg: 'none' }, () => Buffer.alloc(0))
    expect(await refusal(`Bearer ${unsigned}`)).toEqual(untaken)
    for (const alg of ['None', 'NONE', '', 'ES256K', 7]) {
      expect(await refusal(bearer(people.admin, { alg }))).toMatchObject({ error: 'invalid_token' })
    }
  })

  test('signed with the published key as a secret', async () => {
    const published = signingKey()
    const claims = { iss: issuer.config.AUTH_ISSUER, aud: 'sessions', exp: now + 60, role: 'admin' }
    const secrets = [
      createPublicKey({ key: published.published as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
      JSON.stringify(published.published),
    ]
    for (const [alg, hash] of [
      ['HS256', 'sha256'],
      ['HS512', 'sha512'],
    ] as const) {
      for (const secret of secrets) {
        const forged = signedToken(claims, published, { alg }, text => createHmac(hash, secret).update(text).digest())
        expect(await refusal(`Bearer ${forged}`)).toEqual(bad("The token's signature algorithm is not allowed."))
      }
    }
  })

  test('signed by another key under the same name', async () => {
    const forged = signedToken({ iss: issuer.config.AUTH_ISSUER, aud: 'sessions', exp: now + 60 }, signingKey())
    expect(await refusal(`Bearer ${forged}`)).toEqual(bad("The token's signature is not valid."))
    const [head, , signature] = token(people.reader).split('.')
    const [, body] = token(people.admin).split('.')
    expect(await refusal(`Bearer ${head}.${body}.${signature}`)).toEqual(bad("The token's signature is not valid."))
  })

  test('if it brings its own key, or has a critical header that is not supported', async () => {
    const own = signingKey('key')
    const claims = { iss: issuer.config.AUTH_ISSUER, aud: 'sessions', exp: now + 60, role: 'admin' }
    const forged = signedToken(claims, own, { jwk: own.published, jku: 'https://attacker.example/keys' })
    expect(await refusal(`Bearer ${forged}`)).toEqual(bad("The token's signature is not valid."))
    expect(await refusal(bearer(people.admin, { crit: ['exp'] }))).toMatchObject({ error: 'invalid_token' })
  })
})

test('a token is admitted with a clock skew of 30 s, and its end stays unchanged', async () => {
  const ended = await access.caller(bearer({ ...people.admin, exp: now - 20 }))
  expect(ended.streamAccess?.expires_at).toBe((now - 20) * 1_000)
  expect(ended.access?.expires_at).toBe((now + 10) * 1_000)
  expect(await access.caller(bearer({ ...people.admin, nbf: now + 20 }))).toMatchObject({ may: 'administer' })
})

describe('the end of a token', () => {
  test.each([253_402_300_800, 8.64e12 + 1, 1e300, Number.MAX_VALUE])('in %d s counts as the end of 9999', async exp => {
    const expires_at = Date.parse('9999-12-31T23:59:59Z')
    expect(await access.caller(bearer({ ...people.admin, exp }))).toMatchObject({ access: { expires_at } })
  })

  const key = signingKey()
  const other = issuing(key)

  test('that is too large for a number counts as the end of 9999', async () => {
    const access = await accessOf(other)
    const [head, claims = ''] = other.token(people.admin).split('.')
    const huge = Buffer.from(claims, 'base64url')
      .toString()
      .replace(/"exp":\d+/, '"exp":1e999')
    const text = `${head}.${Buffer.from(huge).toString('base64url')}`
    const caller = await access.caller(`Bearer ${text}.${key.sign(text).toString('base64url')}`)
    expect(caller).toMatchObject({ access: { expires_at: Date.parse('9999-12-31T23:59:59Z') } })
  })

  test('may have a fraction', async () => {
    expect(await access.caller(bearer({ ...people.admin, exp: now + 60.25 }))).toMatchObject({
      access: { expires_at: (now + 60.25) * 1_000 },
    })
  })

  test.each([-1e300, -1, 0, -0.5, 0.5])('in the past, %d, has expired', async exp => {
    expect(await refusal(bearer({ ...people.admin, exp }))).toEqual(bad('The token has expired.'))
  })
})

test('a token starts at any number: in the past it is valid, in the future not yet', async () => {
  for (const nbf of [-1e300, -1, 0.5, now - 60.25]) {
    expect(await access.caller(bearer({ ...people.admin, nbf }))).toMatchObject({ may: 'administer' })
  }
  for (const nbf of [now + 60.25, 8.64e12 + 1, 1e300]) {
    expect(await refusal(bearer({ ...people.admin, nbf }))).toEqual(bad('The token is not valid yet.'))
  }
  expect(await refusal(bearer({ ...people.admin, nbf: '0' }))).toMatchObject({ error: 'invalid_token' })
})

describe('the type in a header', () => {
  // Keycloak, Auth0, Entra, Google and authentik send JWT or at+jwt, Okta and Cognito send none.
  test.each([undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/JWT'])(
    'may be %s',
    async typ => {
      expect(await access.caller(bearer(people.admin, { typ }))).toMatchObject({ may: 'administer' })
    },
  )

  test.each([
    'logout+jwt',
    'application/logout+jwt',
    'secevent+jwt',
    'dpop+jwt',
    'JOSE',
    'at+jwt ',
    'text/at+jwt',
    '',
    null,
    7,
    ['JWT'],
    { typ: 'JWT' },
  ])('may not be %j', async typ => {
    expect(await refusal(bearer(people.admin, { typ }))).toEqual(
      bad('The token is neither an access token nor an ID token: `typ` in its header must be JWT or at+jwt.'),
    )
  })
})

describe('a token may be', () => {
  const algorithms = ['RS256', 'PS256', 'ES384', 'EdDSA'] as const

  test.each(algorithms.map(alg => [alg, issuing(signingKey('other', alg))] as const))(
    'signed with %s',
    async (_, by) => {
      const access = await accessOf(by)
      expect(await access.caller(by.bearer(people.admin))).toMatchObject({ may: 'administer' })
    },
  )

  const several = issuing(signingKey('one'), signingKey('two'), signingKey('three', 'RS256'))
  const others = issuing(signingKey('four'))

  test('without the name of its key: every suitable key is tried', async () => {
    const access = await accessOf(several)
    expect(await access.caller(several.bearer(people.admin, { kid: undefined }))).toMatchObject({ may: 'administer' })
    expect(await refusal(others.bearer(people.admin, { kid: undefined }), access)).toEqual(
      bad("The token's signature is not valid."),
    )
  })

  const audiences = issuing()

  test('for several audiences', async () => {
    const access = await accessOf(audiences)
    expect(await access.caller(audiences.bearer({ ...people.admin, aud: ['other', 'sessions'] }))).toBeDefined()
  })
})

test('no part of a token appears in a refusal or in the log', async () => {
  const secret = 'a_planted_secret'
  const planted = { ...people.nobody, sub: secret, name: secret, jti: secret }
  const tokens = [
    bearer(planted),
    bearer({ ...planted, exp: now - 60 }),
    bearer({ ...planted, iss: secret }),
    bearer({ ...planted, aud: secret }),
    bearer(planted, { kid: secret }),
    bearer(planted, { alg: secret }),
    bearer(planted, { typ: secret, crit: [secret] }),
    bearer(planted, { typ: secret }),
    `Bearer ${secret}.${secret}.${secret}`,
    `Bearer ${secret} ${secret}`,
    `${secret} ${secret}`,
  ]
  for (const authorization of tokens) {
    const thrown = await (async () => access.caller(authorization))().catch((error: unknown) => error)
    expect(inspect(thrown, { depth: 10, showHidden: true }).toLowerCase()).not.toContain(secret)
  }
  log.warn({ err: 'seen' }, 'seen')
  expect(JSON.stringify(lines)).toContain('seen')
  expect(JSON.stringify(lines)).not.toContain(secret)
})
