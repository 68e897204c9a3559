import { apiErrorOf } from '../../packages/client/src/errors.js'
import { ConnectionError } from '../../packages/client/src/index.js'
import { basePath } from './base-path'
import { currentToken, renewToken } from './graphql/client'
import { words } from './words'

/**
 * Sends a request to a REST API path with the user's token. If the server refuses the token and a new token is
 * available, retries once with the new token. Throws ConnectionError if the server does not respond, and the error that
 * `errorOf` returns if the server refuses the request.
 */
export async function fetchRest(path: string, init: RequestInit = {}): Promise<Response> {
  const token = await currentToken()
  let response = await attempt(path, init, token)
  if (response.status === 401 && token !== undefined && (await renewToken(token))) {
    response = await attempt(path, init, await currentToken())
  }
  if (response.ok) return response
  const problem = (await response.json().catch(() => ({}))) as Problem
  throw errorOf(problem, 1_000 * (Number(response.headers.get('Retry-After')) || 0))
}

const attempt = (path: string, init: RequestInit, token: string | undefined): Promise<Response> =>
  fetch(basePath + path, {
    ...init,
    headers: { ...init.headers, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
  }).catch(() => {
    throw connectionError()
  })

export interface Problem {
  code?: string
  detail?: string
}

export const connectionError = (retryAfterMs = 0): ConnectionError =>
  new ConnectionError(words.unreachable, {}, retryAfterMs)

/**
 * Converts a problem document to an ApiError with a message in the user's language. If the problem is temporary,
 * returns a ConnectionError instead.
 */
export function errorOf({ code, detail, ...facts }: Problem, retryAfterMs = 0): Error {
  if (code === undefined || code === 'unavailable' || code === 'rate_limited') return connectionError(retryAfterMs)
  const extensions = { ...facts, code: code.toUpperCase() }
  return apiErrorOf([{ message: detail ?? words.refused, extensions }], words.refusals)
}
