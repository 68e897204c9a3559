import type { Inputs, Outputs } from '../../src/domain/calculator'
import type { ErasureProgress } from '../../src/domain/erasure'
import type { Result, SessionEvent, Share, State, Transition } from '../../src/domain/session'
import type { SharedResult } from '../../src/sessions/session-queries'
import { payloadlessEvents } from './example-commands'
import { send } from './raw'
import type { Reachable } from './server'

/** A session as both interfaces return it, with the contract's names. */
export interface SessionBody {
  session_id: string
  mentor_id: string
  state: State
  last_event: SessionEvent | null
  result_id: string | null
  created_at: string
  updated_at: string
}

/** Payload of a share. In GraphQL, it is a member beside `payload`. */
interface SharePayload {
  expires_in_days?: number | null | undefined
  show_organisation?: boolean | null | undefined
}

/** Payload of a reassignment. In GraphQL, it is a member beside `payload`. */
interface ReassignPayload {
  mentor_id?: string | null | undefined
  organisation_id?: string | null | undefined
}
type Payload = Inputs | SharePayload | ReassignPayload

const isInputs = (payload: unknown): payload is Inputs =>
  typeof payload === 'object' && payload !== null && 'sessions' in payload

const isShare = (payload: unknown): payload is SharePayload =>
  typeof payload === 'object' && payload !== null && ('expires_in_days' in payload || 'show_organisation' in payload)

const isReassignment = (payload: unknown): payload is ReassignPayload =>
  typeof payload === 'object' && payload !== null && ('mentor_id' in payload || 'organisation_id' in payload)

/** GraphQL has a member of its own for the payload of each other event, named after the event. */
const ownMember = (event: SessionEvent): string =>
  event === 'CalculateRequested' || payloadlessEvents.includes(event)
    ? 'payload'
    : event.replace(/Requested$/, '').replace(/^./, letter => letter.toLowerCase())

export type ShareBody = Omit<Share, 'days' | 'show_organisation' | 'revoked'> & { path: string }

export interface Changed {
  session: SessionBody
  version: number
  replayed: boolean
  /** Present if the response is replayed, and the session was closed after the first request. */
  closed?: boolean
}

export interface Refusal {
  ok: false
  code: string
  facts: Record<string, unknown>
}

export interface Closed {
  session_id: string
  deleted: boolean
  /** Present if the response is replayed. */
  replayed?: boolean
}

export type Answer<T> = ({ ok: true } & T) | Refusal

export interface Stated {
  version?: number | undefined
  key?: string | undefined
}

export interface Who {
  mentor_id: string
  organisation_id?: string | null
  external_id?: string | null
  inputs?: Inputs | null
}

export interface Filter {
  mentor_id?: string
  organisation_id?: string
  external_id?: string
  state?: State
  from?: string
  to?: string
}

/** A page of the list of all share links. */
export interface Links {
  links: (ShareBody & { session_id: string; mentor_id: string; organisation_id: string | null } & {
    label: string | null
    views: number
  })[]
  next: string | null
}

/** REST or GraphQL. The requests and responses of both use the same names. */
export interface Api {
  name: 'rest' | 'graphql'
  /** Converts the pointer of a fault in a REST body to the pointer that this interface reports. */
  pointer(path: string): string
  start(who: Who, stated?: Stated): Promise<Answer<Changed>>
  dispatch(id: string, event: SessionEvent, payload?: Payload | null, stated?: Stated): Promise<Answer<Changed>>
  revokeShare(id: string, token: string, stated?: Stated): Promise<Answer<Changed>>
  close(id: string, stated?: Stated): Promise<Answer<Closed>>
  get(id: string): Promise<Answer<{ session: SessionBody; version: number }>>
  list(filter?: Filter, limit?: number): Promise<Answer<{ sessions: SessionBody[]; total: number }>>
  events(id: string, after?: number, limit?: number): Promise<Answer<{ events: Transition[] }>>
  results(id: string): Promise<Answer<{ results: Result[] }>>
  share(id: string): Promise<Answer<{ share: ShareBody }>>
  shares(id: string): Promise<Answer<{ shares: ShareBody[] }>>
  shared(token: string): Promise<Answer<{ shared: SharedResult }>>
  links(request?: Filter & { limit?: number; after?: string }): Promise<Answer<Links>>
  calculate(inputs: Inputs): Promise<Answer<{ outputs: Outputs }>>
  erase(mentor_id: string): Promise<Answer<ErasureProgress>>
}

