import { commitOf } from '../../src/domain/commit'
import { close } from '../../src/domain/decide'
import { maxTransitions } from '../../src/domain/limits'
import { caveat } from '../../src/domain/methods'
import { evolve, type Session } from '../../src/domain/session'
import { calculate } from '../../src/domain/time-value'
import { exampleCommands } from '../support/example-commands'
import { allowedIn } from '../support/transition-table'
import {
  at,
  CalculateRequested,
  defect,
  evolved,
  failing,
  frozen,
  given,
  givenSession,
  inputs,
  now,
  otherInputs,
  ResetRequested,
  RetryRequested,
  ShareRequested,
  ShareRevokeRequested,
  start,
  started,
} from './given'

const calculated = given(CalculateRequested())

test('a session starts initial at version 1, without event or result, with an organisation only if one is given', () => {
  const { session, changes } = start({ mentor_id: 'mentor_001' }, 'session_1', started)
  expect(session).toEqual({
    session_id: 'session_1',
    mentor_id: 'mentor_001',
    organisation_id: null,
    external_id: null,
    state: 'initial',
    last_event: null,
    result_id: null,
    created_at: started,
    updated_at: started,
    version: 1,
    result: null,
    last_inputs: null,
    result_count: 0,
    result_ids: [],
    shares: [],
    calculations: [],
  })
  const transition = { event: 'SessionStarted', from: null, to: 'initial', sequence: 1, at: started, result_id: null }
  expect(changes).toEqual([{ transition }])
  expect(start({ mentor_id: 'm', organisation_id: 'org_42' }, 's', started).session.organisation_id).toBe('org_42')
})

test('last_event is null until the first dispatched event, stays after a no-op, and is not SessionClosed after a close', () => {
  const { session, changes } = start({ mentor_id: 'm' }, 's', started)
  expect(commitOf(session, changes).last_event).toBeNull()
  expect(changes.reduce(evolve, session)).toEqual(session)
  givenSession(session).when(ResetRequested).thenNothing()
  expect(evolved(session, close(session, now)).last_event).toBeNull()
  expect(evolved(calculated.session, close(calculated.session, now)).last_event).toBe('CalculateRequested')
})

test('a calculation makes a complete result, and its transitions carry the result_id after each', () => {
  const { session, changes } = given().when(CalculateRequested()).thenEmits('initial → loading', 'loading → loaded')
  expect(changes.map(({ transition }) => transition.result_id)).toEqual([null, 'calc_1'])
  expect(session.result).toEqual({
    result_id: 'calc_1',
    inputs,
    outputs: calculate(inputs),
    method: 'time-value/1',
    caveat,
    computed_at: now,
  })
  expect(session).toMatchObject({ last_inputs: inputs, created_at: started })
})

test('while a loaded session calculates again it keeps the previous result_id', () => {
  const { changes } = calculated.when(CalculateRequested(otherInputs)).thenEmits('loaded → loading', 'loading → loaded')
  expect(changes.map(({ transition }) => transition.result_id)).toEqual(['calc_1', 'calc_2'])
})

test('a calculation with the inputs of the current result is a no-op', () => {
  calculated.when(CalculateRequested({ ...inputs })).thenNothing()
})

test.each(Object.keys(inputs))('a calculation with another %s is a new calculation', name => {
  calculated.when(CalculateRequested({ ...inputs, [name]: 1 })).thenEmits('loaded → loading', 'loading → loaded')
})

test('after a reset the same inputs are calculated again', () => {
  const { session } = given(CalculateRequested(), ResetRequested)
    .when(CalculateRequested())
    .thenEmits('initial → loading', 'loading → loaded')
  expect(session.result_id).toBe('calc_2')
})

test('a result id that the session already has, even for an earlier result, is drawn again', () => {
  const { session } = given(CalculateRequested(), CalculateRequested(otherInputs), ResetRequested)
  const drawnAgain = givenSession(session).when(CalculateRequested()).thenEmits('initial → loading', 'loading → loaded')
  expect(drawnAgain.session.result_id).toBe('calc_3')
})

test('a calculator that throws leaves the state error, the requested inputs and no result', () => {
  const { session, changes } = given()
    .when(failing(CalculateRequested()))
    .thenEmits('initial → loading', 'loading → error')
  expect(session).toMatchObject({ result_id: null, result: null, last_inputs: inputs })
  expect(changes.map(({ failure }) => failure)).toEqual([undefined, defect])
})

test('a calculator that throws leaves the previous result and its share', () => {
  const { session, changes } = given(CalculateRequested(), ShareRequested)
    .when(failing(CalculateRequested(otherInputs)))
    .thenEmits('loaded → loading', 'loading → error')
  expect(changes.map(({ transition }) => transition.result_id)).toEqual(['calc_1', 'calc_1'])
  expect(session).toMatchObject({ result: { result_id: 'calc_1', inputs }, last_inputs: otherInputs })
  expect(session.shares).toMatchObject([{ token: 'token_1', revoked: false }])
})

