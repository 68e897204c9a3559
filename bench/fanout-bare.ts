import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'

// Lower bound for a broadcast: ws sends the same messages, without GraphQL or a store.

const told = (feed: object): string => JSON.stringify({ id: '1', type: 'next', payload: { data: { feed } } })
const cursorOf = (written: number): string => String(written).padStart(157, '0')

let written = 0

function broadcast(id: string): void {
  const transition = { event: 'SESSION_STARTED', sequence: 1, session: { id } }
  const text = told({ __typename: 'FeedTransition', cursor: cursorOf(++written), transition })
  const bytes = Buffer.from(text)
  for (const client of sockets.clients) if (client.readyState === WebSocket.OPEN) client.send(bytes, { binary: false })
}

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const id = `session_${randomBytes(4).toString('hex')}`
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ data: { startSession: { session: { id } } } }))
    if (request.method === 'POST') broadcast(id)
  })
})
const sockets = new WebSocketServer({ server, path: '/graphql' })
sockets.on('connection', socket => {
  socket.on('message', data => {
    const { type } = JSON.parse(String(data))
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}')
    if (type === 'subscribe') socket.send(told({ __typename: 'FeedReady', cursor: cursorOf(written) }))
  })
})
server.listen(Number(process.env.PORT), '127.0.0.1')