/** Returns the body of a successful answer. Throws if the answer is a refusal. */
export function done<T>(answer: Answer<T>): { ok: true } & T {
  if (!answer.ok) throw new Error(`refused: ${answer.code} ${JSON.stringify(answer.facts)}`)
  return answer
}

export const refused = (code: string, facts: Record<string, unknown> = {}): Refusal => ({ ok: false, code, facts })

export const base = '/api/v1/benefit-calculator-sessions'

// ---- REST

export type Json = Record<string, unknown>

export interface RestApi extends Api {
  name: 'rest'
  call(method: string, path: string, body?: unknown): Promise<{ refusal: Refusal | undefined; json: Json }>
  /** Returns the result of `show` for the response. Posts the body, if there is one. */
  read<T>(path: string, show: (json: Json) => unknown, body?: unknown): Promise<Answer<T>>
}

/** Returns parameters as a query. Omits undefined ones. */
export const queryOf = (parameters: object): string =>
  new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined)).toString()

export function restApi(server: Reachable, sent = send): RestApi {
  async function call(method: string, path: string, body?: unknown, { version, key }: Stated = {}) {
    const headers: Record<string, string> = {}
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    if (!path.startsWith('/api/')) headers.Accept = 'application/json'
    if (version !== undefined) headers['If-Match'] = `"${version}"`
    if (key !== undefined) headers['Idempotency-Key'] = key
    const answer = await sent(server.url, method, path, headers, body === undefined ? body : JSON.stringify(body))
    const json = JSON.parse(answer.text) as Json
    const { type: _, title: __, status: ___, detail: ____, instance: _____, code, ...facts } = json
    const refusal = answer.status < 300 ? undefined : refused(String(code), facts)
    return { refusal, json, headers: answer.headers }
  }
  async function changed(calling: ReturnType<typeof call>): Promise<Answer<Changed>> {
    const { refusal, json, headers } = await calling
    const replayed = headers['idempotency-replayed'] === 'true'
    const version = Number(headers['session-version'])
    const closed = headers['session-closed'] === 'true'
    return (
      refusal ?? { ok: true, session: json as unknown as SessionBody, version, replayed, ...(closed && { closed }) }
    )
  }
  async function read<T>(path: string, show: (json: Json) => unknown, body?: unknown): Promise<Answer<T>> {
    const { refusal, json } = await call(body === undefined ? 'GET' : 'POST', path, body)
    return refusal ?? ({ ok: true, ...(show(json) as T) } as Answer<T>)
  }
  const at = (id: string): string => `${base}/${encodeURIComponent(id)}`
  return {
    name: 'rest',
    call,
    read,
    pointer: path => path,
    start: (who, stated) => changed(call('POST', base, who, stated)),
    dispatch: (id, event, payload, stated) => changed(call('PUT', at(id), { event, payload }, stated)),
    revokeShare: (id, token, stated) =>
      changed(call('DELETE', `${at(id)}/shares/${encodeURIComponent(token)}`, undefined, stated)),
    async close(id, stated) {
      const { refusal, json, headers } = await call('DELETE', at(id), undefined, stated)
      const replayed = headers['idempotency-replayed'] === 'true'
      const closed = { session_id: String(json.session_id), deleted: json.deleted === true }
      return refusal ?? { ok: true, ...closed, ...(replayed && { replayed }) }
    },
    async get(id) {
      const { refusal, json, headers } = await call('GET', at(id))
      const version = Number(/^"(\d+)"$/.exec(String(headers.etag))?.[1])
      return refusal ?? { ok: true, session: json as unknown as SessionBody, version }
    },
    list: (filter = {}, limit) =>
      read(`${base}?${queryOf({ ...filter, limit })}`, ({ data, pagination }) => ({
        sessions: data,
        total: (pagination as { total: number }).total,
      })),
    events: (id, after, limit) =>
      read(`${at(id)}/events?${queryOf({ after, limit })}`, ({ data }) => ({ events: data })),
    results: id => read(`${at(id)}/results`, ({ data }) => ({ results: data })),
    share: id => read(`${at(id)}/share`, share => ({ share })),
    shares: id => read(`${at(id)}/shares`, ({ data }) => ({ shares: data })),
    shared: token => read(`/shared/${encodeURIComponent(token)}`, shared => ({ shared })),
    links: (request = {}) =>
      read(`/api/v1/benefit-shares?${queryOf(request)}`, ({ data, pagination }) => ({
        links: data,
        next: (pagination as Links).next,
      })),
    calculate: inputs => read('/api/v1/benefit-calculations', outputs => ({ outputs }), inputs),
    async erase(mentor_id) {
      const { refusal, json } = await call('DELETE', `/api/v1/benefit-mentors/${encodeURIComponent(mentor_id)}`)
      return refusal ?? { ok: true, ...(json as unknown as ErasureProgress) }
    },
  }
}

