import { accessWorld, type CallerName, ownerNames, sees } from '../../support/access'
import { inputsOf } from '../../support/inputs'
import { done } from '../../support/interfaces'
import { overStores } from '../../support/stores'
import { withSearch } from './api'

overStores(({ newDatabase }) => {
  const world = accessWorld(newDatabase)

  beforeAll(async () => {
    const [admin] = world.apis('admin')
    for (const name of ownerNames) {
      const payload = { ...inputsOf(1), label: `Secret of ${name}` }
      done(await admin.dispatch(world.found[name].session_id, 'CalculateRequested', payload))
    }
  })

  test.each<[CallerName, string[], string[]]>([
    ['admin', ['mentor_1', 'mentor_2'], ['org_1', 'org_2']],
    ['coordinator', ['mentor_1', 'mentor_2'], ['org_1']],
    ['reader', ['mentor_1', 'mentor_2'], ['org_1']],
    ['mentor', ['mentor_1'], ['org_1']],
    ['mentor of no organisation', ['mentor_1'], ['org_1', 'org_2']],
  ])('%s finds only what is in its scope', async (caller, mentors, organisations) => {
    for (const api of world.apis(caller).map(withSearch)) {
      const secrets = done(await api.find({ text: 'secret' }))
      const labels = ownerNames.filter(name => sees(caller, name)).map(name => `Secret of ${name}`)
      expect(secrets.sessions.map(({ label }) => label).sort()).toEqual(labels)
      expect(secrets.complete).toBe(true)
      const ids = async (text: string) => {
        const found = done(await api.find({ text }))
        return [found.mentors, found.organisations].map(groups => groups.map(({ id }) => id).sort())
      }
      expect(await ids('mentor')).toEqual([mentors, []])
      expect(await ids('org')).toEqual([[], organisations])
      // A filter beyond the scope selects nothing.
      for (const name of ownerNames) {
        const { mentor_id, organisation_id } = world.found[name]
        const within = done(await api.find({ text: 'secret', mentor_id, organisation_id }))
        expect(within.sessions).toHaveLength(sees(caller, name) ? 1 : 0)
      }
      const [first] = done(await api.find({ text: mentors[0] as string })).mentors
      expect(first?.sessions).toBe(ownerNames.filter(name => sees(caller, name) && 'ac'.includes(name)).length)
    }
  })
})
