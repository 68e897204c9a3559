import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { type Document, MongoClient } from 'mongodb'
import { WebSocketServer } from 'ws'

// The least that a server can do for the requests of bench/floor.ts: node:http and ws send the recorded bytes, and the
// driver repeats one update of the recorded documents.

/** What the bare server sends: a response, and the frames of an operation. */
export interface Recorded {
  status: number
  /** Names and values in turn. */
  headers: string[]
  body: string
  frames: string[]
}

/** Updates that the bare driver makes. `collection` has copies of sessions with their version. */
export interface Updates {
  collection: string
  perSecond: number
  seconds: number
  inFlight: number
}

const { status, headers, body, frames }: Recorded = JSON.parse(process.env.RECORDED ?? '{"frames":[]}')

/** Makes the updates at the given rate. Resolves with the number of documents that were updated. */
async function update(client: MongoClient, { collection, perSecond, seconds, inFlight }: Updates): Promise<number> {
  const sessions = client.db().collection<Document & { _id: string }>(collection)
  const documents = await sessions.find().toArray()
  const began = performance.now()
  const pauseMs = (inFlight / perSecond) * 1_000
  let made = 0
  const work = async (_: unknown, worker: number): Promise<void> => {
    for (let n = 0; n * pauseMs < seconds * 1_000; n++) {
      await wait(Math.max(0, began + (n + worker / inFlight) * pauseMs - performance.now()))
      const document = documents[(n * inFlight + worker) % documents.length] as Document & { _id: string }
      const { _id, version, state, updated_at, results, sort, commit, transitions } = document
      document.version += 2
      const $set = { version: document.version, state, updated_at, sort, commit }
      const $push = { transitions: { $each: transitions.slice(-2) }, results: results.at(-1) } as Document
      const { modifiedCount } = await sessions.updateOne({ _id, version }, { $set, $push })
      made += modifiedCount
    }
  }
  await Promise.all(Array.from({ length: inFlight }, work))
  return made
}

const server = createServer(async (request, response) => {
  if (request.url === '/updates') {
    let text = ''
    for await (const chunk of request) text += chunk
    const client = await MongoClient.connect(process.env.MONGODB_URI as string)
    response.end(String(await update(client, JSON.parse(text))))
    await client.close()
    return
  }
  request.resume()
  if (status === undefined) response.end()
  else response.writeHead(status, headers).end(body)
})
const sockets = new WebSocketServer({ server, path: '/graphql', handleProtocols: () => 'graphql-transport-ws' })
sockets.on('connection', socket => {
  socket.on('message', (data, isBinary) => {
    if (isBinary) return
    if (String(data).startsWith('{"type":"connection_init"')) socket.send('{"type":"connection_ack"}')
    else for (const frame of frames) socket.send(frame)
  })
})
server.listen(Number(process.env.PORT), '127.0.0.1')
