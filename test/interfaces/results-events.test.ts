import { inputs, otherInputs } from '../support/inputs'
import { type Api, done, overInterfaces, refused } from '../support/interfaces'
import { clockAt, serving } from '../support/server'
import { overStores } from '../support/stores'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, { clock: clockAt('2026-03-26T09:00:00Z') })

  overInterfaces(server, api => {
    async function twice(): Promise<string> {
      const id = done(await api.start({ mentor_id: 'm' })).session.session_id
      done(await api.dispatch(id, 'CalculateRequested', inputs))
      done(await api.dispatch(id, 'CalculateRequested', otherInputs))
      return id
    }

    test('all results remain, newest first, with their inputs and outputs', async () => {
      const id = await twice()
      const { results } = done(await api.results(id))
      expect(results.map(result => result.inputs)).toEqual([otherInputs, inputs])
      expect(results[0]?.result_id).toBe(done(await api.get(id)).session.result_id)
      for (const { inputs: given, outputs, method, caveat, computed_at } of results) {
        expect(outputs).toEqual(done(await api.calculate(given)).outputs)
        expect({ method, computed_at }).toEqual({ method: 'time-value/1', computed_at: '2026-03-26T09:00:00Z' })
        expect(caveat).toContain('not a social return on investment')
      }
      done(await api.dispatch(id, 'ResetRequested'))
      expect(done(await api.results(id)).results).toEqual(results)
    })

    test('a session without a calculation has no results', async () => {
      const id = done(await api.start({ mentor_id: 'm' })).session.session_id
      expect(await api.results(id)).toEqual({ ok: true, results: [] })
    })

    test("transitions count from 1 without a hole, and carry the session's result after each", async () => {
      const id = await twice()
      const [second, first] = done(await api.results(id)).results.map(({ result_id }) => result_id)
      const { events } = done(await api.events(id))
      expect(events.map(({ sequence, result_id }) => [sequence, result_id])).toEqual([
        [1, null],
        [2, null],
        [3, first],
        [4, first],
        [5, second],
      ])
      expect(events[0]).toEqual({
        event: 'SessionStarted',
        from: null,
        to: 'initial',
        sequence: 1,
        at: '2026-03-26T09:00:00Z',
        result_id: null,
      })
    })

    test('transitions are returned after a sequence and up to a limit, and none follow the last', async () => {
      const id = await twice()
      const sequences = async (after: number, limit?: number) =>
        done(await api.events(id, after, limit)).events.map(({ sequence }) => sequence)
      expect(await sequences(0)).toEqual([1, 2, 3, 4, 5])
      expect(await sequences(3)).toEqual([4, 5])
      expect(await sequences(1, 2)).toEqual([2, 3])
      expect(await sequences(4, 1_000)).toEqual([5])
      expect(await sequences(5)).toEqual([])
    })

    test.each([6, 1_000, 2_147_483_647])("a sequence beyond the session's version (%d) is refused", async after => {
      const id = await twice()
      const fault = { detail: "must be at most the session's version, 5" }
      expect(await api.events(id, after)).toEqual(refusal(api, 'after', fault))
    })

    test.each([
      ['after', -1, 'must be at least 0'],
      ['limit', 0, 'must be at least 1'],
      ['limit', 1_001, 'must be at most 1000'],
    ] as const)('%s %d is refused, with the parameter named', async (parameter, value, detail) => {
      const id = await twice()
      const answer = parameter === 'after' ? await api.events(id, value) : await api.events(id, 0, value)
      expect(answer).toEqual(
        refusal(api, parameter === 'limit' && api.name === 'graphql' ? 'first' : parameter, { detail }),
      )
    })
  })
})

/** A query parameter in REST is an argument in GraphQL, where a fault in it is a content fault. */
const refusal = (api: Api, parameter: string, fault: { detail: string }) =>
  api.name === 'rest'
    ? refused('invalid_query', { errors: [{ ...fault, parameter }] })
    : refused('validation_failed', { errors: [{ ...fault, pointer: `/${parameter}` }] })