// ---- GraphQL. Aliases give REST's names. The code below translates the enum values and the members of errors.

const fragments = {
  Session: `fragment Session on Session { session_id: id mentor_id: mentorId state last_event: lastEvent result_id: resultId
    created_at: createdAt updated_at: updatedAt version }`,
  Outputs: `fragment Outputs on CalculationOutputs { total_minutes: totalMinutes total_hours: totalHours
    programme_cost: programmeCost time_value: timeValue net_benefit: netBenefit benefit_cost_ratio: benefitCostRatio
    roi_percent: roiPercent cost_per_hour_delivered: costPerHourDelivered value_per_session: valuePerSession
    net_per_session: netPerSession break_even_minutes: breakEvenMinutes
    range { low { ...Bound } high { ...Bound } } undefined_because: undefinedBecause { output reason } }
    fragment Bound on OutputBound { time_value: timeValue net_benefit: netBenefit
      benefit_cost_ratio: benefitCostRatio }`,
  Amounts: `fragment Amounts on Amounts { currency results sessions_held: sessionsHeld total_hours: totalHours
    programme_cost: programmeCost time_value: timeValue net_benefit: netBenefit benefit_cost_ratio: benefitCostRatio }`,
  Inputs: `fragment Inputs on CalculationInputValues { sessions avg_minutes: avgMinutes cost_per_session: costPerSession
    cost_per_hour: costPerHour label currency period { from to } value_source: valueSource note
    cost_per_hour_range: costPerHourRange { low high } }`,
}

export const transitionFields = 'event from to sequence at result_id: resultId'
const resultFields = 'inputs { ...Inputs } outputs { ...Outputs } method caveat computed_at: computedAt'

export const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
const constant = (name: string): string => snake(name).slice(1).toUpperCase()
const pascal = (name: string): string => name.toLowerCase().replace(/(?:^|_)(.)/g, (_, letter) => letter.toUpperCase())
const lower = (name: string): string => name.toLowerCase()

export const camelled = (object: object): Json =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [camel(name), value]))

const values: Record<string, (value: string) => string> = {
  state: lower,
  from: lower,
  to: lower,
  current_state: lower,
  reason: lower,
  event: pascal,
  last_event: pascal,
  allowed_events: pascal,
  output: snake,
}

/** Converts enum values to REST's, and removes null inputs and null ranges. */
export function neutral(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map(one => neutral(one, name))
  if (typeof value === 'string') return (values[name] ?? (same => same))(value)
  if (typeof value !== 'object' || value === null) return value
  const mayBeAbsent = (member: string): boolean => name === 'inputs' || member === 'range'
  const members = Object.entries(value).filter(([member, inner]) => !mayBeAbsent(member) || inner !== null)
  return Object.fromEntries(members.map(([member, inner]) => [member, neutral(inner, member)]))
}

export interface GraphqlAnswer {
  data?: Json | null
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string } & Json }[]
}

/** Posts a query, and returns the response without translating it. */
export async function query(
  server: Reachable,
  text: string,
  variables: object = {},
  sent = send,
): Promise<GraphqlAnswer> {
  const used = Object.entries(fragments).filter(([name]) =>
    new RegExp(`\\.\\.\\.${name}\\b`).test(text + fragments.Inputs),
  )
  const needed = used.map(([, fragment]) => fragment).join('\n')
  const body = JSON.stringify({ query: `${text}\n${needed}`, variables })
  const headers = { 'Content-Type': 'application/json' }
  const { text: answer } = await sent(server.url, 'POST', '/graphql', headers, body)
  return JSON.parse(answer) as GraphqlAnswer
}

export interface GraphqlApi extends Api {
  name: 'graphql'
  /** Sends a document, with its fragments added. */
  ask(text: string, variables: object): Promise<{ refusal?: Refusal; data: Json }>
  plain<T>(text: string, variables: object): Promise<Answer<T>>
  /** Dispatches an event, and returns the transitions in the response. */
  transitionsOf(id: string, event: SessionEvent, payload?: Payload, stated?: Stated): Promise<Transition[]>
}

