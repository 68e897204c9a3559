import { type Inputs, inputsSchema } from '../../domain/calculator'
import type { Caller } from '../../domain/caller'
import { exampleOf } from '../../domain/example'
import { feedCursorSchema } from '../../domain/list-query'
import { newResult, type SessionEvent, shareSchema, snapshotSchema, type Transition } from '../../domain/session'
import { calculate } from '../../domain/time-value'
import type { ExportedSession } from '../../sessions/session-queries'

// Examples copied from the published contract. A test compares these examples with the contract.

const snapshot = exampleOf(snapshotSchema)

const loaded = {
  session_id: 'session_c4b7e2d1',
  mentor_id: 'mentor_001',
  state: 'loaded',
  last_event: 'CalculateRequested',
  result_id: 'calc_7f3a2b1c',
  created_at: '2026-03-26T09:00:00Z',
  updated_at: '2026-03-26T09:15:00Z',
}

const inputs = exampleOf(inputsSchema)

const statedInputs: Inputs = {
  ...inputs,
  label: 'Spring 2026, Year 9 reading',
  currency: 'GBP',
  period: { from: '2026-01-05', to: '2026-03-31' },
  value_source: 'ASHE 2025, teaching assistants, median',
  note: 'Half of the sessions were online. Travel is not counted.',
  cost_per_hour_range: { low: 20, high: 36.5 },
}

export const contractExamples = {
  list: { data: [loaded], pagination: { page: 1, limit: 20, total: 1 } },
  session: loaded,
  start: { mentor_id: 'mentor_001', organisation_id: 'org_42' },
  startCalculated: { mentor_id: 'mentor_001', organisation_id: 'org_42', inputs },
  started: {
    session_id: 'session_e9a3f1c8',
    mentor_id: 'mentor_001',
    state: 'initial',
    last_event: null,
    result_id: null,
    created_at: '2026-03-26T09:00:00Z',
    updated_at: '2026-03-26T09:00:00Z',
  },
  calculate: { event: 'CalculateRequested', payload: inputs },
  calculated: {
    session_id: snapshot.session_id,
    mentor_id: snapshot.mentor_id,
    state: snapshot.state,
    last_event: snapshot.last_event,
    result_id: snapshot.result_id,
    created_at: snapshot.created_at,
    updated_at: snapshot.updated_at,
  },
  closed: { deleted: true, session_id: 'session_c4b7e2d1' },
}

// Examples that are not in the published contract. These examples show the session from the contract's PUT example.

const { session_id, mentor_id, created_at, updated_at } = snapshot
const { organisation_id } = contractExamples.start
const result_id = exampleOf(shareSchema.shape.result_id)
const outputs = calculate(inputs)
const result = newResult(inputs, outputs, result_id, updated_at)

const event: SessionEvent = 'CalculateRequested'
const transitions: Transition[] = [
  { event: 'SessionStarted', from: null, to: 'initial', sequence: 1, at: created_at, result_id: null },
  { event, from: 'initial', to: 'loading', sequence: 2, at: updated_at, result_id: null },
  { event, from: 'loading', to: 'loaded', sequence: 3, at: updated_at, result_id },
]
const cursors = [
  '2b7c91d0e45f4a83.000000000000001.0.gM6TVQm0sDyk1xwHJrY2uA',
  '2b7c91d0e45f4a83.000000000000001.1.3VwBq9fLr0ZcTj7SxyNKOQ',
  exampleOf(feedCursorSchema),
]
const feed = transitions.map((transition, i) => ({
  ...transition,
  cursor: cursors[i] as string,
  session_id,
  mentor_id,
  organisation_id,
}))

const exported: ExportedSession = { ...snapshot, result }

const caller: Caller = {
  by: 'Ada Brown',
  may: 'change',
  scope: { mentor_id, organisation_id },
  digest: 'of a token',
}

export const examples = {
  ...contractExamples,
  caller,
  exported,
  inputs,
  statedInputs,
  outputs,
  result,
  share: exampleOf(shareSchema),
  share90: { event: 'ShareRequested', payload: { expires_in_days: 90 } },
  transitions,
  feed: { data: feed, next: cursors.at(-1) },
}
