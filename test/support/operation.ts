import type { SessionsClient } from '../../packages/client/src/index'
import type { Store } from '../../src/db/store'
import type { ErrorCode } from '../../src/domain/errors'
import type { Filter } from '../../src/domain/list-query'
import type { Session } from '../../src/domain/session'
import type { Config } from '../../src/startup/config'
import type { RawAnswer, send } from './raw'
import type { client } from './rest'
import type { Server } from './server'
import type { Issuing } from './tokens'

/**
 * Callers that may use an operation. `anyone`: also without a token. `any role`: each role. `scope`: each role, within
 * its scope. `changes`: like `scope`, but not readers. `managers`: admins, and coordinators within their scope.
 * `admins`: only admins.
 */
export type Access = 'anyone' | 'any role' | 'scope' | 'changes' | 'managers' | 'admins'

/** A session with a result and a share link, and what capabilities add. Its members fill path parameters. */
export interface Found {
  mentor_id: string
  organisation_id: string
  session_id: string
  result_id: string
  token: string
}

export type MediaType = 'application/json' | 'application/x-ndjson' | 'text/csv' | 'text/event-stream' | 'text/html'

interface Request {
  /** The error outside the caller's scope. If absent, the response shows nothing. */
  outside?: ErrorCode
  /** A subscription that runs until the transition of a session that is started last. Every role sees that session. */
  follows?: true
}

/** A mutation that ran several times in one operation. */
export interface Ran {
  store: Store
  found: Found
  /** The value of each field, in the order of the document. */
  // biome-ignore lint/suspicious/noExplicitAny: each row states what its field returns
  values: any[]
}

/** A REST request, and its successful response. */
export interface RestRequest extends Request {
  /** Method and path, as in the OpenAPI description. */
  at: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`
  /** 200 by default. */
  status?: 201 | 202
  /** Media types of the response, JSON by default. */
  types?: MediaType[]
  /** Values of path parameters that are not members of `Found` with the same name. */
  parameters?(of: Found): Record<string, string>
  query?(of: Found, origin: string): Record<string, string>
  body?(of: Found, origin: string): object
  /** The body and the response are streams of lines. A caller may send one stream at a time. */
  isStream?: true
  /** Returns the code of a refusal that is part of a successful response. */
  refusal?(text: string): string | undefined
  /** Counts the objects of the owner in the response. If absent, a response is a success or an error. */
  shows?(text: string, of: Found): number
}

export interface GraphqlRequest extends Request {
  field: `${'Query' | 'Mutation' | 'Subscription'}.${string}`
  query: string
  variables?(of: Found, origin: string): Record<string, unknown>
  /** Returns the code of a refusal that is part of the field's value. */
  // biome-ignore lint/suspicious/noExplicitAny: each row states what its field returns
  refusal?(value: any): string | null
  /** Counts the objects of the owner in the field's value. If absent, each value except null counts as 1. */
  // biome-ignore lint/suspicious/noExplicitAny: each row states what its field returns
  shows?(value: any, of: Found): number
  /**
   * Needed for a mutation. How to observe that it ran several times with the same variables: the error of the second
   * run, or the number of runs since `createFound`, derived from what is stored or else from the fields' values.
   */
  runs?: ErrorCode | ((of: Ran) => number | Promise<number>)
  /** Each run of the mutation takes seconds. */
  isSlow?: true
  /** Callers that also see objects of other owners, with these owners. */
  alsoSeen?: Partial<Record<'mentor' | 'mentor of no organisation', string>>
}

/** An operation over REST, GraphQL or both: a row in the matrices of access, methods, statuses and caching. */
export interface Operation {
  access: Access
  /** Whether a mentor without an organisation may not use the operation. */
  needsOrganisation?: true
  /** The operation changes the objects of the owner, so each permitted caller needs a separate owner. */
  consumes?: true
  rest?: RestRequest | RestRequest[]
  graphql?: GraphqlRequest
}

/** What a request that provokes an error can use. */
export interface Provoking {
  server: Server
  tokens: Issuing
  rest: ReturnType<typeof client>
  sent: typeof send
  /** Returns the response to a GraphQL document. */
  ask(document: string, variables?: object): Promise<RawAnswer>
}

export interface Provocation {
  status: number
  rest(on: Provoking): Promise<RawAnswer>
  /** The same provocation over GraphQL, or why GraphQL never responds with this code. */
  graphql: ((on: Provoking) => Promise<RawAnswer>) | string
  /** Members beyond those of every error, with their values in GraphQL. */
  members?: object
}

/** What the tests of the client need to know about a capability. */
export interface ClientPart {
  /** The capability's GraphQL documents, by name. */
  documents: Record<string, string>
  /** Calls of the client methods that the capability adds, by name. */
  calls?(client: SessionsClient): Record<string, () => unknown>
  /** The functions of the capability's entry, and calls of them, by name. */
  functions?: { entry: object; calls(client: SessionsClient): Record<string, () => unknown> }
}

/** What the tests of all operations need to know about a capability. */
export interface Capability {
  /** Variables that switch the capability on. */
  config?: Partial<Config>
  operations: Operation[]
  linkFields?: string[]
  provocations?: Partial<Record<ErrorCode, Provocation>>
  /** Checks what a store returns about the only session that a filter selects. */
  checkStored?(store: Store, session: Session, filter: Filter): Promise<void>
  tools?: string[]
  /** What the capability adds to packages/client. */
  client?: ClientPart
  /** Creates the objects that the capability's operations need besides a session, as an admin. */
  create?(rest: ReturnType<typeof client>, of: Found): Promise<Partial<Found>>
  /** Sends requests that get responses which the operations do not. The description must have all of them. */
  further?(rest: ReturnType<typeof client>): Promise<void>
}

/** Query parameters of an owner. */
export const ownerOf = ({ mentor_id, organisation_id }: Found) => ({ mentor_id, organisation_id })

/** The same as GraphQL variables. */
export const filterOf = ({ mentor_id, organisation_id }: Found) => ({
  filter: { mentorId: mentor_id, organisationId: organisation_id },
})

/** Number of sessions that were started for the organisation after `createFound`. */
export const startsOf = async ({ store, found: { organisation_id } }: Ran): Promise<number> =>
  (await store.lists.count({ organisation_id })) - 1

export const listed = (text: string): number => JSON.parse(text).data.length

export const restRequestsOf = ({ rest = [] }: Operation): RestRequest[] => (Array.isArray(rest) ? rest : [rest])

export const typesOf = ({ types = ['application/json'] }: RestRequest): MediaType[] => types

export const contentOf = ({ isStream }: RestRequest) => ({
  'Content-Type': isStream ? 'application/x-ndjson' : 'application/json',
})

export function asked({ at, parameters, query, body }: RestRequest, of: Found, origin: string) {
  const values: Record<string, string> = { ...of, ...parameters?.(of) }
  const [method, template] = at.split(' ') as [string, string]
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`say in the row of ${at} what its {${name}} is`)
    return value
  })
  const search = query ? `?${new URLSearchParams(query(of, origin))}` : ''
  return { method, path: path + search, body: body && JSON.stringify(body(of, origin)) }
}
