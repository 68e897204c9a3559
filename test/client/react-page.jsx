// A page of react.gate.test.ts. It follows what its query says, and shows the state of the hook as text.
import { Profiler, StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { SessionsClient } from '../../packages/client/dist/esm/index.js'
import { useSession, useSessions } from '../../packages/client/dist/esm/react.js'

const client = new SessionsClient({ url: location.origin, keepAliveMs: 1_000 })

/** Numbers of commits and of frames. */
const counts = { commits: 0, frames: 0 }
globalThis.requestAnimationFrame?.(function count() {
  counts.frames++
  requestAnimationFrame(count)
})
const shown = ({ error, ...state }) => JSON.stringify({ ...state, error: error && (error.code ?? error.name) })

function Sessions({ mentorId }) {
  const { sessions, ...state } = useSessions(client, { filter: { mentorId } })
  globalThis.count = sessions.length
  return <pre id="sessions">{shown({ ...state, mentors: sessions.map(({ mentorId }) => mentorId) })}</pre>
}

function Session({ id }) {
  const { session, ...state } = useSession(client, id)
  return <pre id="session">{shown({ ...state, state: session?.state ?? null })}</pre>
}

function Page({ initial }) {
  const [{ mentorId, id, isEmpty }, select] = useState(initial)
  globalThis.select = select
  if (isEmpty) return null
  return (
    <Profiler id="page" onRender={() => counts.commits++}>
      <Sessions mentorId={mentorId} />
      <Session id={id} />
    </Profiler>
  )
}

globalThis.page = {
  client,
  counts,
  show(initial) {
    const element = document.createElement('div')
    document.body.replaceChildren(element)
    createRoot(element).render(
      <StrictMode>
        <Page initial={initial} />
      </StrictMode>,
    )
  },
}
