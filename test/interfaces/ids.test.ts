import { inputs } from '../support/inputs'
import { done, overInterfaces, overPairs, refused } from '../support/interfaces'
import { serving } from '../support/server'
import { stored } from '../support/sessions'
import { overStores } from '../support/stores'

const odd = [
  'a/b',
  'a%2Fb',
  '50%',
  'Zoë 😀',
  `"quoted" 'id'`,
  'a?b#c',
  ' ',
  '{"$ne":null}',
  '$where',
  "'; DROP TABLE sessions; --",
  '__proto__',
  'x'.repeat(300),
]

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)

  overInterfaces(server, api => {
    test.each(odd)('an id that no session has is looked up and not found: %j', async id => {
      expect(await api.get(id)).toEqual(refused('session_not_found'))
      expect(await api.shared(id)).toEqual(refused('share_not_found'))
    })

    test("a result's id ends with the sequence of its calculation, so it is unique in its session", async () => {
      const { session_id } = done(await api.start({ mentor_id: 'm' })).session
      for (let sequence = 2; sequence < 40; sequence += 2) {
        const payload = { ...inputs, sessions: sequence }
        const { session, version } = done(await api.dispatch(session_id, 'CalculateRequested', payload))
        expect(version).toBe(sequence + 1)
        expect(session.result_id).toMatch(/^calc_[0-9a-f]{8}$/)
        expect(Number.parseInt(session.result_id?.slice(-3) ?? '', 16)).toBe(sequence)
      }
    })

    test.each(odd)('a mentor and an organisation may have the id %j', async name => {
      const cut = name.slice(0, 200)
      const who = { mentor_id: cut, organisation_id: cut }
      const { session } = done(await api.start(who))
      expect(session.mentor_id).toBe(cut)
      expect(done(await api.list(who)).sessions).toEqual([session])
      done(await api.close(session.session_id))
    })
  })

  overPairs(server, (first, second) => {
    test.each(odd)('a session with an unusual id is read, changed and closed like any other: %j', async session_id => {
      await stored(server.store, { session_id })
      const { session } = done(await first.dispatch(session_id, 'CalculateRequested', inputs, { key: 'k' }))
      expect(session.session_id).toBe(session_id)
      expect(done(await second.get(session_id)).session).toEqual(session)
      expect(done(await second.events(session_id)).events).toHaveLength(3)
      expect(done(await second.close(session_id))).toMatchObject({ session_id })
    })
  })
})
