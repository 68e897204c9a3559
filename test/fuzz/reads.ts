import type { Result } from '../../src/domain/session'
import {
  type Answer,
  type Api,
  done,
  neutral,
  query,
  type Refusal,
  refused,
  type SessionBody,
  transitionFields,
} from '../support/interfaces'
import type { Clock, Server } from '../support/server'
import * as m from './model'

/** What the commands of a run work on. */
export interface Real {
  server: Server
  apis: [Api, Api]
  clock: Clock
  calculator: { works: boolean }
  /** The names and keys of a run begin with it. */
  run: string
}

const missing = refused('session_not_found')

/** An answer with the places of its faults alone, in one order. GraphQL's own refusals count by their code. */
export function told<T>(answer: Answer<T>): Answer<T> {
  if (!answer.ok && answer.code === 'bad_user_input') return refused(answer.code)
  if (answer.ok || !Array.isArray(answer.facts.errors)) return answer
  const faults = answer.facts.errors as { pointer?: string; parameter?: string; header?: string }[]
  const errors = faults.map(({ pointer, parameter, header }) => pointer ?? parameter ?? header).sort()
  return { ...answer, facts: { ...answer.facts, errors } }
}

const idOf = (session: m.ModelSession | undefined): string => session?.body.session_id ?? 'nobody'
const isThere = (session: m.ModelSession | undefined): session is m.ModelSession => session?.closed === false

const whole = `query ($id: ID!) { session(id: $id) {
  ...Session allowed_events: allowedEvents transitions(first: 1000) { ${transitionFields} } } }`

/** Both interfaces show a session as it should be. */
export async function agree({ server, apis: [rest] }: Real, session: m.ModelSession): Promise<void> {
  const { body, transitions, closed } = session
  const version = m.versionOf(session)
  expect(await rest.get(idOf(session))).toEqual(closed ? missing : { ok: true, session: body, version })
  const { data, errors } = await query(server, whole, { id: idOf(session) })
  expect(errors).toBeUndefined()
  expect(neutral(data)).toEqual({
    session: closed ? null : { ...body, version, allowed_events: m.allowed(session), transitions },
  })
}

/** A page of a session's transitions. What a page cannot be, each interface says in its own terms. */
export async function events(
  api: Api,
  session: m.ModelSession | undefined,
  after: number | undefined,
  limit: number | undefined,
): Promise<void> {
  const answer = told(await api.events(idOf(session), after, limit))
  const isLimit = limit === undefined || (limit >= 1 && limit <= 1_000)
  const bad = [...(after !== undefined && after < 0 ? ['after'] : []), ...(isLimit ? [] : ['limit'])]
  if (bad.length > 0 && (api.name === 'rest' || isThere(session))) return expect(answer).toEqual(badQuery(api, bad))
  if (!isThere(session)) return expect(answer).toEqual(missing)
  const version = m.versionOf(session)
  if ((after ?? 0) > version) return expect(answer).toEqual(badQuery(api, ['after']))
  const page = session.transitions.slice(after).slice(0, limit ?? 100)
  expect(answer).toEqual({ ok: true, events: page })
}

function badQuery(api: Api, parameters: string[]): Refusal {
  if (api.name === 'rest') return refused('invalid_query', { errors: parameters })
  return refused('validation_failed', { errors: parameters.map(name => (name === 'limit' ? '/first' : `/${name}`)) })
}

const shownResult = (result: m.ModelResult): Partial<Result> => ({
  inputs: result.inputs,
  method: 'time-value/1',
  computed_at: m.time(result.computed),
})

/** Minutes are kept in hundredths, so that their product with a count is exact. */
function expectComputed({ inputs, outputs }: Pick<Result, 'inputs' | 'outputs'>): void {
  expect(outputs.total_minutes).toBe((inputs.sessions * Math.round(inputs.avg_minutes * 100)) / 100)
  expect(outputs.net_benefit).toBeCloseTo(outputs.time_value - outputs.programme_cost, 2)
}

export async function results(api: Api, session: m.ModelSession | undefined): Promise<void> {
  const answer = await api.results(idOf(session))
  if (!isThere(session)) return expect(answer).toEqual(missing)
  const expected = session.results.map(result => ({ result_id: result.result_id, ...shownResult(result) }))
  expect(done(answer).results).toMatchObject(expected)
  for (const result of done(answer).results) expectComputed(result)
}

export async function share(model: m.Model, api: Api, session: m.ModelSession | undefined): Promise<void> {
  const answer = await api.share(idOf(session))
  if (!isThere(session)) return expect(answer).toEqual(missing)
  const live = m.liveShare(model, session)
  if (!live) return expect(answer).toEqual(refused('share_not_found'))
  const { token, result_id } = live
  expect(answer).toEqual({
    ok: true,
    share: { path: `/shared/${token}`, token, result_id, expires_at: m.time(live.expires), show_organisation: false },
  })
}

/** What the links of a session show, those that are gone too. */
export async function shared(model: m.Model, api: Api, session: m.ModelSession | undefined): Promise<void> {
  for (const one of session?.shares ?? []) {
    const answer = await api.shared(one.token)
    const result = session?.results.find(({ result_id }) => result_id === one.result_id) as m.ModelResult
    if (!isThere(session)) expect(answer).toEqual(refused('share_not_found'))
    else if (!m.isLive(model, one)) expect(answer).toEqual(refused('share_gone'))
    else expect(done(answer).shared).toMatchObject({ ...shownResult(result), expires_at: m.time(one.expires) })
  }
}

const newestFirst = (a: m.ModelSession, b: m.ModelSession): number =>
  b.started - a.started || (a.body.session_id < b.body.session_id ? 1 : -1)

/** The sessions of one mentor of the run, in one state or in any. */
export async function list(
  { sessions }: m.Model,
  { run }: Real,
  api: Api,
  mentor: string,
  state: SessionBody['state'] | undefined,
  limit: number | undefined,
): Promise<void> {
  const mentor_id = `${run} ${mentor}`
  const found = sessions
    .filter(session => isThere(session) && session.body.mentor_id === mentor_id)
    .sort(newestFirst)
    .map(({ body }) => body)
    .filter(body => state === undefined || body.state === state)
  const answer = told(await api.list({ mentor_id, ...(state && { state }) }, limit))
  if (limit === 0 || limit === 101) expect(answer).toEqual(badQuery(api, ['limit']))
  else expect(answer).toEqual({ ok: true, sessions: found.slice(0, limit ?? 20), total: found.length })
}

/** All that can be read of the run; the interfaces take turns in what they are asked of each session. */
export async function everything(model: m.Model, real: Real): Promise<void> {
  const { apis } = real
  for (const [turn, session] of model.sessions.entries()) {
    const [one, other] = turn % 2 === 0 ? apis : [apis[1], apis[0]]
    await agree(real, session)
    await events(apis[0], session, 0, 1_000)
    await results(one, session)
    await share(model, other, session)
    await shared(model, one, session)
  }
  await list(model, real, apis[0], 'ann', undefined, 100)
  await list(model, real, apis[1], 'bob', undefined, 100)
}
