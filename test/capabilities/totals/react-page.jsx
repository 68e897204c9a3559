// A page of client.gate.test.ts. It shows the state of the hook as text.
import { createRoot } from 'react-dom/client'
import { SessionsClient } from '../../../packages/client/dist/esm/index.js'
import { useSummary } from '../../../packages/client/dist/esm/react.js'

const client = new SessionsClient({ url: location.origin, keepAliveMs: 1_000 })

function Summary() {
  const { summary, ...state } = useSummary(client)
  return <pre id="summary">{JSON.stringify({ ...state, sessions: summary?.sessions ?? null })}</pre>
}

const element = document.createElement('div')
document.body.replaceChildren(element)
createRoot(element).render(<Summary />)
