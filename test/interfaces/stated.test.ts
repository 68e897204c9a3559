import { calculate } from '../../src/domain/time-value'
import { inputs } from '../support/inputs'
import { done, overInterfaces, overPairs, query, restApi } from '../support/interfaces'
import { serving } from '../support/server'
import { overStores } from '../support/stores'

const stated = {
  ...inputs,
  label: 'Spring 2026, Year 9 reading',
  currency: 'GBP',
  period: { from: '2026-01-05', to: '2026-03-31' },
  value_source: 'ASHE 2025, teaching assistants, median',
  note: 'Half of the sessions were online.\n\nTravel is not counted: “≈ 0” ☕',
}
const cost_per_hour_range = { low: 20, high: 36.5 }
const range = {
  low: { time_value: 250, net_benefit: 162.5, benefit_cost_ratio: 2.86 },
  high: { time_value: 456.25, net_benefit: 368.75, benefit_cost_ratio: 5.21 },
}

overStores(({ newDatabase }) => {
  let isFailing = false
  const server = serving(newDatabase, {
    calculator: inputs => {
      if (isFailing) throw new Error('the calculator broke')
      return calculate(inputs)
    },
  })

  overPairs(server, (api, other) => {
    test('optional members of a calculation appear in its result and in the shared result', async () => {
      const id = done(await api.start({ mentor_id: 'm' })).session.session_id
      done(await api.dispatch(id, 'CalculateRequested', { ...stated, label: ` ${stated.label} ` }))
      done(await api.dispatch(id, 'ShareRequested'))
      const { token } = done(await api.share(id)).share
      for (const by of [api, other]) {
        expect(done(await by.results(id)).results).toMatchObject([{ inputs: stated }])
        expect(done(await by.shared(token)).shared.inputs).toEqual(stated)
      }
    })

    test('different optional members make a new result, and equal ones make none', async () => {
      const id = done(await api.start({ mentor_id: 'm' })).session.session_id
      const { label: _, ...unlabelled } = stated
      const later = { ...stated, period: { from: '2026-01-05', to: '2026-04-01' } }
      const others = [
        { ...later, currency: 'EUR' },
        { ...later, note: 'Other.' },
        { ...later, value_source: 'Other' },
      ]
      for (const payload of [inputs, inputs, stated, stated, unlabelled, later, ...others]) {
        done(await api.dispatch(id, 'CalculateRequested', payload))
        done(await other.dispatch(id, 'CalculateRequested', payload))
      }
      const { results } = done(await other.results(id))
      expect(results.map(result => result.inputs)).toEqual([...others.toReversed(), later, unlabelled, stated, inputs])
    })
  })

  overPairs(server, (api, other) => {
    test('a range of the cost of an hour adds a range of outputs to its result, and another range makes a new one', async () => {
      const id = done(await api.start({ mentor_id: 'm' })).session.session_id
      const ranged = { ...inputs, cost_per_hour_range }
      for (const payload of [
        inputs,
        ranged,
        ranged,
        { ...ranged, cost_per_hour_range: { low: 20, high: 37 } },
        ranged,
      ]) {
        done(await api.dispatch(id, 'CalculateRequested', payload))
        done(await other.dispatch(id, 'CalculateRequested', payload))
      }
      done(await api.dispatch(id, 'ShareRequested'))
      const { token } = done(await api.share(id)).share
      const { outputs } = done(await api.calculate(inputs))
      for (const by of [api, other]) {
        const { results } = done(await by.results(id))
        expect(results.map(result => result.inputs.cost_per_hour_range?.high)).toEqual([36.5, 37, 36.5, undefined])
        expect(results[0]).toMatchObject({ inputs: ranged, outputs: { ...outputs, range } })
        expect(results[3]?.outputs).not.toHaveProperty('range')
        expect(done(await by.shared(token)).shared).toMatchObject({ inputs: ranged, outputs: { ...outputs, range } })
        expect(done(await by.calculate(ranged)).outputs).toEqual({ ...outputs, range })
      }
    })

    test('a retry repeats the optional members', async () => {
      const id = done(await api.start({ mentor_id: 'm' })).session.session_id
      const payload = { ...stated, cost_per_hour_range }
      isFailing = true
      expect(done(await api.dispatch(id, 'CalculateRequested', payload)).session.state).toBe('error')
      isFailing = false
      done(await other.dispatch(id, 'RetryRequested'))
      expect(done(await other.results(id)).results).toMatchObject([{ inputs: payload, outputs: { range } }])
    })
  })

  test('a member that was not given is left out by REST, and null in GraphQL', async () => {
    const api = restApi(server)
    const id = done(await api.start({ mentor_id: 'm' })).session.session_id
    done(await api.dispatch(id, 'CalculateRequested', inputs))
    const [result] = done(await api.results(id)).results
    expect(result?.inputs).toEqual(inputs)
    expect(result?.outputs).not.toHaveProperty('range')
    const text = `{ session(id: "${id}") { result { inputs { label currency period { from } valueSource note
      costPerHourRange { low } } outputs { range { low { timeValue } } } } } }`
    const absent = { label: null, currency: null, period: null, valueSource: null, note: null, costPerHourRange: null }
    expect((await query(server, text)).data).toEqual({
      session: { result: { inputs: absent, outputs: { range: null } } },
    })
  })

  overInterfaces(server, api => {
    test('null means the same as leaving a member out', async () => {
      const id = done(await api.start({ mentor_id: 'm' })).session.session_id
      const names = ['label', 'currency', 'period', 'value_source', 'note', 'cost_per_hour_range']
      const none = { ...inputs, ...Object.fromEntries(names.map(name => [name, null])) } as typeof inputs
      done(await api.dispatch(id, 'CalculateRequested', none))
      expect(done(await api.results(id)).results).toMatchObject([{ inputs }])
      const { version } = done(await api.dispatch(id, 'CalculateRequested', inputs))
      expect(version).toBe(3)
      expect(done(await api.calculate(none))).toEqual(done(await api.calculate(inputs)))
    })

    test('a range that does not include the cost of an hour is refused with the pointer of its bound', async () => {
      const id = done(await api.start({ mentor_id: 'm' })).session.session_id
      const [low, high] = ['more', 'less'].map(word => `must not be ${word} than the hourly cost`)
      const wrong = { ...inputs, note: 'a\tb', cost_per_hour_range: { low: 30.01, high: 29.99 } }
      const faults = [
        ['note', 'must not contain control characters, except line feeds'],
        ['cost_per_hour_range/low', low],
        ['cost_per_hour_range/high', high],
      ]
      for (const [asked, place] of [
        [await api.calculate(wrong), '/'],
        [await api.dispatch(id, 'CalculateRequested', wrong), '/payload/'],
      ] as const) {
        const errors = faults.map(([member, detail]) => ({ detail, pointer: api.pointer(`${place}${member}`) }))
        expect(asked).toMatchObject({ code: 'validation_failed', facts: { errors } })
      }
      expect(done(await api.get(id)).version).toBe(1)
    })

    test('optional members without a range do not change the outputs', async () => {
      expect(done(await api.calculate(stated))).toEqual(done(await api.calculate(inputs)))
    })

    test('an invalid member is refused with its pointer', async () => {
      const id = done(await api.start({ mentor_id: 'm' })).session.session_id
      const wrong = { ...inputs, label: ' \n', currency: 'pounds', period: { from: '2026-04-01', to: '2026-03-31' } }
      const faults = [
        { detail: 'must have 1 to 120 characters', pointer: '/label' },
        { detail: 'must be an ISO 4217 code such as GBP', pointer: '/currency' },
        { detail: 'must not be before the first day (`from`)', pointer: '/period/to' },
      ]
      expect(await api.calculate(wrong)).toMatchObject({ code: 'validation_failed', facts: { errors: faults } })
      expect(await api.dispatch(id, 'CalculateRequested', wrong)).toMatchObject({
        code: 'validation_failed',
        facts: { errors: faults.map(({ detail, pointer }) => ({ detail, pointer: `/payload${pointer}` })) },
      })
      const noDay = { ...inputs, period: { from: '2026-02-29', to: '2026-03-31' } }
      expect(await api.calculate(noDay)).toMatchObject({
        facts: { errors: [{ detail: 'must be a date such as 2026-03-31', pointer: '/period/from' }] },
      })
      expect(done(await api.get(id)).version).toBe(1)
    })
  })
})
