import type { Checker } from './checker'

/** Id of the maximum length, in characters of four bytes. */
const long = '🧮'.repeat(200)

const perRequest = 30
const query = `mutation ($input: StartSessionInput!) {
  ${Array.from({ length: perRequest }, (_, i) => `s${i}: startSession(input: $input) { session { id } }`).join('\n')}
}`

/** Starts `count` sessions as fast as the server can. Their long ids make long messages. */
export async function burst(url: string, count: number, checker: Checker): Promise<void> {
  let left = Math.ceil(count / perRequest)
  const body = JSON.stringify({ query, variables: { input: { mentorId: long, organisationId: long } } })
  async function write(): Promise<void> {
    while (left-- > 0) {
      const acknowledged = checker.asks()
      const headers = { 'Content-Type': 'application/json' }
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
      const { data } = (await response.json()) as { data: Record<string, { session: { id: string } }> }
      const started = Object.values(data).map(({ session }) => session.id)
      acknowledged(...started.map(session_id => ({ session_id, sequence: 1, event: 'SessionStarted' })))
    }
  }
  await Promise.all(Array.from({ length: 40 }, write))
}
