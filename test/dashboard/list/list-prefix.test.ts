import * as fc from 'fast-check'
import { type ListItem, type ListPage, ListPrefix } from '../../../dashboard/src/live/list-prefix'
import { compareSortKeys, type SortKey } from '../../../src/domain/sort-key'

interface Session extends ListItem {
  isListed: boolean
}

/** A page as the server reads it: the sort keys at one moment, and each session at a later one. */
interface Reading {
  after: string | null
  met?: { sortKeys: SortKey[]; hasMore: boolean }
  page?: ListPage<Session>
}

/** A server with its feed, and a client of both. The events between them come in any order. */
class World {
  readonly sessions = new Map<string, Session>()
  readonly log: Session[] = []
  toldUpTo = 0
  held: ListPrefix<Session>
  reading: Reading | undefined
  /** The latest version of each session in the client's copy. */
  #versions = new Map<string, number>()
  readonly compare: (a: SortKey, b: SortKey) => number

  constructor(
    descending: boolean,
    readonly most: number,
    readonly pageSize: number,
  ) {
    this.compare = compareSortKeys({ descending })
    this.held = this.empty()
  }

  empty(): ListPrefix<Session> {
    return new ListPrefix<Session>(this.compare, ({ isListed }) => isListed, this.most)
  }

  commit(id: number, key: number | null, isListed: boolean, isClosed: boolean): void {
    const session_id = `session_${id}`
    const version = (this.log.findLast(({ sortKey }) => sortKey.session_id === session_id)?.version ?? 0) + 1
    const session = { sortKey: { key, session_id }, version, isListed: isListed && !isClosed }
    this.log.push(session)
    if (isClosed) this.sessions.delete(session_id)
    else this.sessions.set(session_id, session)
  }

  list(): Session[] {
    const listed = [...this.sessions.values()].filter(({ isListed }) => isListed)
    return listed.sort((a, b) => this.compare(a.sortKey, b.sortKey))
  }

  tell(count: number): void {
    const upTo = Math.min(this.log.length, this.toldUpTo + count)
    for (const session of this.log.slice(this.toldUpTo, upTo)) {
      this.held.apply(session)
      this.checkRows()
    }
    this.toldUpTo = upTo
  }

  /** Continues the current page read by one step, or starts the next page. */
  read(): void {
    const { reading, held } = this
    if (!reading) {
      if (!held.isComplete && !held.isFull) this.reading = { after: held.beginPage() }
    } else if (!reading.met) {
      const { after } = reading
      const behind = this.list().filter(
        ({ sortKey }) => after === null || this.compare(sortKey, JSON.parse(after) as SortKey) > 0,
      )
      const sortKeys = behind.slice(0, this.pageSize).map(({ sortKey }) => sortKey)
      reading.met = { sortKeys, hasMore: behind.length > sortKeys.length }
    } else if (!reading.page) {
      const { sortKeys, hasMore } = reading.met
      const present = sortKeys.flatMap(sortKey => {
        const session = this.sessions.get(sortKey.session_id)
        return session ? [{ sortKey, session }] : []
      })
      const last = present.at(-1)?.sortKey
      reading.page = {
        items: present.map(({ session }) => session),
        last: last ? { sortKey: last, cursor: JSON.stringify(last) } : null,
        // If every session of the page has been closed, the server looks for the next page, and so does this.
        hasMore,
      }
      if (!last && hasMore) this.reading = { after: reading.after }
    } else {
      held.applyPage(reading.page)
      this.reading = undefined
    }
  }

  /** The feed has a gap, and the client starts over. */
  gap(): void {
    this.toldUpTo = this.log.length
    this.held = this.empty()
    this.#versions.clear()
    this.reading = undefined
  }

  checkRows(): void {
    const { rows } = this.held
    const before = this.#versions
    this.#versions = new Map(rows.map(({ sortKey, version }) => [sortKey.session_id, version]))
    for (const [id, version] of this.#versions) {
      if (version < (before.get(id) ?? 0)) throw new Error(`${id} went back to version ${version}`)
    }
    const isInOrder = rows.every((row, i) => i === 0 || this.compare((rows[i - 1] as Session).sortKey, row.sortKey) < 0)
    const ids = new Set(rows.map(({ sortKey }) => sortKey.session_id))
    if (!isInOrder || ids.size < rows.length || rows.length > this.most) {
      throw new Error(`not in order, doubled or too many: ${JSON.stringify(rows)}`)
    }
  }
}

