import { isDeepStrictEqual } from 'node:util'
import { accessWorld, type CallerName, owners } from '../../support/access'
import { inputs } from '../../support/inputs'
import { intercepting } from '../../support/intercepting'
import { done, type Who } from '../../support/interfaces'
import { overStores } from '../../support/stores'
import { withSearch } from './api'

const { a, d } = owners
const label = 'Spring'

overStores(({ newDatabase }) => {
  /** Called once after the next search of the store. */
  let meanwhile: (() => Promise<unknown>) | undefined
  const world = accessWorld(newDatabase, {
    store: opened =>
      intercepting(opened, {
        search: {
          async matches(...given) {
            const ids = await opened.search.matches(...given)
            const change = meanwhile
            meanwhile = undefined
            await change?.()
            return ids
          },
        },
      }),
  })
  const start = async (owner: Who): Promise<string> => {
    const [admin] = world.apis('admin')
    return done(await admin.start({ ...owner, inputs: { ...inputs, label } })).session.session_id
  }
  const reassign = async (session_id: string, owner: object): Promise<void> => {
    const [admin] = world.apis('admin')
    done(await admin.dispatch(session_id, 'ReassignRequested', owner))
  }
  const found = async (caller: CallerName, text: string, filter: object = {}): Promise<string[]> => {
    const [first, second] = await Promise.all(
      world.apis(caller).map(async api => {
        const { sessions } = done(await withSearch(api).find({ text, ...filter, limit: 50 }))
        return sessions.map(({ session_id }) => session_id)
      }),
    )
    expect(first).toEqual(second)
    return first as string[]
  }

  test('a reassigned session is found under its new mentor and organisation at once, not under its former ones', async () => {
    const session_id = await start(d)
    const owners = [d, a, { ...a, mentor_id: 'mentor_2' }, d] as const
    for (const [i, owner] of owners.entries()) {
      if (i > 0) await reassign(session_id, owner)
      const { mentor_id, organisation_id } = owner
      for (const number of ['1', '2']) {
        const isNamed = `${mentor_id} ${organisation_id}`.includes(number)
        expect((await found('admin', `spring ${number}`)).includes(session_id)).toBe(isNamed)
      }
      for (const other of owners)
        expect((await found('admin', 'spring', other)).includes(session_id)).toBe(isDeepStrictEqual(other, owner))
      for (const [caller, isOwner] of [
        ['coordinator', organisation_id === 'org_1'],
        ['mentor', organisation_id === 'org_1' && mentor_id === 'mentor_1'],
      ] as const) {
        const own = isOwner ? [session_id] : []
        expect((await found(caller, 'spring')).filter(id => id === session_id)).toEqual(own)
      }
    }
  })

  test('a session that is changed or reassigned during a search is missing from the response if it no longer matches', async () => {
    const [coordinator] = world.apis('coordinator').map(withSearch)
    const session_id = await start(a)
    const isFound = async (): Promise<boolean> => {
      const { sessions } = done(
        await (coordinator as ReturnType<typeof withSearch>).find({ text: 'spring', limit: 50 }),
      )
      return sessions.some(session => session.session_id === session_id)
    }
    expect(await isFound()).toBe(true)
    meanwhile = () => reassign(session_id, d)
    expect(await isFound()).toBe(false)
    await reassign(session_id, a)
    expect(await isFound()).toBe(true)
    meanwhile = async () => done(await world.apis('admin')[0].dispatch(session_id, 'ResetRequested'))
    expect(await isFound()).toBe(false)
  })
})
