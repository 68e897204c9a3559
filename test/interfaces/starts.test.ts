import { randomUUID } from 'node:crypto'
import { calculate } from '../../src/domain/time-value'
import { inputs, otherInputs } from '../support/inputs'
import { base, done, graphqlApi, overInterfaces, overPairs, refused } from '../support/interfaces'
import { client } from '../support/rest'
import { clockAt, serving } from '../support/server'
import { overStores } from '../support/stores'

const failing = { ...inputs, label: 'fails' }

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, {
    clock: clockAt('2026-03-26T09:00:00Z'),
    calculator: given => {
      if (given.label === failing.label) throw new Error('the calculator is broken')
      return calculate(given)
    },
  })

  overInterfaces(server, api => {
    test('a start with inputs is a start and a calculation', async () => {
      const mentor_id = randomUUID()
      const started = done(await api.start({ mentor_id, inputs }))
      expect(started).toMatchObject({
        version: 3,
        session: { mentor_id, state: 'loaded', last_event: 'CalculateRequested' },
      })
      const { session_id, result_id } = started.session
      expect(done(await api.get(session_id))).toEqual({ ok: true, session: started.session, version: 3 })
      expect(done(await api.events(session_id)).events).toMatchObject([
        { event: 'SessionStarted', from: null, to: 'initial', sequence: 1, result_id: null },
        { event: 'CalculateRequested', from: 'initial', to: 'loading', sequence: 2, result_id: null },
        { event: 'CalculateRequested', from: 'loading', to: 'loaded', sequence: 3, result_id },
      ])
      const { outputs } = done(await api.calculate(inputs))
      expect(done(await api.results(session_id)).results).toMatchObject([{ inputs, outputs }])
    })

    test('a session that was started with inputs goes on like any other', async () => {
      const { session_id, result_id } = done(await api.start({ mentor_id: 'mentor', inputs })).session
      done(await api.dispatch(session_id, 'CalculateRequested', otherInputs))
      done(await api.dispatch(session_id, 'ShareRequested'))
      const { share } = done(await api.share(session_id))
      expect(done(await api.shared(share.token)).shared.inputs).toEqual(otherInputs)
      const [, first] = done(await api.results(session_id)).results
      expect(first).toMatchObject(api.name === 'rest' ? { result_id, inputs } : { inputs })
      expect(done(await api.dispatch(session_id, 'ResetRequested')).session.state).toBe('initial')
    })

    test('null inputs are no inputs', async () => {
      expect(done(await api.start({ mentor_id: 'mentor', inputs: null }))).toMatchObject({
        version: 1,
        session: { state: 'initial' },
      })
    })

    test('a fault in the inputs is reported with those of the start, and nothing is started', async () => {
      const organisation_id = randomUUID()
      const wrong = { ...inputs, sessions: -1, avg_minutes: 1.23456 }
      const answer = await api.start({ mentor_id: '', organisation_id, inputs: wrong })
      const pointers = ['/mentor_id', '/inputs/sessions', '/inputs/avg_minutes'].map(api.pointer)
      expect(answer).toMatchObject({
        code: 'validation_failed',
        facts: { errors: pointers.map(pointer => ({ pointer })) },
      })
      expect(done(await api.list({ organisation_id })).total).toBe(0)
    })

    test('a calculator that fails leaves a session in the state error, which a retry can leave', async () => {
      const { session, version } = done(await api.start({ mentor_id: 'mentor', inputs: failing }))
      expect({ ...session, version }).toMatchObject({ state: 'error', result_id: null, version: 3 })
      expect(done(await api.dispatch(session.session_id, 'RetryRequested')).version).toBe(5)
      expect(done(await api.dispatch(session.session_id, 'CalculateRequested', inputs)).session.state).toBe('loaded')
    })
  })

  overPairs(server, (first, second) => {
    test('a key covers the inputs too', async () => {
      const key = randomUUID()
      const who = { mentor_id: key, inputs }
      const started = done(await first.start(who, { key }))
      expect(await second.start(who, { key })).toEqual({ ...started, replayed: true })
      const reused = refused('idempotency_key_reused')
      expect(await second.start({ mentor_id: key }, { key })).toEqual(reused)
      expect(await second.start({ mentor_id: key, inputs: otherInputs }, { key })).toEqual(reused)
      expect(done(await first.list({ mentor_id: key })).total).toBe(1)
    })
  })

  test('a start with inputs has ETag and Location like any other', async () => {
    const { status, headers } = await client(server).post(base, JSON.stringify({ mentor_id: 'mentor', inputs }))
    expect([status, headers.etag, headers['session-version']]).toEqual([201, '"3"', '3'])
    expect((await client(server).get(String(headers.location))).status).toBe(200)
  })

  test('the response in GraphQL has all transitions of a start with inputs', async () => {
    const mentor_id = randomUUID()
    const { data } = await graphqlApi(server).ask(
      `mutation ($input: StartSessionInput!) { startSession(input: $input) { transitions { event to sequence } } }`,
      {
        input: { mentorId: mentor_id, inputs: { sessions: 12, avgMinutes: 45, costPerSession: 8.5, costPerHour: 27 } },
      },
    )
    const expected = [
      { event: 'SessionStarted', to: 'initial', sequence: 1 },
      { event: 'CalculateRequested', to: 'loading', sequence: 2 },
      { event: 'CalculateRequested', to: 'loaded', sequence: 3 },
    ]
    expect(data.startSession).toEqual({ transitions: expected })
  })
})
