import { basePath } from '../base-path'
import { words } from '../words'
import type { RefusalFacts } from '../words/en'
import { currentAuthorization, renewedAuthorization } from './authorization'
import { backoffMs } from './backoff'

interface GraphQLFault {
  message: string
  extensions?: RefusalFacts & { code?: string; errors?: { detail: string; pointer?: string }[] }
}

/** What each refusal is in the reader's language, by its code. */
const sentences: Partial<Record<string, (facts: RefusalFacts) => string>> = words.refusals

/** What the server refuses, with its code, as a sentence, and the members that it names as wrong. */
export class Refusal extends Error {
  readonly code: string
  readonly members: string[]

  constructor([fault]: readonly GraphQLFault[]) {
    const { code = '', errors = [], ...facts } = fault?.extensions ?? {}
    super(sentences[code]?.(facts) ?? fault?.message ?? words.refused)
    this.code = code
    this.members = errors.map(({ pointer = '' }) => pointer.slice(pointer.lastIndexOf('/') + 1))
  }
}

/** However long the server asks to wait, it is asked again after so long. */
const longestWaitMs = 30_000

/** The server could not be reached, or could not answer; it may have said when to try again. */
export class Unreachable extends Error {
  constructor(readonly retryAfterMs = 0) {
    super(words.unreachable)
  }
}

/** Asks over HTTP. Throws Refusal or Unreachable. */
export async function ask<T>(query: string, variables: object = {}): Promise<T> {
  let said: { data?: T | null; errors?: GraphQLFault[] }
  let retryAfterMs = 0
  try {
    const response = await posted(JSON.stringify({ query, variables }))
    retryAfterMs = 1_000 * (Number(response.headers.get('Retry-After')) || 0)
    said = await response.json()
  } catch {
    throw new Unreachable(retryAfterMs)
  }
  if (said.errors?.length) throw isUnavailable(said.errors) ? new Unreachable(retryAfterMs) : new Refusal(said.errors)
  if (!said.data) throw new Unreachable(retryAfterMs)
  return said.data
}

/** Posts, once more where whoever is signed in needs another token for it. */
async function posted(body: string): Promise<Response> {
  const post = (authorization: string | undefined): Promise<Response> => {
    const types = { 'Content-Type': 'application/json', Accept: 'application/json' }
    const headers = { ...types, ...(authorization && { Authorization: authorization }) }
    return fetch(`${basePath}/graphql`, { method: 'POST', headers, body })
  }
  const authorization = await currentAuthorization()
  const response = await post(authorization)
  if (response.status !== 401 || !authorization || !(await renewedAuthorization(authorization))) return response
  return post(await currentAuthorization())
}

const passing = new Set(['UNAVAILABLE', 'RATE_LIMITED', 'REQUEST_IN_FLIGHT'])

/** The server can't answer now, and may a little later. */
export const isUnavailable = ([error]: readonly GraphQLFault[]): boolean => passing.has(error?.extensions?.code ?? '')

export interface Patience {
  attempts?: number
  /** Somebody still waits for the answer. */
  wanted?(): boolean
  /** It is to be tried again. */
  waits?(): void
}

/**
 * Asks until the server can be reached, no sooner than it said (half a minute at most). Throws Refusal, or Unreachable once it was tried often enough
 * or nobody waits.
 */
export async function insist<T>(
  query: string,
  variables: object,
  { attempts = Number.POSITIVE_INFINITY, wanted = () => true, waits }: Patience,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask<T>(query, variables)
    } catch (error) {
      if (!(error instanceof Unreachable) || attempt + 1 >= attempts || !wanted()) throw error
      waits?.()
      const ms = Math.max(Math.min(error.retryAfterMs, longestWaitMs), backoffMs(attempt))
      await new Promise(resolve => setTimeout(resolve, ms))
      if (!wanted()) throw error
    }
  }
}

/** Changes something, once however often it takes to reach the server: the key lets it recognise a repeat. */
export const change = <T>(
  mutation: string,
  input: object,
  { key = newKey(), ...patience }: Patience & { key?: string } = {},
): Promise<T> => insist<T>(mutation, { input: { ...input, idempotencyKey: key } }, { attempts: 5, ...patience })

// crypto.randomUUID is there on https and localhost only.
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
