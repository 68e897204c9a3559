import { constants, generateKeyPairSync, type KeyObject, type SignKeyObjectInput, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../src/startup/config'

/** A key that signs tokens. `kid` is its id in their headers. */
export interface SigningKey {
  kid: string
  alg: string
  /** Public part of the key, as the issuer publishes it. */
  published: object
  sign(text: string): Buffer
}

const pss: Partial<SignKeyObjectInput> = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }

interface Algorithm {
  pair: () => { privateKey: KeyObject; publicKey: KeyObject }
  hash: string | null
  how?: Partial<SignKeyObjectInput>
}

const ec = (namedCurve: string) => () => generateKeyPairSync('ec', { namedCurve })
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2_048 })

const algorithms = {
  ES256: { pair: ec('P-256'), hash: 'sha256', how: { dsaEncoding: 'ieee-p1363' } },
  ES384: { pair: ec('P-384'), hash: 'sha384', how: { dsaEncoding: 'ieee-p1363' } },
  RS256: { pair: rsa, hash: 'sha256' },
  PS256: { pair: rsa, hash: 'sha256', how: pss },
  EdDSA: { pair: () => generateKeyPairSync('ed25519'), hash: null },
} satisfies Record<string, Algorithm>

export function signingKey(kid = 'key', alg: keyof typeof algorithms = 'ES256'): SigningKey {
  const { pair, hash, how }: Algorithm = algorithms[alg]
  const { privateKey: key, publicKey } = pair()
  return {
    kid,
    alg,
    published: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg },
    sign: text => sign(hash, Buffer.from(text), { key, ...how }),
  }
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Returns a JWT of these claims, signed with the key, or by `signed`. */
export function signedToken(
  claims: object,
  { kid, alg, sign }: SigningKey,
  header: object = {},
  signed = sign,
): string {
  const text = `${encoded({ alg, kid, ...header })}.${encoded(claims)}`
  return `${text}.${signed(text).toString('base64url')}`
}

/**
 * Claims of one user in each role. The coordinator and the reader belong to org_1. The mentor is mentor_1 of org_1, and
 * `free` is mentor_1 without an organisation.
 */
export const people = {
  admin: { sub: 'admin', role: 'admin', name: 'Ada Admin' },
  coordinator: { sub: 'coordinator', role: 'coordinator', organisation_id: 'org_1', name: 'Cora Coordinator' },
  mentor: { sub: 'mentor', role: 'mentor', mentor_id: 'mentor_1', organisation_id: 'org_1', name: 'Mo Mentor' },
  free: { sub: 'free', role: 'mentor', mentor_id: 'mentor_1', name: 'Fay Free' },
  reader: { sub: 'reader', role: 'reader', organisation_id: 'org_1', name: 'Rea Reader' },
  nobody: { sub: 'nobody', name: 'No Role' },
} as const

export interface Issuing {
  /** Configuration of a server that accepts tokens of this issuer. */
  config: Required<Record<'AUTH_ISSUER' | 'AUTH_AUDIENCE' | 'AUTH_JWKS', string>> & Partial<Config>
  /**
   * Returns a token. It is valid for an hour, unless its claims state otherwise. A claim that is undefined is left out.
   */
  token(claims?: object, header?: object): string
  /** Returns an Authorization header with such a token. */
  bearer(claims?: object, header?: object): string
}

/**
 * An issuer without a process. Its keys are in a file, which is deleted after the suite. It signs with the first key.
 */
export function issuing(...[key = signingKey(), ...others]: SigningKey[]): Issuing {
  const folder = mkdtempSync(join(tmpdir(), 'issuer-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const config = {
    AUTH_ISSUER: 'https://issuer.example',
    AUTH_AUDIENCE: 'sessions',
    AUTH_JWKS: join(folder, 'keys.json'),
  }
  writeFileSync(config.AUTH_JWKS, JSON.stringify({ keys: [key, ...others].map(({ published }) => published) }))
  const token = (claims: object = {}, header?: object): string => {
    const exp = Math.floor(Date.now() / 1_000) + 3_600
    const whole = { iss: config.AUTH_ISSUER, aud: config.AUTH_AUDIENCE, sub: 'somebody', exp, ...claims }
    return signedToken(whole, key, header)
  }
  return { config, token, bearer: (...stated) => `Bearer ${token(...stated)}` }
}
