import { isDeepStrictEqual } from 'node:util'
import type { Inputs } from '../../src/domain/calculator'
import type { SessionEvent, Transition } from '../../src/domain/session'
import type { SessionBody } from '../support/interfaces'
import { allowedIn, type Move, moves, type Row, rowOf } from '../support/transition-table'

// The model that both interfaces are compared with. It imports only types of the server: its rules are written a second
// time, from the text of the contract, so that a fault in them is not made twice.

const hour = 3_600_000
const keptMs = 24 * hour
const dayMs = 24 * hour

/** A time as it is shown. */
export const time = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}/, '')

export interface ModelShare {
  /** Empty until it was read. */
  token: string
  result_id: string
  days: number
  expires: number
  revoked: boolean
}

export interface Reassignment {
  mentor_id?: string | null
  organisation_id?: string | null
}

/** The payload of an event: inputs of a calculation, the days of a share, or the ids of a reassignment. */
export type Payload = Inputs | { expires_in_days?: number } | Reassignment | null

export interface ModelResult {
  result_id: string
  inputs: Inputs
  computed: number
}

/** What a change answered, as it is given again under its key. */
export interface Given {
  session: SessionBody
  version: number
  /** Present if the session was closed after it was given first. */
  closed?: true
}

interface Kept {
  request: string
  given: Given
  at: number
}

/** A session as it should be. */
export interface ModelSession {
  body: SessionBody
  started: number
  organisation_id: string | null
  transitions: Transition[]
  results: ModelResult[]
  shares: ModelShare[]
  asked: Inputs | null
  kept: Map<string, Kept>
  closed: boolean
}

/** The ids of a transition in the feed. */
interface Acknowledged {
  session_id: string
  mentor_id: string
  organisation_id: string | null
}

/** All that one run did, and should find. */
export interface Model {
  now: number
  /** Whether the calculator does its work. */
  works: boolean
  sessions: ModelSession[]
  starts: Map<string, Kept>
  /** Every transition that an answer acknowledged, in that order. */
  acknowledged: { item: Acknowledged; transition: Transition }[]
  /** Every id and token that the server drew. */
  drawn: Set<string>
}

export const newModel = (now: number): Model => ({
  now,
  works: true,
  sessions: [],
  starts: new Map(),
  acknowledged: [],
  drawn: new Set(),
})

export const versionOf = ({ transitions }: ModelSession): number => transitions.length

const current = ({ body, results }: ModelSession): ModelResult | undefined =>
  results.find(({ result_id }) => result_id === body.result_id)

export const isLive = ({ now }: Model, share: ModelShare): boolean => !share.revoked && share.expires > now

export const liveShare = (model: Model, { body, shares }: ModelSession): ModelShare | undefined =>
  shares.find(share => share.result_id === body.result_id && isLive(model, share))

const rowOfSession = (session: ModelSession): Row => rowOf(session.body.state, current(session) !== undefined)

/** What an event does to a session as it is. */
function moveOf(model: Model, session: ModelSession, event: SessionEvent, payload: Payload): Move {
  const move = moves[event][rowOfSession(session)]
  const result = current(session)
  if (move === 'calculate other inputs')
    return result && same(result.inputs, payload as Inputs | null) ? 'nothing' : 'calculate'
  if (move === 'share') {
    const live = liveShare(model, session)
    return live && [undefined, live.days].includes(daysOf(payload)) ? 'nothing' : 'share'
  }
  if (event === 'ReassignRequested') return isReassigned(session, payload as Reassignment | null) ? move : 'nothing'
  if (move === 'revoke') return session.shares.some(share => isLive(model, share)) ? 'revoke' : 'nothing'
  return move
}

function isReassigned({ body, organisation_id }: ModelSession, to: Reassignment | null): boolean {
  const sameMentor = (to?.mentor_id ?? body.mentor_id) === body.mentor_id
  return !sameMentor || (to?.organisation_id !== undefined && to.organisation_id !== organisation_id)
}

const daysOf = (payload: Payload): number | undefined =>
  payload && 'expires_in_days' in payload ? payload.expires_in_days : undefined

const same: (a: Inputs, b: Inputs | null) => boolean = isDeepStrictEqual

export const allowed = (session: ModelSession): SessionEvent[] => allowedIn(rowOfSession(session))

