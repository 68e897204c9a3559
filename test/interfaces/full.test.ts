import type { Change, Session } from '../../src/domain/session'
import { inputs, otherInputs } from '../support/inputs'
import { type Api, done, overInterfaces, refused } from '../support/interfaces'
import { serving } from '../support/server'
import { calculation, changing, stored } from '../support/sessions'
import { overStores } from '../support/stores'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)

  /** Creates a session with this many transitions, shared and revoked in turns. */
  async function long(length: number): Promise<string> {
    const first = await stored(server.store, {}, [calculation(25)])
    let session: Session = first
    const changes: Change[] = []
    const turns = ['ShareRequested', 'ShareRevokeRequested'] as const
    for (let turn = 0; session.version < length; turn++) {
      const write = changing(session, turns[turn % 2] ?? 'ShareRequested')
      changes.push(...write.changes)
      session = write.session
    }
    if (!(await server.store.sessions.save({ session, changes }, first.version))) throw new Error('not saved')
    return session.session_id
  }
  const full = refused('session_full', { limit: 1_000 })
  const version = async (api: Api, id: string) => done(await api.get(id)).version

  overInterfaces(server, api => {
    test('a session of 1,000 transitions refuses an event that needs another, and can still be read and closed', async () => {
      const id = await long(1_000)
      const next = (await api.share(id)).ok ? 'ShareRevokeRequested' : 'ShareRequested'
      expect(await api.dispatch(id, next)).toEqual(full)
      expect(await api.dispatch(id, 'CalculateRequested', otherInputs)).toEqual(full)
      expect(await api.dispatch(id, 'ResetRequested', null, { version: 1_000 })).toEqual(full)
      expect(await version(api, id)).toBe(1_000)
      const { events } = done(await api.events(id, 0, 1_000))
      expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1))
      expect(done(await api.results(id)).results).toHaveLength(1)
      expect(done(await api.close(id)).deleted).toBe(true)
    })

    test('a full session answers no-ops and refused events as usual', async () => {
      const id = await long(1_000)
      expect(done(await api.dispatch(id, 'CalculateRequested', inputs)).version).toBe(1_000)
      expect(await api.dispatch(id, 'RetryRequested')).toMatchObject({ code: 'event_refused' })
    })

    test('a calculation needs room for two transitions, and any other event for one', async () => {
      const id = await long(999)
      expect(await api.dispatch(id, 'CalculateRequested', otherInputs)).toEqual(full)
      expect(await version(api, id)).toBe(999)
      expect(done(await api.dispatch(id, 'ResetRequested')).version).toBe(1_000)
    })
  })
})
