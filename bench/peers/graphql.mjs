import { readFileSync } from 'node:fs'
import { sessionEvents } from '../../dist/src/domain/session.js'
import { shownTime } from '../../dist/src/domain/timestamp.js'
import { constant } from '../../dist/src/resolvers/names.js'
import { count, dispatch, find, list, start } from './sessions.mjs'

export const typeDefs = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')

const eventOf = Object.fromEntries(sessionEvents.map(event => [constant(event), event]))

// Uses the schema's names, so that no field needs a resolver.
const sessionOf = session => ({
  id: session.session_id,
  mentorId: session.mentor_id,
  state: session.state.toUpperCase(),
  version: session.version,
  resultId: session.result_id,
  createdAt: shownTime(session.created_at),
  updatedAt: shownTime(session.updated_at),
  result: session.result && { outputs: outputsOf(session.result.outputs) },
})

const outputsOf = outputs => ({
  netBenefit: outputs.net_benefit,
  benefitCostRatio: outputs.benefit_cost_ratio,
})

const payloadOf = payload => ({
  sessions: payload.sessions,
  avg_minutes: payload.avgMinutes,
  cost_per_session: payload.costPerSession,
  cost_per_hour: payload.costPerHour,
})

export const resolvers = {
  Query: {
    session: async (_, { id }) => sessionOf(await find(id)),
    async sessions(_, { first }) {
      const [found, totalCount] = await Promise.all([list(first + 1), count()])
      const nodes = found.slice(0, first).map(sessionOf)
      return { nodes, pageInfo: { hasNextPage: found.length > first }, totalCount }
    },
  },
  Mutation: {
    startSession: async (_, { input }) => ({ session: sessionOf(await start({ mentor_id: input.mentorId })) }),
    async dispatchEvent(_, { input: { sessionId, event, payload } }) {
      const body = { event: eventOf[event], payload: payload && payloadOf(payload) }
      return { session: sessionOf(await dispatch(sessionId, body)) }
    },
  },
}
