// Keeps a copy of all sessions using only REST, and prints each change to the copy.
// Run:   node copy-sessions.mjs http://127.0.0.1:4000
const server = process.argv[2] ?? 'http://127.0.0.1:4000'
const sessions = '/api/v1/benefit-calculator-sessions'
const feed = '/api/v1/benefit-calculator-events'
const copy = new Map()

/** Error codes that mean that the cursor is no longer valid, so all sessions must be read again. */
const gone = ['cursor_expired', 'invalid_cursor']

/** Sends a GET request to a path. Retries while the server does not respond or is temporarily unavailable. */
async function read(path) {
  for (;;) {
    const response = await fetch(server + path, { signal: AbortSignal.timeout(60_000) }).catch(() => {})
    const body = await response?.json().catch(() => {})
    if (body && (response.ok || gone.includes(body.code))) return { body, headers: response.headers }
    if (body && response.status < 500 && response.status !== 429) throw new Error(body.detail)
    await new Promise(resolve => setTimeout(resolve, 500))
  }
}

/** Reads all sessions. Returns a feed cursor from before the read: every change that the read missed comes after it. */
async function readAll() {
  const cursor = (await read(feed)).body.next
  copy.clear()
  console.log(JSON.stringify({ cleared: true }))
  // Sorted by `created_at`, each page continues after a cursor. Numbered pages would shift when a session is closed.
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

/** Applies a transition to the copy. Without `session`, the session was closed or is no longer accessible. */
function apply({ session_id, sequence, session, left }) {
  if (copy.get(session_id)?.version >= sequence) return
  if (session && !left) put(session)
  else remove(session_id)
}

for (let after = await readAll(); ; ) {
  const { body } = await read(`${feed}?view=full&wait=30&limit=1000&after=${after}`)
  for (const item of body.data ?? []) apply(item)
  after = body.next ?? (await readAll()) // without `next`, the cursor is no longer valid
}
