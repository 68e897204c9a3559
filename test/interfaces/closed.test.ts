import { inputs } from '../support/inputs'
import { done, overPairs, refused } from '../support/interfaces'
import { serving } from '../support/server'
import { overStores } from '../support/stores'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)

  overPairs(server, (first, second) => {
    test('a closed session is absent from every read and change, and so is its share link', async () => {
      const { session_id } = done(await first.start({ mentor_id: 'leaver' })).session
      done(await first.dispatch(session_id, 'CalculateRequested', inputs))
      done(await first.dispatch(session_id, 'ShareRequested'))
      const { token } = done(await first.share(session_id)).share
      expect(done(await first.close(session_id))).toEqual({ ok: true, session_id, deleted: true })

      const missing = refused('session_not_found')
      for (const api of [first, second]) {
        expect(await api.get(session_id)).toEqual(missing)
        expect(await api.events(session_id)).toEqual(missing)
        expect(await api.results(session_id)).toEqual(missing)
        expect(await api.share(session_id)).toEqual(missing)
        expect(await api.dispatch(session_id, 'ResetRequested')).toEqual(missing)
        expect(await api.close(session_id)).toEqual(missing)
        expect(await api.shared(token)).toEqual(refused('share_not_found'))
        expect(await api.list({ mentor_id: 'leaver' })).toEqual({ ok: true, sessions: [], total: 0 })
      }
    })

    test('of several concurrent closes, one succeeds and the others find no session', async () => {
      const { session_id } = done(await first.start({ mentor_id: 'm' })).session
      const closes = await Promise.all([first, second, first, second].map(api => api.close(session_id)))
      expect(closes.filter(answer => answer.ok)).toHaveLength(1)
      expect(closes.filter(answer => !answer.ok)).toEqual(Array(3).fill(refused('session_not_found')))
    })
  })
})
