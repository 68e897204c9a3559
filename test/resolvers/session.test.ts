import { constant } from '../../src/resolvers/names'
import { inputs, otherInputs } from '../support/inputs'
import { done, graphqlApi, query } from '../support/interfaces'
import { clockAt, serving } from '../support/server'
import { overStores } from '../support/stores'
import { allowedIn } from '../support/transition-table'

interface Left {
  sequence: number
  session: {
    id: string
    state: string
    version: number
    lastEvent: string | null
    resultId: string | null
    result: { resultId: string } | null
    allowedEvents: string[]
    updatedAt: string
    results: unknown[]
  }
}

overStores(({ newDatabase }) => {
  const clock = clockAt('2026-03-26T09:00:00Z')
  const server = serving(newDatabase, { clock })
  const api = graphqlApi(server)

  test('a session is a node under its own id', async () => {
    const { session_id: id } = done(await api.start({ mentor_id: 'm' })).session
    await api.dispatch(id, 'CalculateRequested', inputs)
    const text = `query ($id: ID!) { node(id: $id) { __typename id ... on Session { ...shown } } session(id: $id) { ...shown } }
      fragment shown on Session { mentorId version result { id outputs { timeValue } } }`
    const { data } = (await query(server, text, { id })) as { data: { node: object; session: object } }
    expect(data.node).toEqual({ __typename: 'Session', id, ...data.session })
    expect(await query(server, text, { id: 'none' })).toEqual({ data: { node: null, session: null } })
  })

  test('a transition shows the session as it left it, with the present results and share', async () => {
    clock.set('2026-03-26T09:00:00Z')
    const { session_id: id } = done(await api.start({ mentor_id: 'm' })).session
    clock.set('2026-03-26T09:10:00Z')
    const first = done(await api.dispatch(id, 'CalculateRequested', inputs)).session.result_id
    clock.set('2026-03-26T09:20:00Z')
    done(await api.dispatch(id, 'CalculateRequested', otherInputs))
    done(await api.dispatch(id, 'ResetRequested'))

    const text = `query ($id: ID!) { session(id: $id) { transitions(first: 10) { sequence session
      { id state version lastEvent resultId result { resultId } allowedEvents updatedAt results { id } } } } }`
    const { data } = await query(server, text, { id })
    const left = (data as { session: { transitions: Left[] } }).session.transitions
    expect(left.map(({ sequence, session }) => [sequence, session.version, session.state, session.lastEvent])).toEqual([
      [1, 1, 'INITIAL', null],
      [2, 2, 'LOADING', 'CALCULATE_REQUESTED'],
      [3, 3, 'LOADED', 'CALCULATE_REQUESTED'],
      [4, 4, 'LOADING', 'CALCULATE_REQUESTED'],
      [5, 5, 'LOADED', 'CALCULATE_REQUESTED'],
      [6, 6, 'INITIAL', 'RESET_REQUESTED'],
    ])
    expect(left[2]?.session).toMatchObject({
      id,
      resultId: first,
      result: { resultId: first },
      updatedAt: '2026-03-26T09:10:00Z',
    })
    expect(left[3]?.session).toMatchObject({ resultId: first, allowedEvents: [], updatedAt: '2026-03-26T09:20:00Z' })
    expect(left.map(({ session }) => session.result?.resultId ?? null)).toEqual(
      left.map(({ session }) => session.resultId),
    )
    for (const { session } of left) expect(session.results).toHaveLength(2)
  })

  test('a change returns its transitions, each with the session as it left it, and the changed parts of the session', async () => {
    const { session_id: id } = done(await api.start({ mentor_id: 'm', organisation_id: 'o' })).session
    const text = `mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { session
      { organisationId allowedEvents result { resultId inputs { sessions } } share { resultId } results { resultId } }
      transitions { to session { state resultId result { resultId } } } } }`
    const { data } = await query(server, text, {
      input: {
        sessionId: id,
        event: 'CALCULATE_REQUESTED',
        payload: { sessions: 1, avgMinutes: 2, costPerSession: 3, costPerHour: 4 },
      },
    })
    const { result_id } = done(await api.get(id)).session
    expect(data?.dispatchEvent).toEqual({
      session: {
        organisationId: 'o',
        allowedEvents: allowedIn('loaded').map(constant),
        result: { resultId: result_id, inputs: { sessions: 1 } },
        share: null,
        results: [{ resultId: result_id }],
      },
      transitions: [
        { to: 'LOADING', session: { state: 'LOADING', resultId: null, result: null } },
        { to: 'LOADED', session: { state: 'LOADED', resultId: result_id, result: { resultId: result_id } } },
      ],
    })
  })

  test('null arguments mean the same as leaving them out', async () => {
    const { session_id: id } = done(await api.start({ mentor_id: 'm' })).session
    const text = 'query ($id: ID!, $n: Int) { session(id: $id) { transitions(after: $n, first: $n) { sequence } } }'
    expect((await query(server, text, { id, n: null })).data).toEqual({ session: { transitions: [{ sequence: 1 }] } })
    const input = {
      sessionId: id,
      event: 'RESET_REQUESTED',
      payload: null,
      expectedVersion: null,
      idempotencyKey: null,
    }
    const dispatch =
      'mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { replayed transitions { to } } }'
    expect((await query(server, dispatch, { input })).data).toEqual({
      dispatchEvent: { replayed: false, transitions: [] },
    })
  })
})
