// Keeps a map of all sessions up to date with benefit-sessions-client. The client combines the list and the feed, and
// recovers from lost connections and gaps.
// After `npm install ./benefit-sessions-client-2.0.0.tgz graphql-ws ws`:   node follow-sessions.mjs http://127.0.0.1:4000
import { SessionsClient } from 'benefit-sessions-client'
import { WebSocket } from 'ws'

const client = new SessionsClient({ url: process.argv[2] ?? 'http://127.0.0.1:4000', webSocketImpl: WebSocket })
const sessions = new Map()

for await (const change of client.followSessions()) {
  if (change.type === 'reset') sessions.clear()
  else if (change.type === 'closed') sessions.delete(change.session.id)
  else if (change.type !== 'synced') sessions.set(change.session.id, change.session)
  if (!change.session) continue
  const { id, state, version } = change.session
  console.log(JSON.stringify({ id, state, version }))
}
