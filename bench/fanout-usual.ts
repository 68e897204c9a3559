import { randomBytes } from 'node:crypto'
import { EventEmitter, on } from 'node:events'
import { createServer } from 'node:http'
import { buildSchema, graphql } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { MongoClient } from 'mongodb'
import { WebSocketServer } from 'ws'

// The usual way: graphql-ws with an in-memory PubSub beside the write. It sends the same messages for the same write,
// without a log.

const schema = buildSchema(`
  type Query { none: String }
  type Mutation { startSession(input: StartSessionInput!): SessionPayload! }
  input StartSessionInput { mentorId: ID! idempotencyKey: String }
  type SessionPayload { session: Session! }
  type Session { id: ID! }
  type Subscription { feed(after: String): FeedMessage! }
  union FeedMessage = FeedReady | FeedTransition
  type FeedReady { cursor: String! }
  type FeedTransition { cursor: String! transition: Transition! }
  type Transition { event: String! sequence: Int! session: Session! }
`)

/** Pads cursors to the length of this server's cursors. */
const cursorOf = (written: number): string => String(written).padStart(157, '0')

const pubSub = new EventEmitter().setMaxListeners(0)

/** Like the asyncIterator of graphql-subscriptions: one queue per subscriber, filled by the emitter. */
async function* feed() {
  const events = on(pubSub, 'transition')
  yield { feed: { __typename: 'FeedReady', cursor: cursorOf(0) } }
  for await (const [transition] of events) yield { feed: transition }
}

async function main(): Promise<void> {
  const client = await MongoClient.connect(process.env.MONGODB_URI as string)
  const sessions = client.db().collection<{ _id: string }>('sessions', { writeConcern: { w: 'majority' } })
  let written = 0

  async function startSession({ input }: { input: { mentorId: string } }) {
    const id = `session_${randomBytes(4).toString('hex')}`
    const transition = { event: 'SESSION_STARTED', sequence: 1, at: new Date().toISOString() }
    await sessions.insertOne({ _id: id, mentor_id: input.mentorId, transitions: [transition] } as { _id: string })
    const message = {
      __typename: 'FeedTransition',
      cursor: cursorOf(++written),
      transition: { ...transition, session: { id } },
    }
    pubSub.emit('transition', message)
    return { session: { id } }
  }

  const server = createServer(async (request, response) => {
    if (request.method === 'GET') return void response.end()
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { query: source, variables: variableValues } = JSON.parse(String(Buffer.concat(chunks)))
    const result = await graphql({ schema, source, variableValues, rootValue: { startSession } })
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(result))
  })
  useServer({ schema, roots: { subscription: { feed } } }, new WebSocketServer({ server, path: '/graphql' }))
  server.listen(Number(process.env.PORT), '127.0.0.1')
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
