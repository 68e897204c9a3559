import { errors, type JWTPayload, jwtVerify, UnsecuredJWT } from 'jose'
import { DomainError, TokenFault, unauthenticated } from '../domain/errors'
import type { Issuer } from './issuer'

/** By how much the clocks of issuer and server may differ, for a token to be admitted. */
export const skewMs = 30_000

/** A token is at most so long. */
export const tokenCharacters = 16 * 1024

/** Those whose public key makes no tokens. */
const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')

/** The token of a field Authorization (RFC 6750 §2.1). Throws unauthenticated, with a fault where there is a bad one. */
export function tokenOf(authorization: string | undefined): string {
  const [scheme = '', token = '', ...more] = (authorization ?? '').trim().split(/ +/)
  // §3.1: who tries another scheme is told of this one, and of no fault.
  if (scheme.toLowerCase() !== 'bearer') throw unauthenticated()
  if (token === '' || more.length > 0)
    throw refused('invalid_request', 'The field Authorization holds no single token.')
  if (token.length > tokenCharacters) throw refused('invalid_request', 'The token is too long.')
  return token
}

/** The claims of a token that the issuer made for this audience; unauthenticated where it is not good. */
export async function claimsOf(token: string, issuer: Issuer, audience: string, now: Date): Promise<JWTPayload> {
  const expected = {
    issuer: issuer.name,
    audience,
    requiredClaims: ['exp'],
    clockTolerance: skewMs / 1_000,
    currentDate: now,
  }
  try {
    // What its claims alone refuse needs no key, and has none fetched.
    UnsecuredJWT.decode(unsigned(token), expected)
    const { payload } = await jwtVerify(token, issuer.key, { ...expected, algorithms }).catch(error => {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return withAny(token, error, { ...expected, algorithms })
      throw error
    })
    return payload
  } catch (error) {
    if (error instanceof DomainError) throw error
    throw refused('invalid_token', reasonOf(error))
  }
}

const unsigned = (token: string): string =>
  `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.', 2)[1] ?? ''}.`

/** A token that names no key is good where one of the keys that may be its own says so. */
async function withAny(
  token: string,
  keys: errors.JWKSMultipleMatchingKeys,
  expected: Parameters<typeof jwtVerify>[2],
) {
  for await (const key of keys) {
    try {
      return await jwtVerify(token, key, expected)
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
    }
  }
  throw new errors.JWSSignatureVerificationFailed()
}

const refused = (error: TokenFault['error'], description: string): DomainError =>
  unauthenticated(new TokenFault(error, description))

/** Why a token is not good, in words of ours: nothing of it stands in them, and the error, which holds its claims, goes no further. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.'
  if (error instanceof errors.JWTClaimValidationFailed)
    return claimReasons[error.claim] ?? 'A claim of the token is malformed.'
  if (error instanceof errors.JWKSNoMatchingKey) return 'The issuer publishes no key of the name that the token states.'
  if (error instanceof errors.JWSSignatureVerificationFailed) return "The token's signature is not the issuer's."
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The token is not signed with an algorithm that is taken here.'
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid)
    return 'The token is no signed JSON Web Token.'
  return 'The token is signed in a way that is not understood here.'
}

const claimReasons: Record<string, string> = {
  exp: 'The token does not say when it expires.',
  nbf: 'The token is not valid yet.',
  iss: 'The token is of another issuer.',
  aud: 'The token is for another audience.',
}
