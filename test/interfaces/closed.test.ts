import { inputs } from '../support/inputs'
import { done, overPairs, refused } from '../support/interfaces'
import { serving } from '../support/server'
import { overStores } from '../support/stores'

overStores(({ place }) => {
  const server = serving(place)

  overPairs(server, (first, second) => {
    test('a closed session is absent from every read and change, and so is its share link', async () => {
      const { session_id } = done(await first.start({ mentor_id: 'leaver' })).session
      done(await first.dispatch(session_id, 'CalculateRequested', inputs))
      done(await first.dispatch(session_id, 'ShareRequested'))
      const { token } = done(await first.share(session_id)).share
      expect(done(await first.close(session_id))).toEqual({ ok: true, session_id, deleted: true })

      const missing = refused('session_not_found')
      for (const door of [first, second]) {
        expect(await door.get(session_id)).toEqual(missing)
        expect(await door.events(session_id)).toEqual(missing)
        expect(await door.results(session_id)).toEqual(missing)
        expect(await door.share(session_id)).toEqual(missing)
        expect(await door.dispatch(session_id, 'ResetRequested')).toEqual(missing)
        expect(await door.close(session_id)).toEqual(missing)
        expect(await door.shared(token)).toEqual(refused('share_not_found'))
        expect(await door.list({ mentor_id: 'leaver' })).toEqual({ ok: true, sessions: [], total: 0 })
      }
    })

    test('of several concurrent closes, one succeeds and the others find no session', async () => {
      const { session_id } = done(await first.start({ mentor_id: 'm' })).session
      const closes = await Promise.all([first, second, first, second].map(door => door.close(session_id)))
      expect(closes.filter(answer => answer.ok)).toHaveLength(1)
      expect(closes.filter(answer => !answer.ok)).toEqual(Array(3).fill(refused('session_not_found')))
    })
  })
})
