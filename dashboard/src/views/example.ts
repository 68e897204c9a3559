import { client } from '../graphql/client'
import { go } from '../route'
import { caller } from '../sign-in/caller'
import { start } from './start'

export const example = { sessions: 25, avgMinutes: 30, costPerSession: 3.5, costPerHour: 30 }
export const exampleRatio = 4.29
export const exampleBreakEven = 7

/** Starts a session, calculates the example in it, and opens it. */
export async function startExample(): Promise<void> {
  const { mentor_id, organisation_id } = caller.value
  const sessionId = await start(mentor_id ?? 'example-mentor', organisation_id ?? 'example-programme')
  await client.calculate({ id: sessionId, version: 1 }, example)
  go({ session: sessionId })
}
