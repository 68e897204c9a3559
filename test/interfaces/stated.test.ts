import { inputs } from '../support/inputs'
import { done, overDoors, overPairs } from '../support/interfaces'
import { serving } from '../support/server'
import { overStores } from '../support/stores'

const stated = {
  ...inputs,
  label: 'Spring 2026, Year 9 reading',
  currency: 'GBP',
  period: { from: '2026-01-05', to: '2026-03-31' },
}

overStores(({ place }) => {
  const server = serving(place)

  overPairs(server, (door, other) => {
    test('optional members of a calculation appear in its result and in the shared result', async () => {
      const id = done(await door.start({ mentor_id: 'm' })).session.session_id
      done(await door.dispatch(id, 'CalculateRequested', { ...stated, label: ` ${stated.label} ` }))
      done(await door.dispatch(id, 'ShareRequested'))
      const { token } = done(await door.share(id)).share
      for (const by of [door, other]) {
        expect(done(await by.results(id)).results).toMatchObject([{ inputs: stated }])
        expect(done(await by.shared(token)).shared.inputs).toEqual(stated)
      }
    })

    test('different optional members make a new result, and equal ones make none', async () => {
      const id = done(await door.start({ mentor_id: 'm' })).session.session_id
      const { label: _, ...unlabelled } = stated
      const later = { ...stated, period: { from: '2026-01-05', to: '2026-04-01' } }
      for (const payload of [inputs, inputs, stated, stated, unlabelled, later, { ...later, currency: 'EUR' }]) {
        done(await door.dispatch(id, 'CalculateRequested', payload))
        done(await other.dispatch(id, 'CalculateRequested', payload))
      }
      const { results } = done(await other.results(id))
      expect(results.map(result => result.inputs)).toEqual([
        { ...later, currency: 'EUR' },
        later,
        unlabelled,
        stated,
        inputs,
      ])
    })
  })

  overDoors(server, door => {
    test('null means the same as leaving a member out', async () => {
      const id = done(await door.start({ mentor_id: 'm' })).session.session_id
      const none = { ...inputs, label: null, currency: null, period: null } as unknown as typeof inputs
      done(await door.dispatch(id, 'CalculateRequested', none))
      expect(done(await door.results(id)).results).toMatchObject([{ inputs }])
      const { version } = done(await door.dispatch(id, 'CalculateRequested', inputs))
      expect(version).toBe(3)
      expect(done(await door.calculate(none))).toEqual(done(await door.calculate(inputs)))
    })

    test('optional members do not change the outputs', async () => {
      expect(done(await door.calculate(stated))).toEqual(done(await door.calculate(inputs)))
    })

    test('an invalid member is refused with its pointer', async () => {
      const id = done(await door.start({ mentor_id: 'm' })).session.session_id
      const wrong = { ...inputs, label: ' \n', currency: 'pounds', period: { from: '2026-04-01', to: '2026-03-31' } }
      const faults = [
        { detail: 'must have 1 to 120 characters', pointer: '/label' },
        { detail: 'must be an ISO 4217 code such as GBP', pointer: '/currency' },
        { detail: 'must not be before the first day (`from`)', pointer: '/period/to' },
      ]
      expect(await door.calculate(wrong)).toMatchObject({ code: 'validation_failed', facts: { errors: faults } })
      expect(await door.dispatch(id, 'CalculateRequested', wrong)).toMatchObject({
        code: 'validation_failed',
        facts: { errors: faults.map(({ detail, pointer }) => ({ detail, pointer: `/payload${pointer}` })) },
      })
      const noDay = { ...inputs, period: { from: '2026-02-29', to: '2026-03-31' } }
      expect(await door.calculate(noDay)).toMatchObject({
        facts: { errors: [{ detail: 'must be a date such as 2026-03-31', pointer: '/period/from' }] },
      })
      expect(done(await door.get(id)).version).toBe(1)
    })
  })
})
