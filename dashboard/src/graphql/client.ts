import { Refusal, SessionsClient } from '../../../packages/client/src/index.js'
import { basePath } from '../base-path'
import { words } from '../words'
import { currentToken, renewedToken } from './tokens'

/** The server that the page is of. */
export const client = new SessionsClient({
  url: location.origin + basePath,
  async token(refused) {
    // The issuer may be there again later, and so may be who is to sign in.
    if (refused !== undefined && !(await renewedToken(refused))) throw new Error('no other token for now')
    return currentToken()
  },
  sentences: words.refusals,
  unreachable: words.unreachable,
})

/** The members of the input that a refusal names as wrong. */
export function membersIn(error: unknown): string[] {
  const { errors = [] } = error instanceof Refusal && 'errors' in error.facts ? error.facts : {}
  return errors.map(({ pointer = '' }) => pointer.slice(pointer.lastIndexOf('/') + 1))
}
