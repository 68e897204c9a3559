import fc from 'fast-check'
import { inputs } from '../support/inputs'
import { type Api, done, overInterfaces, refused } from '../support/interfaces'
import { serving } from '../support/server'
import { overStores } from '../support/stores'

const started = async (api: Api) => done(await api.start({ mentor_id: 'mentor' })).session.session_id

overStores(({ name, newDatabase }) => {
  const server = serving(newDatabase)

  overInterfaces(server, api => {
    const wrong = { ...inputs, sessions: -1 }
    const key = 'taken'

    // Each case has two faults that are neighbours in the order of checks. The response must report the first.
    test.each<[string, string, string, (id: string) => ReturnType<Api['dispatch']>]>([
      [
        'the key',
        'the existence',
        'invalid_request',
        () => api.dispatch('none', 'ResetRequested', null, { key: 'k'.repeat(256) }),
      ],
      [
        'the existence',
        'the version',
        'session_not_found',
        () => api.dispatch('none', 'ResetRequested', null, { version: 9 }),
      ],
      ['the existence', 'the content', 'session_not_found', () => api.dispatch('none', 'CalculateRequested', wrong)],
      [
        'another request under the key',
        'the version',
        'idempotency_key_reused',
        id => api.dispatch(id, 'CalculateRequested', inputs, { key, version: 9 }),
      ],
      [
        'another request under the key',
        'the content',
        'idempotency_key_reused',
        id => api.dispatch(id, 'CalculateRequested', wrong, { key }),
      ],
      [
        'another request under the key',
        'the state',
        'idempotency_key_reused',
        id => api.dispatch(id, 'RetryRequested', null, { key }),
      ],
      [
        'the version',
        'the content',
        'version_mismatch',
        id => api.dispatch(id, 'CalculateRequested', wrong, { version: 9 }),
      ],
      ['the version', 'the state', 'version_mismatch', id => api.dispatch(id, 'RetryRequested', null, { version: 9 })],
      ['the content', 'the state', 'validation_failed', id => api.dispatch(id, 'RetryRequested', inputs)],
    ])('%s is checked before %s', async (_, __, code, request) => {
      const id = await started(api)
      done(await api.dispatch(id, 'ResetRequested', null, { key }))
      const before = await api.get(id)
      expect(await request(id)).toMatchObject({ ok: false, code })
      expect(await api.get(id)).toEqual(before)
    })

    test('a change based on a version takes effect only if the session has that version', async () => {
      const id = await started(api)
      const anyOffset = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(0), fc.constantFrom(-(2 ** 30), 2 ** 30))
      const property = fc.asyncProperty(anyOffset, fc.boolean(), async (offset, calculates) => {
        const current_version = done(await api.get(id)).version
        const version = current_version + offset
        const event = calculates ? 'CalculateRequested' : 'ResetRequested'
        const answer = await api.dispatch(id, event, calculates ? inputs : null, { version })
        if (offset === 0) {
          expect(answer.ok).toBe(true)
        } else {
          expect(answer).toEqual(refused('version_mismatch', { current_version }))
          expect(await api.close(id, { version })).toEqual(answer)
        }
      })
      await fc.assert(property, { numRuns: name === 'embedded' ? 200 : 50 })
    })
  })
})
