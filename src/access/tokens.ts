import { errors, type JWTPayload, jwtVerify, UnsecuredJWT } from 'jose'
import { DomainError, TokenFault, tokenExpired, unauthenticated } from '../domain/errors'
import type { Issuer } from './issuer'

/** Tolerated clock skew between the issuer and this server, in ms. */
export const skewMs = 30_000

/** Maximum length of a token, in characters. */
export const tokenCharacters = 16 * 1024

/** All are asymmetric. With a symmetric one, anybody could sign tokens with the issuer's public key as the secret. */
const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')

/** Accepted values of a token's header parameter `typ`, without `application/` (RFC 7519 §5.1, RFC 9068 §2.1). */
const types = ['jwt', 'at+jwt']

/**
 * Returns the bearer token from an Authorization header (RFC 6750 §2.1). `authorization` contains repeated
 * Authorization headers joined with commas. Throws `unauthenticated` if there is no bearer token. If the token is too
 * long, malformed or not the only credential, the error says so.
 */
export function tokenOf(authorization: string | undefined): string {
  const [scheme = '', token = '', ...more] = (authorization ?? '').trim().split(/ +/)
  const isBearer = scheme.toLowerCase() === 'bearer'
  // For a request without a bearer token, the `WWW-Authenticate` header contains no error code (RFC 6750 §3.1).
  if (!isBearer && !/, *bearer\b/i.test(authorization ?? '')) throw unauthenticated()
  if (!isBearer || token === '' || token.includes(',') || more.length > 0)
    throw refused(
      'invalid_request',
      'The request must have exactly one `Authorization` header, with exactly one token.',
    )
  if (token.length > tokenCharacters)
    throw refused('invalid_request', `The token is longer than ${tokenCharacters} characters.`)
  return token
}

/** Throws `unauthenticated` if the token is invalid. */
export async function claimsOf(
  token: string,
  { issuer, audience, now }: { issuer: Issuer; audience: string; now: Date },
): Promise<JWTPayload> {
  const expected = {
    issuer: issuer.name,
    audience,
    requiredClaims: ['exp'],
    clockTolerance: skewMs / 1_000,
    currentDate: now,
  }
  try {
    // Check the claims before the signature, so that the server fetches no keys for a token with invalid claims.
    UnsecuredJWT.decode(unsigned(token), expected)
    const { payload, protectedHeader } = await jwtVerify(token, issuer.key, { ...expected, algorithms }).catch(
      error => {
        if (error instanceof errors.JWKSMultipleMatchingKeys) return withAny(token, error, { ...expected, algorithms })
        throw error
      },
    )
    if (!isToken(protectedHeader.typ)) throw refused('invalid_token', otherType)
    return payload
  } catch (error) {
    if (error instanceof DomainError) throw error
    throw refused('invalid_token', reasonOf(error))
  }
}

const otherType = 'The token is neither an access token nor an ID token: `typ` in its header must be JWT or at+jwt.'

/** Whether `typ` denotes an access token or an ID token. Most issuers set `typ` to JWT or omit it. */
const isToken = (typ: unknown): boolean =>
  typ === undefined || (typeof typ === 'string' && types.includes(typ.toLowerCase().replace(/^application\//, '')))

const unsigned = (token: string): string =>
  `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.', 2)[1] ?? ''}.`

/** Verifies a token without a key id. The token is valid if any of the matching keys verifies its signature. */
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

export const refused = (error: TokenFault['error'], description: string): DomainError =>
  unauthenticated(new TokenFault(error, description))

/** Never quotes the token. The original error is discarded, because it contains the token's claims. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return tokenExpired
  if (error instanceof errors.JWTClaimValidationFailed)
    return claimReasons[error.claim] ?? "One of the token's claims is malformed."
  if (error instanceof errors.JWKSNoMatchingKey) return "The issuer has no key with the token's key id."
  if (error instanceof errors.JWSSignatureVerificationFailed) return "The token's signature is not valid."
  if (error instanceof errors.JOSEAlgNotAllowed) return "The token's signature algorithm is not allowed."
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid)
    return 'The token is not a signed JSON Web Token (JWT).'
  return "This server cannot verify the token's signature."
}

const claimReasons: Record<string, string> = {
  exp: 'The token has no expiry time (`exp`).',
  nbf: 'The token is not valid yet.',
  iss: 'The token is from another issuer.',
  aud: 'The token is for another audience.',
}
