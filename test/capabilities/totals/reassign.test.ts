import { accessWorld, type CallerName, owners } from '../../support/access'
import { inputs } from '../../support/inputs'
import { done, queryOf } from '../../support/interfaces'
import { overStores } from '../../support/stores'

const { a, d } = owners

overStores(({ newDatabase }) => {
  const world = accessWorld(newDatabase)

  test('totals and groups count a session under its new mentor and organisation', async () => {
    const [api] = world.apis('admin')
    const { session_id } = done(await api.start({ ...d, inputs: { ...inputs, currency: 'XAF' } })).session
    const get = async (caller: CallerName, path: string) => JSON.parse((await world.rest(caller).get(path)).text)

    /** Returns what a caller sees of the session: its result in the totals, and its mentor. */
    const seenBy = async (caller: CallerName, filter: object = {}) => {
      const { amounts } = await get(caller, `/api/v1/benefit-summaries?${queryOf(filter)}`)
      const { data } = await get(
        caller,
        `/api/v1/benefit-mentors?${queryOf({ ...filter, currency: 'XAF', limit: 100 })}`,
      )
      type Group = { mentor_id: string; amounts: { currency: string | null }[] }
      return {
        results: (amounts as Group['amounts']).filter(({ currency }) => currency === 'XAF').length,
        mentors: (data as Group[])
          .filter(group => group.amounts.some(({ currency }) => currency === 'XAF'))
          .map(({ mentor_id }) => mentor_id),
      }
    }
    const nothing = { results: 0, mentors: [] }
    const seen = (mentor_id: string) => ({ results: 1, mentors: [mentor_id] })
    const owners = [d, a, { ...a, mentor_id: 'mentor_2' }, d] as const
    for (const [i, owner] of owners.entries()) {
      if (i > 0) done(await api.dispatch(session_id, 'ReassignRequested', owner))
      const isInScope = owner.organisation_id === 'org_1'
      expect(await seenBy('coordinator')).toEqual(isInScope ? seen(owner.mentor_id) : nothing)
      expect(await seenBy('admin')).toEqual(seen(owner.mentor_id))
      const { organisation_id } = owner
      expect(await seenBy('admin', { organisation_id })).toEqual(seen(owner.mentor_id))
    }
  })
})
