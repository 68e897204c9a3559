// Keeps a map of all sessions up to date: combines the list and the feed, and misses no change.
// Browsers have EventSource. Elsewhere, after `npm install eventsource`:   node join-eventsource.mjs http://127.0.0.1:4000
import { EventSource } from 'eventsource'

const server = process.argv[2] ?? 'http://127.0.0.1:4000'
const sessions = new Map() // includes closed sessions, so that an outdated list can't add them again

/** Applies a session from the list or the feed, in any order. Ignores all but newer versions. */
function apply(session) {
  if (session.version <= (sessions.get(session.id)?.version ?? 0)) return
  sessions.set(session.id, session)
  console.log(JSON.stringify(session))
}

/**
 * Reads the list over GraphQL, because its pages continue after a cursor. With numbered pages, closing a session during
 * the read would cause another one to be skipped.
 */
async function readList(after = null) {
  const query = `query ($after: String) { sessions(first: 100, after: $after) {
    nodes { id state version } pageInfo { hasNextPage endCursor } } }`
  const body = JSON.stringify({ query, variables: { after } })
  const answer = await fetch(`${server}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  })
  const { nodes, pageInfo } = (await answer.json()).data.sessions
  for (const { id, state, version } of nodes) apply({ id, state: state.toLowerCase(), version })
  if (pageInfo.hasNextPage) await readList(pageInfo.endCursor)
}

let missed = true // whether the map may lack sessions or changes
async function complete() {
  while (missed) {
    try {
      await readList()
      missed = false
    } catch (reason) {
      console.error('could not read the list, trying again:', reason.message)
      await new Promise(resolve => setTimeout(resolve, 1_000))
    }
  }
}

// EventSource reconnects automatically and sends the last event id that it received. The server resumes after this id.
const feed = new EventSource(`${server}/api/v1/benefit-calculator-events`)
feed.addEventListener('gap', () => {
  missed = true
  sessions.clear()
})
feed.addEventListener('ready', complete)
feed.addEventListener('message', ({ data }) => {
  const { session_id, to, sequence } = JSON.parse(data)
  apply({ id: session_id, state: to, version: sequence })
})
feed.addEventListener('error', () => console.error('connection lost, reconnecting'))

// While it waits to reconnect, eventsource 5 does not keep Node.js running.
setInterval(() => {}, 60_000)
