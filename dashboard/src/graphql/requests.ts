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

/** The server could not be reached, or could not answer. */
export class Unreachable extends Error {
  constructor() {
    super(words.unreachable)
  }
}

/** Asks over HTTP. Throws Refusal or Unreachable. */
export async function ask<T>(query: string, variables: object = {}): Promise<T> {
  let said: { data?: T | null; errors?: GraphQLFault[] }
  try {
    said = await (await posted(JSON.stringify({ query, variables }))).json()
  } catch {
    throw new Unreachable()
  }
  if (said.errors?.length) throw isUnavailable(said.errors) ? new Unreachable() : new Refusal(said.errors)
  if (!said.data) throw new Unreachable()
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

/** The server can't answer now, and may a little later. */
export const isUnavailable = ([error]: readonly GraphQLFault[]): boolean =>
  error?.extensions?.code === 'UNAVAILABLE' || error?.extensions?.code === 'RATE_LIMITED'

interface Patience {
  attempts?: number
  /** Somebody still waits for the answer. */
  wanted?(): boolean
}

/** Asks until the server can be reached. Throws Refusal, or Unreachable once it was tried often enough or nobody waits. */
export async function insist<T>(
  query: string,
  variables: object,
  { attempts = Number.POSITIVE_INFINITY, wanted = () => true }: Patience,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask<T>(query, variables)
    } catch (error) {
      if (!(error instanceof Unreachable) || attempt + 1 >= attempts) throw error
      await new Promise(resolve => setTimeout(resolve, backoffMs(attempt)))
      if (!wanted()) throw error
    }
  }
}

/** Changes something, once however often it takes to reach the server: the key lets it recognise a repeat. */
export const change = <T>(mutation: string, input: object): Promise<T> =>
  insist<T>(mutation, { input: { ...input, idempotencyKey: newKey() } }, { attempts: 5 })

// crypto.randomUUID is there on https and localhost only.
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
