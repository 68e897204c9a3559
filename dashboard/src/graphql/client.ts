import { ApiError, SessionsClient } from '../../../packages/client/src/index.js'
import { basePath } from '../base-path'
import { words } from '../words'

/** Source of tokens for requests. Until a user signs in, requests carry no token. */
export interface TokenProvider {
  /** Returns the token for a request. Waits for a renewal in progress. */
  current(): Promise<string | undefined>
  /** Replaces a token that the server refused. Resolves to whether there is another token. */
  renew(refused: string): Promise<boolean>
}

const noTokens: TokenProvider = { current: async () => undefined, renew: async () => false }

let tokenProvider = noTokens

export const setTokenProvider = (other: TokenProvider): void => {
  tokenProvider = other
}

export const currentToken = (): Promise<string | undefined> => tokenProvider.current()
export const renewToken = (refused: string): Promise<boolean> => tokenProvider.renew(refused)

/** Client for the server that serves this page. */
export const client = new SessionsClient({
  url: location.origin + basePath,
  async token(refused) {
    // The client calls this again later. By then, the issuer may be reachable or the user signed in.
    if (refused !== undefined && !(await renewToken(refused))) throw new Error('no other token for now')
    return currentToken()
  },
  errorMessages: words.refusals,
  connectionErrorMessage: words.unreachable,
})

/** Returns the input members that an ApiError names as faulty. */
export function invalidMembers(error: unknown): string[] {
  const { errors = [] } = error instanceof ApiError && 'errors' in error.details ? error.details : {}
  return errors.map(({ pointer = '' }) => pointer.slice(pointer.lastIndexOf('/') + 1))
}
