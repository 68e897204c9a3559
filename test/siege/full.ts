import { base } from '../support/interfaces'

const results = 495
/** Maximum number of aliases in a document. */
const perRequest = 30

async function ask(url: string, body: object): Promise<unknown> {
  const headers = { 'Content-Type': 'application/json' }
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json()
}

/** Starts a session, and fills it with nearly as many results as it can hold. Returns its id. */
export async function fullSession(url: string): Promise<string> {
  const { session_id } = (await ask(url + base, { mentor_id: 'attacker' })) as { session_id: string }
  for (let done = 0; done < results; done += perRequest) {
    const calculations = Array.from({ length: Math.min(perRequest, results - done) }, (_, i) => {
      const payload = `{ sessions: ${done + i + 1}, avgMinutes: 45.5, costPerSession: 123.45, costPerHour: 67.89 }`
      return `c${i}: dispatchEvent(input: { sessionId: "${session_id}", event: CALCULATE_REQUESTED, payload: ${payload} }) { replayed }`
    })
    await ask(`${url}/graphql`, { query: `mutation { ${calculations.join(' ')} }` })
  }
  return session_id
}
