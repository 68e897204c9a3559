import type { GraphQLError } from './errors.js'
import { camelCased } from './names.js'
import type { RequestOptions } from './options.js'
import type { Answer, Requests } from './requests.js'

/** A REST response whose body has not been read yet. */
export interface Reading {
  response: Response
  /** This signal is aborted when the caller aborts its own signal, or when the client is closed. */
  signal: AbortSignal
  /** Call this method when the body has been read. */
  end(): void
}

/** Returns the URL for a path relative to `/api/v1/`. */
export const restUrl = ({ settings }: Requests, path: string): string =>
  settings.endpoint.replace(/graphql$/, `api/v1/${path}`)

/**
 * Sends a GET request to a REST path. Retries the request and throws errors in the same way as for GraphQL requests.
 */
export async function readRest(
  requests: Requests,
  path: string,
  accept: string,
  options: RequestOptions,
): Promise<Reading> {
  const { signal, end } = requests.operations.begin(options.signal)
  const init = { headers: { Accept: accept } }
  try {
    const sending = { url: restUrl(requests, path), init, read: answerOf, isAbortable: true }
    return { response: await requests.run(sending, { ...options, signal }), signal, end }
  } catch (error) {
    end()
    throw error
  }
}

/** Returns a successful response, or converts the response's problem document to an error in GraphQL's form. */
export async function answerOf(response: Response): Promise<Answer<Response>> {
  if (response.ok) return { data: response }
  const problem = (await response.json()) as Problem
  return problem.code === undefined ? {} : { errors: [errorOf(problem)] }
}

/** Fields that problem documents share with error lines in the response to an import. */
interface Problem {
  code?: string
  detail?: string
}

/**
 * Members of a problem document that are omitted from an error's `details`, because they only repeat what its code
 * says.
 */
const commonMembers = ['type', 'title', 'status', 'instance']

/** Converts a problem document to an error in GraphQL's form. */
export function errorOf({ code = 'internal', detail = code, ...members }: Problem): GraphQLError {
  const details = Object.entries(members).filter(([name]) => !commonMembers.includes(name))
  const extensions = camelCased(Object.fromEntries(details)) as object
  return { message: detail, extensions: { ...extensions, code: code.toUpperCase() } }
}
