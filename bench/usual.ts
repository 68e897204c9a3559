import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApolloServer } from '@apollo/server'
import { expressMiddleware } from '@as-integrations/express5'
import express from 'express'
import { MongoClient } from 'mongodb'
import { calculate } from '../src/domain/calculator'
import { parseCommand } from '../src/domain/command'
import { decide } from '../src/domain/decide'
import { type Change, evolve, type Session } from '../src/domain/session'
import { timestamp } from '../src/domain/timestamp'

// The same sessions as they are usually served: Apollo's Express integration and Express's own JSON, a query a read and
// an update a write. It validates, decides and stores what our server does, with the same code.

type Stored = Session & { _id: string; transitions: Change['transition'][] }

const typeDefs = `#graphql
  type Query { session(id: ID!): Session }
  type Mutation { dispatchEvent(input: DispatchEventInput!): SessionPayload! }
  type SessionPayload { session: Session! }
  type Session { id: ID! mentorId: ID! state: String! version: Int! resultId: ID createdAt: String! updatedAt: String! result: Result }
  type Result { id: ID! outputs: Outputs! }
  type Outputs { netBenefit: Float! benefitCostRatio: Float }
  input DispatchEventInput { sessionId: ID! event: String! payload: Inputs }
  input Inputs { sessions: Int! avgMinutes: Float! costPerSession: Float! costPerHour: Float! }
`

async function main(): Promise<void> {
  const client = new MongoClient(process.env.MONGODB_URI ?? '', { writeConcern: { w: 'majority' } })
  const sessions = client.db().collection<Stored>('sessions')
  const published = new EventEmitter()

  const load = async (id: string): Promise<Session> => {
    const found = await sessions.findOne({ _id: id }, { projection: { transitions: 0, results: 0, commit: 0 } })
    if (!found) throw new Error('no such session')
    return { ...found, session_id: found._id, result: null, shares: found.shares ?? [] }
  }

  const dispatch = async (id: string, body: unknown): Promise<Session> => {
    const command = parseCommand(body)
    for (;;) {
      const session = await load(id)
      const now = timestamp(new Date())
      const newId = (): string => `calc_${randomBytes(4).toString('hex')}`
      const changes = decide(session, command, { now, calculate, newResultId: newId, newToken: newId })
      const after = changes.reduce(evolve, session)
      const { version, state, last_event, result_id, updated_at, last_inputs } = after
      const updated = await sessions.findOneAndUpdate(
        { _id: id, version: session.version },
        {
          $set: { version, state, last_event, result_id, updated_at, last_inputs },
          $push: {
            transitions: { $each: changes.map(change => change.transition) },
            results: { $each: changes.flatMap(change => change.result ?? []) },
          } as never,
        },
        { returnDocument: 'after' },
      )
      if (!updated) continue
      published.emit('transition', after)
      return after
    }
  }

  const bodyOf = (s: Session): object => ({
    session_id: s.session_id,
    mentor_id: s.mentor_id,
    state: s.state,
    last_event: s.last_event,
    result_id: s.result_id,
    created_at: timestamp(new Date(s.created_at)),
    updated_at: timestamp(new Date(s.updated_at)),
  })
  const resultOf = async ({ session_id, result_id }: Session) =>
    result_id === null
      ? null
      : (
          (await sessions.findOne({ _id: session_id }, { projection: { results: { $slice: -1 } } })) as unknown as {
            results: Session['result'][]
          } | null
        )?.results[0]

  const apollo = new ApolloServer({
    typeDefs,
    resolvers: {
      Query: { session: (_: unknown, { id }: { id: string }) => load(id) },
      Mutation: {
        dispatchEvent: async (
          _: unknown,
          { input }: { input: { sessionId: string; payload: Record<string, number> } },
        ) => {
          const { sessions: count, avgMinutes, costPerSession, costPerHour } = input.payload
          const payload = {
            sessions: count,
            avg_minutes: avgMinutes,
            cost_per_session: costPerSession,
            cost_per_hour: costPerHour,
          }
          return { session: await dispatch(input.sessionId, { event: 'CalculateRequested', payload }) }
        },
      },
      Session: {
        id: (s: Session) => s.session_id,
        mentorId: (s: Session) => s.mentor_id,
        resultId: (s: Session) => s.result_id,
        createdAt: (s: Session) => timestamp(new Date(s.created_at)),
        updatedAt: (s: Session) => timestamp(new Date(s.updated_at)),
        result: (s: Session) => s.result ?? resultOf(s),
      },
      Result: { id: (r: { result_id: string }) => r.result_id },
      Outputs: {
        netBenefit: (o: { net_benefit: number }) => o.net_benefit,
        benefitCostRatio: (o: { benefit_cost_ratio: number }) => o.benefit_cost_ratio,
      },
    },
  })
  await apollo.start()
  const app = express()
  app.use(express.json())
  app.use('/graphql', expressMiddleware(apollo))
  const base = '/api/v1/benefit-calculator-sessions'
  app.get(base, async (request, response) => {
    const limit = Number(request.query.limit ?? 20)
    const [data, total] = await Promise.all([
      sessions
        .find({}, { projection: { transitions: 0, results: 0, commit: 0 } })
        .sort({ created_at: -1, _id: -1 })
        .limit(limit)
        .toArray(),
      sessions.countDocuments({}),
    ])
    response.json({
      data: data.map(s => bodyOf({ ...s, session_id: s._id } as unknown as Session)),
      pagination: { page: 1, limit, total },
    })
  })
  app.get(`${base}/:id`, async (request, response) => void response.json(bodyOf(await load(request.params.id))))
  app.put(
    `${base}/:id`,
    async (request, response) => void response.json(bodyOf(await dispatch(request.params.id, request.body))),
  )

  const server = createServer(app).listen(0, '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
  })
}

main()
