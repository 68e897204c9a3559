import { multiply } from '../support/many'
import { noon, stored } from '../support/sessions'
import { overStores, suiteDatabase } from '../support/stores'

const count = 25_000

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)
  let newestFirst: string[]

  beforeAll(async () => {
    const one = await stored(database.store)
    await multiply(database.store, one, count)
    const copies = Array.from({ length: count }, (_, i) => `copy_${i}`)
    newestFirst = [...copies, one.session_id].sort().reverse()
  })

  test.each([9_999, 10_000, 10_001, 19_999, 20_000, 20_001, 24_995, 25_000, 25_001, 60_000])(
    'the page at offset %i is correct, read from either end',
    async offset => {
      const ids = async (fromEnd: boolean): Promise<string[]> =>
        (await database.store.lists.list({}, { offset, limit: 10, fromEnd })).map(({ session_id }) => session_id)
      expect(await ids(false)).toEqual(newestFirst.slice(offset, offset + 10))
      const from = newestFirst.length - offset
      expect(await ids(true)).toEqual(newestFirst.slice(Math.max(0, from - 10), Math.max(0, from)))
    },
  )

  test.each([true, false])(
    'a deep page in another order is found while other work gets its turns',
    async descending => {
      const order = { by: 'updated_at', descending, currency: null } as const
      const after = { key: noon, session_id: 'copy_15000' }
      const inOrder = descending ? newestFirst : newestFirst.toReversed()
      const from = inOrder.indexOf(after.session_id) + 1
      /** Reads the page, and returns how many turns other work had meanwhile. */
      async function turnsOfRead(): Promise<number> {
        let isFound = false
        let turns = 0
        const turn = (): void => {
          turns++
          if (!isFound) setImmediate(turn)
        }
        turn()
        const { sessions, more } = await database.store.lists.sorted({}, order, { limit: 10, after })
        isFound = true
        expect(sessions.map(({ session_id }) => session_id)).toEqual(inOrder.slice(from, from + 10))
        expect(more).toBe(true)
        return turns
      }
      // One read may be so fast that it fits into a turn.
      for (let reads = 0; reads < 20; reads++) if ((await turnsOfRead()) > 1) return
      throw new Error('no other work had its turn in 20 reads')
    },
  )
})
