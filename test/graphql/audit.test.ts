import { serverAudits } from 'graphql-http'
import { serving } from '../support/server'
import { embeddedPlace } from '../support/stores'

const held = serving(embeddedPlace)

// What Apollo Server does otherwise than is recommended: it answers 400 to `Accept: application/json` too, and refuses a
// GET that a web page of another site could send. No audit of what a server must do is among these.
const otherwise: Record<string, string> = {
  '572B': 'warn',
  FDE2: 'warn',
  '7B9B': 'warn',
  '5A70': 'notice',
  D6D5: 'notice',
  '6A70': 'notice',
}

// GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/), as graphql-http audits it.
for (const audit of serverAudits({ url: () => `${held.server.url}/graphql` })) {
  test(`GraphQL over HTTP: ${audit.name} (${audit.id})`, async () => {
    const result = await audit.fn()
    const { id, status, reason } = { reason: '', ...result }
    expect({ status, reason }).toEqual(id in otherwise ? { status: otherwise[id], reason } : { status: 'ok', reason: '' })
  })
}
