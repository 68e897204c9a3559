import crypto from 'node:crypto'
import type { Session } from '../../src/domain/session'
import { inputs } from '../support/inputs'
import { done, overInterfaces, overPairs, refused } from '../support/interfaces'
import { serving } from '../support/server'
import { changing, stored } from '../support/sessions'
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

    test('a result id is random, and is drawn again if the session already has it', async () => {
      const { session_id } = done(await api.start({ mentor_id: 'm' })).session
      let same = 0
      const draw = crypto.randomUUID
      jest
        .spyOn(crypto, 'randomUUID')
        .mockImplementation(() => (same-- > 0 ? `0badcafe${draw().slice(8)}` : draw()) as ReturnType<typeof draw>)
      const calculated = async (sessions: number): Promise<string | null> => {
        // The first ids that the server draws for the request, including ids that are not result ids.
        same = 5
        return done(await api.dispatch(session_id, 'CalculateRequested', { ...inputs, sessions })).session.result_id
      }
      try {
        expect(await calculated(1)).toBe('calc_0badcafe')
        const ids = [await calculated(2), await calculated(3)]
        // After another process has changed the session, the server decides with the stored session.
        const session = (await server.store.sessions.read(session_id)) as Session
        expect(await server.store.sessions.save(changing(session, 'ResetRequested'), session.version)).toBe(true)
        ids.push(await calculated(4))
        expect(ids).toEqual(Array(3).fill(expect.stringMatching(/^calc_(?!0badcafe)[0-9a-f]{8}$/)))
      } finally {
        jest.restoreAllMocks()
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