export const filterOf = ({ from, to, ...filter }: Filter): object => ({
  ...camelled(filter),
  ...(filter.state && { state: constant(`.${filter.state}`) }),
  ...((from !== undefined || to !== undefined) && { months: { from, to } }),
})

export function graphqlApi(server: Reachable, sent = send): GraphqlApi {
  async function ask(text: string, variables: object): Promise<{ refusal?: Refusal; data: Json }> {
    const { data, errors } = await query(server, text, variables, sent)
    const [error] = errors ?? []
    if (!error) return { data: neutral(data) as Json }
    const { code, ...facts } = error.extensions
    const members = Object.entries(facts).map(([name, value]) => [snake(name), value])
    return { refusal: refused(code.toLowerCase(), neutral(Object.fromEntries(members)) as Json), data: {} }
  }
  function change(field: string, type: string, input: object) {
    const text = `mutation ($input: ${type}!) { change: ${field}(input: $input)
      { session { ...Session } transitions { ${transitionFields} } replayed closed } }`
    return ask(text, { input })
  }
  const changed = async (field: string, type: string, input: object): Promise<Answer<Changed>> =>
    changeIn(await change(field, type, input))
  function changeIn({ refusal, data }: { refusal?: Refusal; data: Json }): Answer<Changed> {
    if (refusal) return refusal
    const { session: shown, replayed, closed } = data.change as Changed & { session: Changed }
    const { version, ...session } = shown
    return { ok: true, session: session as unknown as SessionBody, version, replayed, ...(closed && { closed }) }
  }
  /** Queries fields of a session. If one of them is null, the answer is a refusal with the code `missing`. */
  async function ofSession<T>(id: string, fields: string, variables: object, missing: string): Promise<Answer<T>> {
    const typed = Object.keys(variables).map(name => `, $${name}: Int`)
    const { refusal, data } = await ask(`query ($id: ID!${typed.join('')}) { session(id: $id) { ${fields} } }`, {
      id,
      ...variables,
    })
    const session = data.session as Json | null
    if (refusal) return refusal
    if (session === null) return refused('session_not_found')
    return Object.values(session).includes(null) ? refused(missing) : ({ ok: true, ...session } as unknown as Answer<T>)
  }
  async function plain<T>(text: string, variables: object): Promise<Answer<T>> {
    const { refusal, data } = await ask(text, variables)
    return refusal ?? ({ ok: true, ...data } as Answer<T>)
  }
  const dispatchInput = (id: string, event: SessionEvent, payload?: Payload | null, { version, key }: Stated = {}) => ({
    sessionId: id,
    event: constant(event),
    ...besidePayload(event, payload),
    expectedVersion: version,
    idempotencyKey: key,
  })

  function besidePayload(event: SessionEvent, payload?: Payload | null): object {
    if (isShare(payload)) return camelled(payload)
    const name = isReassignment(payload) ? 'reassign' : isInputs(payload) ? 'payload' : ownMember(event)
    return { [name]: payload && camelled(payload) }
  }

  return {
    name: 'graphql',
    ask,
    plain,
    pointer: path =>
      camel(
        path
          .replace(/^\/payload(?=\/(expires_in_days|show_organisation)$)/, '')
          .replace(/^\/payload(?=\/(mentor_id|organisation_id)$)/, '/reassign'),
      ),
    start: (who, { key } = {}) =>
      changed('startSession', 'StartSessionInput', {
        ...camelled(who),
        inputs: who.inputs && camelled(who.inputs),
        idempotencyKey: key,
      }),
    dispatch: (...dispatched) => changed('dispatchEvent', 'DispatchEventInput', dispatchInput(...dispatched)),
    async revokeShare(sessionId, token, { version, key } = {}) {
      const text = `mutation ($sessionId: ID!, $token: ID!, $version: Int, $key: String) { change: revokeShare(
        sessionId: $sessionId, token: $token, expectedVersion: $version, idempotencyKey: $key)
        { session { ...Session } replayed closed } }`
      return changeIn(await ask(text, { sessionId, token, version, key }))
    },
    async transitionsOf(...dispatched) {
      const { refusal, data } = await change('dispatchEvent', 'DispatchEventInput', dispatchInput(...dispatched))
      if (refusal) throw new Error(refusal.code)
      return (data.change as { transitions: Transition[] }).transitions
    },
    async close(id, { version, key } = {}) {
      const text = `mutation ($input: CloseSessionInput!) { closed: closeSession(input: $input)
        { session_id: sessionId deleted replayed } }`
      const input = { sessionId: id, expectedVersion: version, idempotencyKey: key }
      const { refusal, data } = await ask(text, { input })
      const { replayed, ...closed } = (data.closed ?? {}) as Closed
      return refusal ?? { ok: true, ...closed, ...(replayed && { replayed }) }
    },
    async erase(mentorId) {
      const text = `mutation ($input: EraseMentorInput!) { erased: eraseMentor(input: $input)
        { mentor_id: mentorId closed remaining erased } }`
      const { refusal, data } = await ask(text, { input: { mentorId } })
      return refusal ?? { ok: true, ...(data.erased as ErasureProgress) }
    },
    async get(id) {
      const { refusal, data } = await ask('query ($id: ID!) { session(id: $id) { ...Session } }', { id })
      if (refusal) return refusal
      if (data.session === null) return refused('session_not_found')
      const { version, ...session } = data.session as SessionBody & { version: number }
      return { ok: true, session, version }
    },
    async list(filter = {}, limit) {
      const text = `query ($filter: SessionFilter, $first: Int) { sessions(filter: $filter, first: $first)
        { nodes { ...Session } totalCount } }`
      const { refusal, data } = await ask(text, { filter: filterOf(filter), first: limit })
      if (refusal) return refusal
      const { nodes, totalCount } = data.sessions as { nodes: Changed[]; totalCount: number }
      const sessions = nodes.map(({ version: _, ...session }) => session as unknown as SessionBody)
      return { ok: true, sessions, total: totalCount }
    },
    events: (id, after, first) =>
      ofSession(id, `events: transitions(after: $after, first: $first) { ${transitionFields} }`, { after, first }, ''),
    results: id => ofSession(id, `results { result_id: resultId ${resultFields} }`, {}, ''),
    shares: id =>
      ofSession(
        id,
        'shares { path token result_id: resultId expires_at: expiresAt show_organisation: showOrganisation }',
        {},
        '',
      ),
    share: id =>
      ofSession(
        id,
        'share { path token result_id: resultId expires_at: expiresAt show_organisation: showOrganisation }',
        {},
        'share_not_found',
      ),
    async shared(token) {
      const text = `query ($token: ID!) { shared: sharedResult(token: $token) {
        ${resultFields} organisation_id: organisationId expires_at: expiresAt } }`
      const { refusal, data } = await ask(text, { token })
      if (refusal) return refusal
      const { organisation_id, ...shared } = data.shared as unknown as SharedResult
      return { ok: true, shared: { ...shared, ...(organisation_id !== null && { organisation_id }) } as SharedResult }
    },
    async links({ limit, after, ...filter } = {}) {
      const text = `query ($filter: SessionFilter, $first: Int, $after: String) {
        page: sharedLinks(filter: $filter, first: $first, after: $after) {
          nodes { session { session_id: id mentor_id: mentorId organisation_id: organisationId } label views
            share { path token result_id: resultId expires_at: expiresAt show_organisation: showOrganisation } }
          pageInfo { hasNextPage endCursor } } }`
      const { refusal, data } = await ask(text, { filter: filterOf(filter), first: limit, after })
      if (refusal) return refusal
      const { nodes, pageInfo } = data.page as {
        nodes: { session: object; share: object; label: string | null; views: number }[]
        pageInfo: { hasNextPage: boolean; endCursor: string | null }
      }
      const links = nodes.map(({ session, share, ...rest }) => ({ ...share, ...session, ...rest }))
      return { ok: true, links: links as Links['links'], next: pageInfo.hasNextPage ? pageInfo.endCursor : null }
    },
    calculate: inputs =>
      plain('query ($inputs: CalculationInputs!) { outputs: calculate(inputs: $inputs) { ...Outputs } }', {
        inputs: camelled(inputs),
      }),
  }
}

/** Describes one suite over REST and over GraphQL. */
export function overInterfaces(server: Reachable, body: (api: RestApi | GraphqlApi) => void): void {
  for (const api of [restApi(server), graphqlApi(server)]) describe(`over ${api.name}`, () => body(api))
}

/** Describes one suite for each order of the two interfaces. */
export function overPairs(
  server: Reachable,
  body: (first: RestApi | GraphqlApi, second: RestApi | GraphqlApi) => void,
): void {
  const [rest, graphql] = [restApi(server), graphqlApi(server)]
  for (const [first, second] of [
    [rest, graphql],
    [graphql, rest],
  ] as const) {
    describe(`first over ${first.name}, then over ${second.name}`, () => body(first, second))
  }
}
