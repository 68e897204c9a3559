import { calculate } from '../../src/domain/time-value'
import { inputs, otherInputs } from '../support/inputs'
import { type Api, done, overInterfaces, refused } from '../support/interfaces'
import { serving } from '../support/server'
import { overStores } from '../support/stores'
import { allowedIn } from '../support/transition-table'

const secret = 'the far calculator is down'
let works = true

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, {
    calculator: given => {
      if (works) return calculate(given)
      throw new Error(secret)
    },
  })
  beforeEach(() => {
    works = true
    server.log.length = 0
  })

  overInterfaces(server, api => {
    const start = async () => done(await api.start({ mentor_id: 'm' })).session.session_id
    const failures = () => server.log.filter(({ level }) => level === 'error')

    test('a failing calculator puts the session into error, and a retry repeats the inputs', async () => {
      const id = await start()
      works = false
      const { session, version } = done(await api.dispatch(id, 'CalculateRequested', inputs))
      expect(session).toMatchObject({ state: 'error', last_event: 'CalculateRequested', result_id: null })
      expect(version).toBe(3)
      expect(done(await api.events(id)).events.map(({ to }) => to)).toEqual(['initial', 'loading', 'error'])

      expect(done(await api.dispatch(id, 'RetryRequested')).session.state).toBe('error')
      works = true
      expect(done(await api.dispatch(id, 'RetryRequested')).session).toMatchObject({
        state: 'loaded',
        last_event: 'RetryRequested',
      })
      expect(done(await api.results(id)).results.map(result => result.inputs)).toEqual([inputs])
    })

    test('a session in error refuses a share without a result, and shares a result that it has', async () => {
      const id = await start()
      works = false
      done(await api.dispatch(id, 'CalculateRequested', inputs))
      const facts = { current_state: 'error', event: 'ShareRequested', allowed_events: allowedIn('error') }
      expect(await api.dispatch(id, 'ShareRequested')).toEqual(refused('event_refused', facts))

      works = true
      const { result_id } = done(await api.dispatch(id, 'CalculateRequested', inputs)).session
      works = false
      expect(done(await api.dispatch(id, 'CalculateRequested', otherInputs)).session).toMatchObject({
        state: 'error',
        result_id,
      })
      expect(done(await api.dispatch(id, 'ShareRequested')).session).toMatchObject({ state: 'loaded', result_id })
      expect(done(await api.share(id)).share.result_id).toBe(result_id)
    })

    test('the cause of a failure is in the log once, under the request id, and in no response', async () => {
      const id = await start()
      works = false
      for (const read of [api.dispatch(id, 'CalculateRequested', inputs), api.get(id), api.events(id)]) {
        expect(JSON.stringify(await read)).not.toContain(secret)
      }
      expect(failures()).toHaveLength(1)
      expect(failures()[0]).toMatchObject({ session_id: id, err: { message: secret }, request_id: expect.any(String) })
    })

    test('the plain calculation answers with an internal error that hides the cause', async () => {
      works = false
      await expectMasked(api)
      expect(failures()).toHaveLength(1)
      expect(failures()[0]).toMatchObject({ err: { message: secret }, request_id: expect.any(String) })
    })
  })
})

async function expectMasked(api: Api): Promise<void> {
  expect(await api.calculate(inputs)).toEqual(refused('internal'))
}
