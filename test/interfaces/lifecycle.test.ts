import type { SessionEvent } from '../../src/domain/session'
import { inputs, otherInputs } from '../support/inputs'
import { type Api, done, overInterfaces, overPairs, refused } from '../support/interfaces'
import { clockAt, serving } from '../support/server'
import { embeddedDatabase, overStores } from '../support/stores'
import { allowedIn } from '../support/transition-table'

const started = async (api: Api) => done(await api.start({ mentor_id: 'mentor' })).session.session_id

async function loaded(api: Api): Promise<string> {
  const id = await started(api)
  done(await api.dispatch(id, 'CalculateRequested', inputs))
  return id
}

overStores(({ newDatabase }) => {
  const clock = clockAt('2026-03-26T09:00:00Z')
  const server = serving(newDatabase, { clock })

  overInterfaces(server, api => {
    test('a session goes from its start through calculation, share, revocation and reset to its close', async () => {
      const id = await started(api)
      const steps: [SessionEvent, typeof inputs | undefined][] = [
        ['CalculateRequested', inputs],
        ['ShareRequested', undefined],
        ['CalculateRequested', otherInputs],
        ['ShareRevokeRequested', undefined],
        ['ResetRequested', undefined],
        ['CalculateRequested', inputs],
      ]
      const seen = []
      for (const [event, payload] of steps) {
        const { session, version } = done(await api.dispatch(id, event, payload))
        expect(session.last_event).toBe(event)
        expect(session.result_id === null).toBe(session.state === 'initial')
        expect(done(await api.get(id))).toEqual({ ok: true, session, version })
        seen.push([session.state, version])
      }
      expect(seen).toEqual([
        ['loaded', 3],
        ['loaded', 4],
        ['loaded', 6],
        ['loaded', 7],
        ['initial', 8],
        ['loaded', 10],
      ])
      expect(done(await api.events(id)).events.map(({ event, from, to }) => [event, from, to])).toEqual([
        ['SessionStarted', null, 'initial'],
        ['CalculateRequested', 'initial', 'loading'],
        ['CalculateRequested', 'loading', 'loaded'],
        ['ShareRequested', 'loaded', 'loaded'],
        ['CalculateRequested', 'loaded', 'loading'],
        ['CalculateRequested', 'loading', 'loaded'],
        ['ShareRevokeRequested', 'loaded', 'loaded'],
        ['ResetRequested', 'loaded', 'initial'],
        ['CalculateRequested', 'initial', 'loading'],
        ['CalculateRequested', 'loading', 'loaded'],
      ])
      expect(done(await api.close(id))).toEqual({ ok: true, session_id: id, deleted: true })
    })

    test.each(['ShareRequested', 'ShareRevokeRequested', 'RetryRequested'] as const)(
      'an initial session refuses %s, lists the allowed events, and stays as it was',
      async event => {
        const id = await started(api)
        const before = await api.get(id)
        const allowed_events = allowedIn('initial')
        expect(await api.dispatch(id, event)).toEqual(
          refused('event_refused', { current_state: 'initial', event, allowed_events }),
        )
        expect(await api.get(id)).toEqual(before)
      },
    )

    test('a loaded session refuses RetryRequested and lists the allowed events', async () => {
      const id = await loaded(api)
      const facts = { current_state: 'loaded', event: 'RetryRequested', allowed_events: allowedIn('loaded') }
      expect(await api.dispatch(id, 'RetryRequested')).toEqual(refused('event_refused', facts))
    })

    test('a no-op leaves the session, its time and its version as they were', async () => {
      clock.set('2026-03-26T10:00:00Z')
      const id = await loaded(api)
      done(await api.dispatch(id, 'ShareRequested'))
      const before = done(await api.get(id))
      clock.set('2026-03-26T11:00:00Z')
      expect(await api.dispatch(id, 'CalculateRequested', inputs)).toEqual({ ...before, replayed: false })
      expect(await api.dispatch(id, 'ShareRequested')).toEqual({ ...before, replayed: false })
      expect(await api.get(id)).toEqual(before)
    })

    test('an event with the current version is accepted, and one with any other version is refused and changes nothing', async () => {
      const id = await loaded(api)
      for (const version of [1, 2, 4, 1000]) {
        expect(await api.dispatch(id, 'ResetRequested', null, { version })).toEqual(
          refused('version_mismatch', { current_version: 3 }),
        )
        expect(await api.close(id, { version })).toEqual(refused('version_mismatch', { current_version: 3 }))
      }
      expect(done(await api.get(id)).version).toBe(3)
      expect(done(await api.dispatch(id, 'ResetRequested', null, { version: 3 })).version).toBe(4)
      expect(done(await api.close(id, { version: 4 })).deleted).toBe(true)
    })

    test('an event with an old version that the state also refuses is refused for its version', async () => {
      const id = await started(api)
      expect(await api.dispatch(id, 'RetryRequested', null, { version: 9 })).toEqual(
        refused('version_mismatch', { current_version: 1 }),
      )
    })

    test('no request finds a session that was never started', async () => {
      const missing = refused('session_not_found')
      expect(await api.get('nobody')).toEqual(missing)
      expect(await api.dispatch('nobody', 'ResetRequested')).toEqual(missing)
      expect(await api.dispatch('nobody', 'ResetRequested', null, { version: 3, key: 'k' })).toEqual(missing)
      expect(await api.close('nobody')).toEqual(missing)
      expect(await api.events('nobody')).toEqual(missing)
      expect(await api.results('nobody')).toEqual(missing)
      expect(await api.share('nobody')).toEqual(missing)
    })
  })
})

describe('REST and GraphQL share one session', () => {
  const server = serving(embeddedDatabase)

  overPairs(server, (first, second) => {
    test('a change through one interface is visible through the other at once', async () => {
      const id = await started(first)
      expect(await second.get(id)).toEqual(await first.get(id))
      done(await second.dispatch(id, 'CalculateRequested', inputs))
      done(await first.dispatch(id, 'ShareRequested'))
      for (const read of ['get', 'events', 'results', 'share'] as const) {
        expect(await first[read](id)).toEqual(await second[read](id))
        expect((await first[read](id)).ok).toBe(true)
      }
      const { token } = done(await first.share(id)).share
      expect(await second.shared(token)).toEqual(await first.shared(token))
      done(await second.close(id))
      expect(await first.get(id)).toEqual(refused('session_not_found'))
    })

    test('the calculator gives the same result through both, and stores nothing', async () => {
      const before = done(await first.list()).total
      const { outputs } = done(await first.calculate(inputs))
      expect(outputs).toMatchObject({
        total_minutes: 750,
        net_benefit: 287.5,
        benefit_cost_ratio: 4.29,
        roi_percent: 328.57,
      })
      expect(await second.calculate(inputs)).toEqual({ ok: true, outputs })
      const none = { ...inputs, sessions: 0 }
      expect(done(await first.calculate(none)).outputs.undefined_because).toContainEqual({
        output: 'benefit_cost_ratio',
        reason: 'no_sessions',
      })
      expect(await second.calculate(none)).toEqual(await first.calculate(none))
      expect(done(await first.list()).total).toBe(before)
    })
  })
})