/** The answer that is given again under a key, that the key is taken by another request, or that it is free. */
export function underKey(kept: Map<string, Kept>, key: string | undefined, request: string, now: number) {
  const found = key === undefined ? undefined : kept.get(key)
  if (!found || found.at + keptMs <= now) return undefined
  return found.request === request ? found.given : 'reused'
}

/** The answer under a key again. It names the mentor that the session has now, and says whether the session is closed. */
export const again = ({ session, version }: Given, { sessions }: Model): Given => {
  const now = sessions.find(({ body }) => body.session_id === session.session_id)
  const shown = { ...session, mentor_id: now?.body.mentor_id ?? session.mentor_id }
  return { session: shown, version, ...(now?.closed && { closed: true }) }
}

export const given = (session: ModelSession): Given => ({ session: { ...session.body }, version: versionOf(session) })

export function keep(kept: Map<string, Kept>, key: string | undefined, request: string, what: Given, at: number): void {
  if (key !== undefined) kept.set(key, { request, given: what, at })
}

function step(model: Model, session: ModelSession, event: Transition['event'], to: Transition['to']): void {
  const { body, transitions } = session
  const at = time(model.now)
  const from = transitions.length === 0 ? null : body.state
  const transition = { event, from, to, sequence: transitions.length + 1, at, result_id: body.result_id }
  transitions.push(transition)
  const { session_id, mentor_id } = body
  const item = { session_id, mentor_id, organisation_id: session.organisation_id }
  model.acknowledged.push({ item, transition })
  body.state = to
  body.updated_at = at
  if (event !== 'SessionStarted' && event !== 'SessionClosed') body.last_event = event
}

export function started(model: Model, session_id: string, mentor_id: string, organisation_id: string | null) {
  const now = time(model.now)
  const dates = { created_at: now, updated_at: now }
  const session: ModelSession = {
    body: { session_id, mentor_id, state: 'initial', last_event: null, result_id: null, ...dates },
    started: model.now,
    organisation_id,
    transitions: [],
    results: [],
    shares: [],
    asked: null,
    kept: new Map(),
    closed: false,
  }
  model.sessions.push(session)
  step(model, session, 'SessionStarted', 'initial')
  return session
}

/** Makes the moves of an event that is not refused. `drawn` is the result id that the server gave to a new result. */
export function dispatched(
  model: Model,
  session: ModelSession,
  event: SessionEvent,
  payload: Payload,
  drawn: string,
): void {
  const { body, results, shares } = session
  const move = moveOf(model, session, event, payload)
  if (move === 'calculate' || move === 'repeat') {
    session.asked = move === 'repeat' ? session.asked : (payload as Inputs)
    step(model, session, event, 'loading')
    if (model.works) {
      body.result_id = drawn
      results.unshift({ result_id: drawn, inputs: session.asked as Inputs, computed: model.now })
    }
    step(model, session, event, model.works ? 'loaded' : 'error')
  } else if (move === 'share') {
    const days = daysOf(payload) ?? 30
    const expiry = { days, expires: model.now + days * dayMs }
    const live = liveShare(model, session)
    if (live) Object.assign(live, expiry)
    else shares.push({ token: '', result_id: String(body.result_id), ...expiry, revoked: false })
    step(model, session, event, 'loaded')
  } else if (move === 'stay') {
    const { mentor_id, organisation_id } = (event === 'ReassignRequested' ? payload : {}) as Reassignment
    if (mentor_id != null) body.mentor_id = mentor_id
    if (organisation_id !== undefined) session.organisation_id = organisation_id
    step(model, session, event, body.state)
  } else if (move === 'revoke' || move === 'reset') {
    for (const share of shares) share.revoked = true
    if (move === 'reset') body.result_id = null
    step(model, session, event, move === 'reset' ? 'initial' : 'loaded')
  }
}

/** Revokes one live share. */
export function revoked(model: Model, session: ModelSession, share: ModelShare): void {
  share.revoked = true
  step(model, session, 'ShareRevokeRequested', 'loaded')
}

/** Whether an event makes a new result now. */
export const calculates = (model: Model, session: ModelSession, event: SessionEvent, payload: Payload): boolean =>
  model.works && ['calculate', 'repeat'].includes(moveOf(model, session, event, payload))

export function closed(model: Model, session: ModelSession): void {
  step(model, session, 'SessionClosed', 'closed')
  session.closed = true
}