test('a retry repeats the inputs that failed, not those of the previous result', () => {
  const { session } = given(CalculateRequested(), failing(CalculateRequested(otherInputs)))
    .when(RetryRequested)
    .thenEmits('error → loading', 'loading → loaded')
  expect(session).toMatchObject({ result: { result_id: 'calc_2', inputs: otherInputs }, last_inputs: otherInputs })
})

test('a retry that fails can be repeated', () => {
  const twice = given(failing(CalculateRequested(otherInputs)), failing(RetryRequested))
  expect(twice.session).toMatchObject({ state: 'error', last_event: 'RetryRequested', version: 5 })
  expect(twice.when(RetryRequested).thenEmits('error → loading', 'loading → loaded').session.result?.inputs).toEqual(
    otherInputs,
  )
})

test('a close is the last transition, from any state, and revokes the live shares', () => {
  const { session } = given(CalculateRequested(), ShareRequested)
  const changes = close(session, now)
  expect(changes.map(({ transition }) => transition)).toEqual([
    { event: 'SessionClosed', from: 'loaded', to: 'closed', sequence: 5, at: now, result_id: 'calc_1' },
  ])
  const after = evolved(session, changes)
  expect(after).toMatchObject({ state: 'closed', version: 5, updated_at: now, shares: [{ revoked: true }] })
  for (const { session } of [given(), given(failing(CalculateRequested()))]) {
    expect(evolved(session, close(session, now))).toMatchObject({ state: 'closed', version: session.version + 1 })
  }
})

test('a closed session refuses every event', () => {
  const closed = givenSession(evolved(calculated.session, close(calculated.session, now)))
  for (const command of Object.values(exampleCommands)) {
    const facts = { current_state: 'closed' as const, event: command.event, allowed_events: [] }
    closed.when(command).thenRefused('event_refused', facts)
  }
})

describe('a session of 1,000 transitions', () => {
  const of = (version: number, { session }: { session: Session } = calculated) => givenSession({ ...session, version })
  const full = { limit: maxTransitions }
  const shared = given(CalculateRequested(), ShareRequested)

  test('is full: every change is refused, and nothing is lost', () => {
    expect(maxTransitions).toBe(1_000)
    of(1_000).when(CalculateRequested(otherInputs)).thenRefused('session_full', full)
    of(1_000).when(ShareRequested).thenRefused('session_full', full)
    of(1_000).when(ResetRequested).thenRefused('session_full', full)
    of(1_000, shared).when(ShareRevokeRequested).thenRefused('session_full', full)
    of(1_000, given(failing(CalculateRequested())))
      .when(RetryRequested)
      .thenRefused('session_full', full)
  })

  test('has room for one transition at 999, and a calculation needs room for both of its transitions', () => {
    expect(of(999).when(ShareRequested).thenEmits('loaded → loaded').session.version).toBe(1_000)
    of(999).when(CalculateRequested(otherInputs)).thenRefused('session_full', full)
    of(999)
      .when(failing(CalculateRequested(otherInputs)))
      .thenRefused('session_full', full)
    const { session } = of(998).when(CalculateRequested(otherInputs)).thenEmits('loaded → loading', 'loading → loaded')
    expect(session.version).toBe(1_000)
  })

  test('still accepts no-ops', () => {
    of(1_000).when(CalculateRequested()).thenNothing()
    of(1_000).when(ShareRevokeRequested).thenNothing()
    of(1_000, shared).when(ShareRequested).thenNothing()
    of(1_000, given()).when(ResetRequested).thenNothing()
  })

  test('refuses an illegal event because of its state, not because it is full', () => {
    of(1_000)
      .when(RetryRequested)
      .thenRefused('event_refused', {
        current_state: 'loaded',
        event: 'RetryRequested',
        allowed_events: allowedIn('loaded'),
      })
  })

  test('can be closed', () => {
    const { session } = of(1_000)
    expect(evolved(session, close(session, now))).toMatchObject({ state: 'closed', version: 1_001 })
  })
})

test('deciding, evolving and closing do not modify their arguments', () => {
  const { session } = given(CalculateRequested(), ShareRequested)
  const before = structuredClone(session)
  expect(Object.isFrozen(session.shares[0])).toBe(true)
  const { changes } = givenSession(session).when(at(now, ResetRequested)).thenEmits('loaded → initial')
  evolved(session, changes)
  evolved(session, frozen(close(session, now)))
  expect(session).toEqual(before)
})
