import { sessionsPath } from '../src/rest/resources/sessions'
import type { Answer, Asked } from './load'

export const actions = ['read', 'list', 'start', 'dispatch'] as const
export type Action = (typeof actions)[number]

/** Number of sessions that exist before a read, a list or a start is measured. */
export const sessionCount = 500

export const someone = { mentor_id: 'mentor_1' }
const nobody = { mentor_id: '' }

export const calculation = (sessions: number) => ({
  event: 'CalculateRequested',
  payload: { sessions, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 },
})
const unlawful = -1

export interface Api {
  name: string
  /** Peers measured beside this server: names by file. */
  peers: Record<string, string>
  /** Each value of `n` gives a different dispatch, so that every dispatch changes something. */
  ask: Record<Action, (id: string, n: number) => Asked>
  askWrongly: Partial<Record<Action, (id: string) => Asked>>
  refuses(answer: Answer): boolean
  /** Returns the session's version in the response to a dispatch. */
  version(answer: Answer): number
}

/** Patterns of a correct response. */
export const holds: Record<Action, RegExp> = {
  read: /"state":"loaded"/i,
  list: new RegExp(`"total(Count)?":${sessionCount}\\b`),
  start: /"state":"initial"/i,
  dispatch: /"state":"loaded"/i,
}

export const get = (path: string): Asked => ({ method: 'GET', path })
const post = (path: string, body: object): Asked => ({ method: 'POST', path, body })
const put = (path: string, body: object): Asked => ({ method: 'PUT', path, body })

export const rest: Api = {
  name: 'REST',
  peers: { express: 'Express 5, driver', fastify: 'Fastify 5, driver' },
  ask: {
    read: id => get(`${sessionsPath}/${id}`),
    list: () => get(`${sessionsPath}?limit=20`),
    start: () => post(sessionsPath, someone),
    dispatch: (id, n) => put(`${sessionsPath}/${id}`, calculation(n)),
  },
  askWrongly: {
    start: () => post(sessionsPath, nobody),
    dispatch: id => put(`${sessionsPath}/${id}`, calculation(unlawful)),
  },
  refuses: ({ status }) => status === 422,
  version: ({ head }) => Number(/^session-version: (\d+)/im.exec(head)?.[1]),
}

const session = 'id mentorId state version resultId createdAt updatedAt'
const read = `query ($id: ID!) { session(id: $id) { ${session} } }`
const list = `{ sessions(first: 20) { nodes { ${session} } pageInfo { hasNextPage } totalCount } }`
const start = `mutation ($input: StartSessionInput!) { startSession(input: $input) { session { ${session} } } }`
const dispatch = `mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) {
  session { ${session} result { outputs { netBenefit benefitCostRatio } } } } }`

export const askGraphql = (query: string, variables: object): Asked => post('/graphql', { query, variables })
const startOf = ({ mentor_id }: typeof someone): Asked => askGraphql(start, { input: { mentorId: mentor_id } })
const dispatchOf = (sessionId: string, sessions: number): Asked =>
  askGraphql(dispatch, {
    input: {
      sessionId,
      event: 'CALCULATE_REQUESTED',
      payload: { sessions, avgMinutes: 30, costPerSession: 3.5, costPerHour: 30 },
    },
  })

export const graphql: Api = {
  name: 'GraphQL',
  peers: { apollo: 'Apollo Server 5, Express 5', mercurius: 'mercurius with jit' },
  ask: {
    read: id => askGraphql(read, { id }),
    list: () => askGraphql(list, {}),
    start: () => startOf(someone),
    dispatch: dispatchOf,
  },
  askWrongly: { start: () => startOf(nobody), dispatch: id => dispatchOf(id, unlawful) },
  refuses: ({ body }) => body.includes('"errors"'),
  version: ({ body }) => Number(/"version":(\d+)/.exec(body)?.[1]),
}

export const apis = [rest, graphql]
