// A table of all sessions that is always up to date: joins the list and the feed, and misses nothing.
// Browsers have EventSource. Elsewhere, `npm install eventsource`:   node join-eventsource.mjs http://127.0.0.1:4000
import { EventSource } from 'eventsource'

const server = process.argv[2] ?? 'http://127.0.0.1:4000'
const sessions = new Map() // keeps closed sessions, so that an older list can't bring them back

/** Applies a session from the list or the feed, in any order: only a newer version counts. */
function apply(session) {
  if (session.version <= (sessions.get(session.id)?.version ?? 0)) return
  sessions.set(session.id, session)
  console.log(JSON.stringify(session))
}

/**
 * Reads the list over GraphQL, because its pages continue after a cursor. With numbered pages, a session is skipped if
 * another one is closed meanwhile.
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

let missed = true // the table is not complete yet
async function complete() {
  while (missed) {
    try {
      await readList()
      missed = false
    } catch (reason) {
      console.error('reading the list again:', reason.message)
      await new Promise(resolve => setTimeout(resolve, 1_000))
    }
  }
}

// EventSource reconnects by itself and sends the last id that it received. The server resumes after it.
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
feed.addEventListener('error', () => console.error('connecting again'))

// While it waits to reconnect, eventsource 5 does not keep Node.js running.
setInterval(() => {}, 60_000)