type Step = (world: World) => void

const key = fc.option(fc.integer({ min: 0, max: 6 }), { nil: null, freq: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.tuple(fc.integer({ min: 0, max: 20 }), key, fc.integer({ min: 0, max: 9 })).map(
      ([id, key, chance]): Step =>
        world =>
          world.commit(id, key, chance !== 1, chance === 0),
    ),
  },
  {
    weight: 15,
    arbitrary: fc.integer({ min: 1, max: 4 }).map(
      (count): Step =>
        world =>
          world.tell(count),
    ),
  },
  { weight: 30, arbitrary: fc.constant<Step>(world => world.read()) },
  { weight: 1, arbitrary: fc.constant<Step>(world => world.gap()) },
)

const worlds = fc.tuple(fc.boolean(), fc.integer({ min: 2, max: 16 }), fc.integer({ min: 1, max: 5 }))

test("after any order of changes, deliveries, reads and gaps, the client's copy is exactly the beginning of the list", () => {
  let deepest = 0
  let cut = 0
  void fc.assert(
    fc.property(worlds, fc.array(step, { maxLength: 150, size: 'max' }), (ofWorld, steps) => {
      const world = new World(...ofWorld)
      for (const step of steps) {
        step(world)
        world.checkRows()
      }
      while (world.reading) world.read()
      world.tell(Number.POSITIVE_INFINITY)
      const { rows, isComplete } = world.held
      expect(rows).toEqual(world.list().slice(0, rows.length))
      if (isComplete) expect(rows).toHaveLength(world.list().length)

      // Reads on to the end of the list, or to the maximum size of the copy.
      for (let reads = 0; !world.held.isComplete && !world.held.isFull; reads++) {
        if (reads > 1_000) throw new Error('reads without end')
        world.read()
      }
      world.tell(Number.POSITIVE_INFINITY)
      expect(world.held.rows).toEqual(world.list().slice(0, world.most))
      deepest = Math.max(deepest, rows.length)
      if (world.list().length > world.most) cut++
    }),
    { numRuns: 400 },
  )
  expect(deepest).toBeGreaterThan(8)
  expect(cut).toBeGreaterThan(20)
})

test('too many changes during the read of one page make the client start over', () => {
  const world = new World(false, 3, 2)
  for (let id = 0; id < 3; id++) world.commit(id, id, true, false)
  world.tell(3)
  for (let i = 0; i < 4; i++) world.read()
  expect(world.held.rows).toHaveLength(2)

  world.read()
  for (let id = 10; id < 14; id++) world.commit(id, 9, true, false)
  world.tell(4)
  while (world.reading) world.read()
  expect(world.held.rows).toEqual([])
  for (let i = 0; i < 8; i++) world.read()
  expect(world.held.rows).toEqual(world.list().slice(0, 3))
})

test('a page is discarded if the client dropped the rows before it in the meantime', () => {
  const world = new World(false, 3, 2)
  for (const id of [3, 4, 5, 6]) world.commit(id, id, true, false)
  world.tell(4)
  for (let i = 0; i < 7; i++) world.read()
  expect(world.reading?.page?.items).toHaveLength(2)

  for (const id of [1, 2]) world.commit(id, id, true, false)
  world.tell(2)
  world.read()
  expect(world.held.rows.map(({ sortKey }) => sortKey.key)).toEqual([1, 2, 3])
})

test('a session in a page is not overwritten by an older change that arrived before', () => {
  const session = (id: string, key: number, version: number): Session => ({
    sortKey: { key, session_id: id },
    version,
    isListed: true,
  })
  const ended = ({ sortKey }: Session) => ({ sortKey, cursor: JSON.stringify(sortKey) })
  const [a, b, c] = [session('a', 1, 2), session('b', 2, 1), session('c', 3, 1)]
  const { held } = new World(false, 10, 2)
  held.beginPage()
  held.applyPage({ items: [a, b], last: ended(b), hasMore: true })
  held.beginPage()
  held.apply(session('a', 0, 1))
  held.applyPage({ items: [session('a', 9, 3), c], last: ended(c), hasMore: true })
  expect(held.rows).toEqual([b, c])
})
