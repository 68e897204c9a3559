import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../src/config'

/** A key that an issuer signs with, by the name that tokens call it by. */
export interface SigningKey {
  kid: string
  privateKey: KeyObject
  /** As the issuer publishes it. */
  published: object
}

export function signingKey(kid = 'key'): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid, privateKey, published: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' } }
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token as its three parts are put together: signed, with ES256 unless something else is handed in. */
export function signedToken(
  claims: object,
  { kid, privateKey }: SigningKey,
  header: object = {},
  signed = (text: string): Buffer => sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
): string {
  const text = `${encoded({ alg: 'ES256', kid, ...header })}.${encoded(claims)}`
  return `${text}.${signed(text).toString('base64url')}`
}

/** What tokens say of somebody in each role. A coordinator and a reader are of org_1, the mentor is its mentor_1. */
export const people = {
  admin: { sub: 'admin', role: 'admin', name: 'Ada Admin' },
  coordinator: { sub: 'coordinator', role: 'coordinator', organisation_id: 'org_1', name: 'Cora Coordinator' },
  mentor: { sub: 'mentor', role: 'mentor', mentor_id: 'mentor_1', organisation_id: 'org_1', name: 'Mo Mentor' },
  reader: { sub: 'reader', role: 'reader', organisation_id: 'org_1', name: 'Rea Reader' },
  nobody: { sub: 'nobody', name: 'No Role' },
} as const

export interface Issuing {
  /** What a server asks for the tokens of this issuer by. */
  config: Pick<Config, 'AUTH_ISSUER' | 'AUTH_AUDIENCE' | 'AUTH_JWKS'>
  /** A token that is good for an hour, unless its claims say otherwise: one that is undefined is not in it. */
  token(claims?: object, header?: object): string
  /** The same as a field Authorization states it. */
  bearer(claims?: object, header?: object): string
}

/** An issuer whose keys stand in a file, which is gone after the suite. No process is behind it. */
export function issuing(): Issuing {
  const folder = mkdtempSync(join(tmpdir(), 'issuer-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const config = {
    AUTH_ISSUER: 'https://issuer.example',
    AUTH_AUDIENCE: 'sessions',
    AUTH_JWKS: join(folder, 'keys.json'),
  }
  const key = signingKey()
  writeFileSync(config.AUTH_JWKS, JSON.stringify({ keys: [key.published] }))
  const token = (claims: object = {}, header?: object): string => {
    const exp = Math.floor(Date.now() / 1_000) + 3_600
    const whole = { iss: config.AUTH_ISSUER, aud: config.AUTH_AUDIENCE, sub: 'somebody', exp, ...claims }
    return signedToken(whole, key, header)
  }
  return { config, token, bearer: (...stated) => `Bearer ${token(...stated)}` }
}
