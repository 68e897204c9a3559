import type { SessionsClient } from '../../packages/client/src/index'
import type { Filter, Store } from '../../src/db/store'
import type { ErrorCode } from '../../src/domain/errors'
import type { Session } from '../../src/domain/session'
import type { Config } from '../../src/startup/config'
import type { RawAnswer, send } from './raw'
import type { client } from './rest'
import type { Server } from './server'
import type { Issuing } from './tokens'

/**
 * Who may use an operation: `anyone` also without a token; `any role`; `scope`: each role, within its scope; `changes`:
 * the same, but not readers; `managers`: admins, and coordinators within their scope; `admins`.
 */
export type Access = 'anyone' | 'any role' | 'scope' | 'changes' | 'managers' | 'admins'

/** A session with a result and a share link. Capabilities add what they need. Its members fill the parameters of paths. */
export interface Found {
  mentor_id: string
  organisation_id: string
  session_id: string
  result_id: string
  token: string
}

export type MediaType = 'application/json' | 'application/x-ndjson' | 'text/csv' | 'text/event-stream' | 'text/html'

interface Request {
  /** The error outside the caller's scope. Without it, the response shows nothing. */
  outside?: ErrorCode
  /** A subscription that runs until the transition of a session that is started last. Every role sees that session. */
  follows?: true
}

/** A request over REST, and its successful response. */
export interface RestRequest extends Request {
  /** Method and path, as in the OpenAPI description. */
  at: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`
  /** By default 200. */
  status?: 201 | 202
  /** Media types of the response. By default JSON. */
  types?: MediaType[]
  /** Values of path parameters that are not members of `Found` with the same name. */
  parameters?(of: Found): Record<string, string>
  query?(of: Found, origin: string): Record<string, string>
  body?(of: Found, origin: string): object
  /** The body and the response are streams of lines. A caller may send one at a time. */
  isStream?: true
  /** Returns the code of a refusal that is a part of a successful response. */
  refusal?(text: string): string | undefined
  /** Counts the objects of the place in the response. Without it, a response is a success or an error. */
  shows?(text: string, of: Found): number
}

/** An operation of GraphQL with one field. */
export interface GraphqlRequest extends Request {
  field: `${'Query' | 'Mutation' | 'Subscription'}.${string}`
  query: string
  variables?(of: Found, origin: string): Record<string, unknown>
  /** Returns the code of a refusal that is a part of the field's value. */
  // biome-ignore lint/suspicious/noExplicitAny: each row states what its field returns
  refusal?(value: any): string | null
  /** Counts the objects of the place in the field's value. Without it, each value but null counts as 1. */
  // biome-ignore lint/suspicious/noExplicitAny: each row states what its field returns
  shows?(value: any, of: Found): number
  /** Callers that also see something of other places, with these places. */
  alsoSeen?: Partial<Record<'mentor' | 'mentor of no organisation', string>>
}

/** An operation over REST, GraphQL or both. The matrices of access, methods, statuses and caching are made of these rows. */
export interface Operation {
  access: Access
  /** A mentor without an organisation may not use it. */
  needsOrganisation?: true
  /** Changes the objects of the place, so each permitted caller needs a place of its own. */
  consumes?: true
  rest?: RestRequest | RestRequest[]
  graphql?: GraphqlRequest
}

/** What the request that provokes an error can use. */
export interface Provoking {
  server: Server
  tokens: Issuing
  rest: ReturnType<typeof client>
  sent: typeof send
  /** Returns the response to a GraphQL document. */
  ask(document: string, variables?: object): Promise<RawAnswer>
}

/** How to provoke an error. */
export interface Provocation {
  status: number
  rest(on: Provoking): Promise<RawAnswer>
  /** The same over GraphQL, or why GraphQL never responds with this code. */
  graphql: ((on: Provoking) => Promise<RawAnswer>) | string
  /** Members beyond those of every error, with their values in GraphQL. */
  members?: object
}

/** What the tests of the client need to know of a capability. */
export interface ClientPart {
  /** Its GraphQL documents, by name. */
  documents: Record<string, string>
  /** Calls of its methods of the client, by name. */
  calls?(client: SessionsClient): Record<string, () => unknown>
  /** The functions of its entry, by name, and calls of them. */
  functions?: { entry: object; calls(client: SessionsClient): Record<string, () => unknown> }
}

/** What the tests of all operations need to know of a capability. */
export interface Capability {
  /** Variables that switch it on. */
  config?: Partial<Config>
  operations: Operation[]
  /** Fields of GraphQL that show a link. */
  linkFields?: string[]
  provocations?: Partial<Record<ErrorCode, Provocation>>
  /** Checks what a store says of the only session that a filter selects. */
  checkStored?(store: Store, session: Session, filter: Filter): Promise<void>
  /** Names of its tools for assistants. */
  tools?: string[]
  /** What it adds to packages/client. */
  client?: ClientPart
  /** Creates what its operations need beside a session, as an admin. */
  create?(rest: ReturnType<typeof client>, of: Found): Promise<Partial<Found>>
  /** Sends requests with other responses than those of its operations. The description must have all of them. */
  further?(rest: ReturnType<typeof client>): Promise<void>
}

/** Query parameters of a place. */
export const placeOf = ({ mentor_id, organisation_id }: Found) => ({ mentor_id, organisation_id })

/** The same as variables of GraphQL. */
export const filterOf = ({ mentor_id, organisation_id }: Found) => ({
  filter: { mentorId: mentor_id, organisationId: organisation_id },
})

/** Counts the items of a JSON list. */
export const listed = (text: string): number => JSON.parse(text).data.length

export const restRequestsOf = ({ rest = [] }: Operation): RestRequest[] => (Array.isArray(rest) ? rest : [rest])

export const typesOf = ({ types = ['application/json'] }: RestRequest): MediaType[] => types

/** Headers of a request with a body. */
export const contentOf = ({ isStream }: RestRequest) => ({
  'Content-Type': isStream ? 'application/x-ndjson' : 'application/json',
})

/** Returns the request for a place. */
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
