import { accessWorld, type CallerName } from '../support/access'
import { follow, type Subscribed, subscribe } from '../support/follow'
import { inputsOf } from '../support/inputs'
import { done } from '../support/interfaces'
import { overStores } from '../support/stores'
import { feedPath, type Message, transportNames } from '../support/transports'
import { until } from '../support/until'

interface Item {
  session_id: string
  mentor_id: string
  organisation_id: string
  sequence: number
  cursor: string
}

/** Returns whether an item is in the caller's scope. */
const isTold = (caller: CallerName, { mentor_id, organisation_id }: Item): boolean =>
  ({
    admin: true,
    coordinator: organisation_id === 'org_1',
    reader: organisation_id === 'org_1',
    mentor: organisation_id === 'org_1' && mentor_id === 'mentor_1',
    'mentor of no organisation': mentor_id === 'mentor_1',
  })[caller as string] ?? false

const withRoles = ['admin', 'coordinator', 'mentor', 'mentor of no organisation', 'reader'] as const

const placeOf = ({ session_id, sequence }: { session_id: string; sequence: number }): string =>
  `${session_id}#${sequence}`

const toldIn = (messages: Message[]): string[] =>
  messages.flatMap(message => (message.kind === 'transition' ? placeOf(message) : []))

/** Returns the cursor from which a live subscriber was told everything. */
function readyCursor([first]: Message[]): string {
  if (first?.kind !== 'ready') throw new Error(`the first message is ${JSON.stringify(first)}`)
  return first.cursor
}

overStores(({ newDatabase }) => {
  const world = accessWorld(newDatabase)

  const page = async (caller: CallerName, after: string, more = ''): Promise<{ data: Item[]; next: string }> =>
    JSON.parse((await world.rest(caller).get(`${feedPath}?after=${after}&limit=1000${more}`)).text)

  /** Makes transitions of each owner. The last ones are visible to every caller. */
  async function written(): Promise<string> {
    for (const name of ['b', 'c', 'd'] as const) await world.fresh(name)
    const { session_id } = await world.fresh('a')
    return `${session_id}#4`
  }

  describe.each(transportNames)('over %s', transport => {
    test('each caller gets the transitions in its scope, live and after a cursor', async () => {
      const following = (after?: string) =>
        withRoles.map(caller => ({
          caller,
          ...follow(world.server.url, transport, after, undefined, world.authorization(caller)),
        }))
      const live = following()
      const late = following(world.origin)
      await Promise.all([...live, ...late].map(({ received }) => received(1)))
      const last = await written()
      const all = [...live, ...late]
      const isThere = () => all.every(({ messages }) => toldIn(messages).includes(last))
      await until(isThere, 60_000, () => JSON.stringify(all.map(({ messages }) => messages.length)))
      for (const { connection } of all) connection.cut()
      const ever = await page('admin', world.origin)
      for (const { caller, messages } of live) {
        const since = await page('admin', readyCursor(messages))
        const expected = since.data.filter(item => isTold(caller, item)).map(placeOf)
        expect({ caller, told: toldIn(messages) }).toEqual({ caller, told: expected })
      }
      for (const { caller, messages } of late) {
        const expected = ever.data.filter(item => isTold(caller, item)).map(placeOf)
        expect({ caller, told: toldIn(messages) }).toEqual({ caller, told: expected })
      }
    })
  })

  test("a cursor issued in another scope resumes with the items in the caller's own scope", async () => {
    const { data } = await page('admin', world.origin)
    for (const caller of withRoles) {
      for (const [i, { cursor }] of data.slice(0, 20).entries()) {
        const expected = data.slice(i + 1).filter(item => isTold(caller, item))
        expect((await page(caller, cursor)).data.map(placeOf)).toEqual(expected.map(placeOf))
      }
    }
  })

  test.each(['mentor_id=mentor_2', 'organisation_id=org_2', 'mentor_id=mentor_1&organisation_id=org_2'])(
    'a filter outside the scope, %s, selects nothing, and the cursor moves on',
    async filter => {
      const { data, next } = await page('mentor', world.origin, `&${filter}`)
      expect(data).toEqual([])
      expect(next).not.toBe(world.origin)
    },
  )

  test('a filter outside the scope reveals nothing about erased mentors', async () => {
    const [rest] = world.apis('admin')
    for (const organisation_id of ['org_1', 'org_2']) done(await rest.start({ mentor_id: 'mentor_3', organisation_id }))
    await world.rest('admin').call('DELETE', '/api/v1/benefit-mentors/mentor_3')
    const { next } = await page('admin', world.origin)
    for (const caller of ['mentor', 'mentor of no organisation'] as const) {
      for (const mentor_id of ['mentor_2', 'mentor_3']) {
        // The log of the embedded store no longer has the mentor of these sessions, so it answers with a gap.
        const { data = [] } = await page(caller, world.origin, `&mentor_id=${mentor_id}`)
        expect(data).toEqual([])
        expect((await page(caller, next, `&mentor_id=${mentor_id}`)).data).toEqual([])
      }
    }
  })

  describe.each(['graphql-ws', 'graphql-sse'] as const)('identical subscriptions over %s', client => {
    type Told = Record<string, unknown>
    const side = (query: string) =>
      (['mentor', 'admin', 'coordinator'] as const).map((caller): [CallerName, Subscribed<Told>] => [
        caller,
        subscribe<Told>(world.server.url, query, {}, client, world.authorization(caller)),
      ])

    test('show each caller its own scope, in any order of subscribing', async () => {
      const query = `subscription { feed { __typename ... on FeedTransition { transition { sequence
        session { id results { resultId } transitions { sequence } } } } } }`
      const subscribed = side(query)
      await until(() => subscribed.every(([, { results }]) => results.length === 1), 60_000, 'ready')
      const others = await world.fresh('d')
      const own = await world.fresh('a')
      const text = ({ results }: Subscribed<Told>) => JSON.stringify(results)
      const isThere = () =>
        subscribed.every(([, told]) => text(told).includes(`"sequence":4,"session":{"id":"${own.session_id}"`))
      await until(isThere, 60_000, () => subscribed.map(([, told]) => text(told)).join())
      for (const [caller, told] of subscribed) {
        told.leave()
        expect(text(told).includes(others.session_id)).toBe(caller === 'admin')
        expect(text(told)).toContain(own.result_id)
        expect(text(told).includes(others.result_id)).toBe(caller === 'admin')
      }
    })
  })

  test('every caller with access to a session gets its calculation, with the author', async () => {
    const { session_id } = world.found.a
    const { next } = await page('admin', world.origin)
    done(await world.apis('mentor')[0].dispatch(session_id, 'CalculateRequested', inputsOf(99)))
    await until(async () => (await page('admin', next)).data.length === 2, 60_000, 'both transitions')
    for (const caller of withRoles) {
      const { data } = await page(caller, next)
      expect(data).toMatchObject([
        { session_id, by: 'Mo Mentor' },
        { session_id, by: 'Mo Mentor' },
      ])
    }
  })
})
