import { Refusal, SessionsClient } from '../../../packages/client/src/index.js'
import { basePath } from '../base-path'
import { words } from '../words'
import { currentToken, renewedToken } from './tokens'

/** Client of the server that serves this page. */
export const client = new SessionsClient({
  url: location.origin + basePath,
  async token(refused) {
    // The client calls this again later. By then, the issuer may be reachable or the user signed in.
    if (refused !== undefined && !(await renewedToken(refused))) throw new Error('no other token for now')
    return currentToken()
  },
  sentences: words.refusals,
  unreachable: words.unreachable,
})

/** Returns the input members that a refusal names as faulty. */
export function membersIn(error: unknown): string[] {
  const { errors = [] } = error instanceof Refusal && 'errors' in error.facts ? error.facts : {}
  return errors.map(({ pointer = '' }) => pointer.slice(pointer.lastIndexOf('/') + 1))
}
