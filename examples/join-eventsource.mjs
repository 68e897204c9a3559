// A table of all sessions that is always right: the list and the feed, joined so that nothing is missed.
// In a browser EventSource is there; elsewhere `npm install eventsource`:   node join-eventsource.mjs http://127.0.0.1:4000
import { EventSource } from 'eventsource'

const server = process.argv[2] ?? 'http://127.0.0.1:4000'
const sessions = new Map() // a closed session stays, so that an older list cannot bring it back

/** Whatever comes first, list or feed: only what is newer counts. */
function apply(session) {
  if (session.version <= (sessions.get(session.id)?.version ?? 0)) return
  sessions.set(session.id, session)
  console.log(JSON.stringify(session))
}

/** By GraphQL, whose pages go on after a session: in pages by number, one is skipped when another closes meanwhile. */
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

// It connects again by itself, and says the last id that it saw: the server goes on after it.
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

// While it waits to connect again, eventsource 5 does not keep Node.js running.
setInterval(() => {}, 60_000)
