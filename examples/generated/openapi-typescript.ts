// Starts a session, calculates, and reads the list, a CSV file and the feed, with types from openapi-typescript.
// After `npm install openapi-fetch`.
import createClient from 'openapi-fetch'
import type { paths } from './rest.js'

const client = createClient<paths>({ baseUrl: 'http://127.0.0.1:4000' })
const sessions = '/api/v1/benefit-calculator-sessions'

const { data: session } = await client.POST(sessions, { body: { mentor_id: 'mentor_001' } })
if (!session) throw new Error('not started')
const path = { session_id: session.session_id }
const payload = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
const { data, error } = await client.PUT(`${sessions}/{session_id}`, {
  params: { path, header: { 'If-Match': '"1"' } },
  body: { event: 'CalculateRequested', payload },
})
if (error) throw new Error(error.detail)
if (data.state !== 'loaded') throw new Error(data.state)
const { data: list } = await client.GET(sessions, { params: { query: { mentor_id: 'mentor_001' } } })
if (list?.data[0]?.session_id !== session.session_id) throw new Error('not listed')
const file = await client.GET(`${sessions}.csv`, { params: { query: { mentor_id: 'mentor_001' } }, parseAs: 'text' })
if (!file.data?.includes(session.session_id)) throw new Error('not in the file')

// The server can also send the feed as an event stream. Without the second type argument, the type of `feed` would
// therefore be a union with string.
const json = createClient<paths, 'application/json' | 'application/problem+json'>({ baseUrl: 'http://127.0.0.1:4000' })
const { data: feed } = await json.GET('/api/v1/benefit-calculator-events')
if (!feed?.next) throw new Error('no cursor')
