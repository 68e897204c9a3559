// Keeps a copy of all sessions over REST alone, and prints each change of the copy.
// Run:   node copy-sessions.mjs http://127.0.0.1:4000
const server = process.argv[2] ?? 'http://127.0.0.1:4000'
const sessions = '/api/v1/benefit-calculator-sessions'
const feed = '/api/v1/benefit-calculator-events'
const copy = new Map()

/** Problems after which the copy begins anew. */
const gone = ['cursor_expired', 'invalid_cursor']

/** Reads a path. Repeats the request while there is no response, or the server asks to try again. */
async function read(path) {
  for (;;) {
    const response = await fetch(server + path, { signal: AbortSignal.timeout(60_000) }).catch(() => {})
    const body = await response?.json().catch(() => {})
    if (body && (response.ok || gone.includes(body.code))) return { body, headers: response.headers }
    if (body && response.status < 500 && response.status !== 429) throw new Error(body.detail)
    await new Promise(resolve => setTimeout(resolve, 500))
  }
}

/** Reads all sessions. Returns the cursor from which the feed has every change that this may have missed. */
async function readAll() {
  const cursor = (await read(feed)).body.next
  copy.clear()
  console.log(JSON.stringify({ cleared: true }))
  // In this order, each page continues after a cursor. Numbered pages shift when a session is closed.
  for (let path = `${sessions}?view=full&sort=created_at&limit=100`; path; ) {
    const { body, headers } = await read(path)
    for (const session of body.data) put(session)
    path = /<([^>]*)>; rel="next"/.exec(headers.get('Link'))?.[1]
  }
  return cursor
}

function put(session) {
  copy.set(session.session_id, session)
  console.log(JSON.stringify(session))
}

function remove(session_id) {
  if (copy.delete(session_id)) console.log(JSON.stringify({ session_id, removed: true }))
}

/** Brings the copy up to a transition. Without a session, it was closed, or it has left what this program may see. */
function apply({ session_id, sequence, session, left }) {
  if (copy.get(session_id)?.version >= sequence) return
  if (session && !left) put(session)
  else remove(session_id)
}

for (let after = await readAll(); ; ) {
  const { body } = await read(`${feed}?view=full&wait=30&limit=1000&after=${after}`)
  for (const item of body.data ?? []) apply(item)
  after = body.next ?? (await readAll()) // without `next`, the cursor is gone
}
