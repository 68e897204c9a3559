import { ApiError, SessionsClient } from '../../../packages/client/src/index.js'
import { basePath } from '../base-path'
import { words } from '../words'

/** Source of access tokens. Until the user signs in, requests are sent without a token. */
export interface TokenProvider {
  /** Returns the current token. If a token renewal is in progress, waits for the renewal first. */
  current(): Promise<string | undefined>
  /** Renews a token that the server has refused. Resolves to whether a different token is available. */
  renew(refused: string): Promise<boolean>
}

const noTokens: TokenProvider = { current: async () => undefined, renew: async () => false }

let tokenProvider = noTokens

export const setTokenProvider = (other: TokenProvider): void => {
  tokenProvider = other
}

export const currentToken = (): Promise<string | undefined> => tokenProvider.current()
export const renewToken = (refused: string): Promise<boolean> => tokenProvider.renew(refused)

export const client = new SessionsClient({
  url: location.origin + basePath,
  async token(refused) {
    // If this token function throws, the client calls it again later, when the issuer may be reachable or the user may
    // have signed in.
    if (refused !== undefined && !(await renewToken(refused))) throw new Error('no other token for now')
    return currentToken()
  },
  errorMessages: words.refusals,
  connectionErrorMessage: words.unreachable,
})

/** Returns the names of the inputs that an ApiError reports as invalid. */
export function invalidMembers(error: unknown): string[] {
  const { errors = [] } = error instanceof ApiError && 'errors' in error.details ? error.details : {}
  return errors.map(({ pointer = '' }) => pointer.slice(pointer.lastIndexOf('/') + 1))
}
