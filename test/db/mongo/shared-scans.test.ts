import fc from 'fast-check'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { SharedScans, scannedBytes, scannedCommits } from '../../../src/db/mongo/shared-scans'
import type { Entry, History } from '../../../src/db/store'
import type { Commit } from '../../../src/domain/commit'
import type { OwnerFilter } from '../../../src/domain/owner'
import { Feed } from '../../../src/feed/feed'
import type { FeedMessage } from '../../../src/feed/ring'
import { calculation, quiet, stored } from '../../support/sessions'
import { describeMongo, mongoDatabase, openMongo, suiteDatabase } from '../../support/stores'
import { until } from '../../support/until'

/** Walks the history from a position to its end. Returns its entries, and the number of commits passed. */
async function walk(
  read: (after: string) => Promise<History>,
  from: string,
): Promise<{ entries: Entry[]; passed: number; next: string }> {
  const all: Entry[] = []
  let total = 0
  for (let after = from; ; ) {
    const { entries, next, passed } = await read(after)
    all.push(...entries)
    total += passed
    if (next < after) throw new Error(`went back from ${after} to ${next}`)
    after = next
    if (passed === 0) return { entries: all, passed: total, next }
  }
}

/** Returns what a read of the whole log selects. */
const selected = (log: Entry[], from: string, { mentor_id, organisation_id }: OwnerFilter) => {
  const rest = log.filter(({ position }) => position > from)
  const entries = rest
    .map((entry, i) => (i === 0 ? { ...entry, before: from } : entry))
    .filter(({ commit }) => mentor_id === undefined || commit.mentor_id === mentor_id)
    .filter(({ commit }) => organisation_id === undefined || commit.organisation_id === organisation_id)
  return { entries, passed: rest.length }
}

const filters = fc.record({
  mentor_id: fc.constantFrom(undefined, 'a', 'b', 'c', 'nobody'),
  organisation_id: fc.constantFrom(undefined, null, 'o', 'p'),
})

describeMongo('reads of the history of MongoDB', () => {
  const database = suiteDatabase(mongoDatabase)
  let log: Entry[]
  /** Positions of commits, and positions between them. */
  let positions: string[]

  beforeAll(async () => {
    const { store } = database
    const between: string[] = []
    const follower = {
      reset: (at: string) => void between.push(at),
      advance: (at: string) => void between.push(at),
      append() {},
      invalidate() {},
      failed() {},
    }
    const following = await openMongo(database.env.MONGODB_URI as string)
    await following.log.follow(follower)
    for (let i = 0; i < 60; i++) {
      const mentor_id = 'abc'[i % 3] as string
      await stored(store, { mentor_id, organisation_id: [null, 'o', 'p'][(i % 7) % 3] as string }, [calculation(i)])
      if (i % 10 === 0) {
        const seen = between.length
        await store.db.collection('scrap').insertOne({})
        await until(() => between.length > seen + 1, 60_000, 'a position without a commit')
      }
    }
    const [start = ''] = between
    log = (await walk(after => following.log.history(after, 1_000), start)).entries
    await following.end()
    positions = [...new Set([...between, ...log.map(({ position }) => position)])].sort()
    expect(log).toHaveLength(120)
    expect(positions.length).toBeGreaterThan(log.length + 5)
  })

  test('return the same alone and together, from any position and under any filter', async () => {
    const reads = fc.array(
      fc.record({ from: fc.nat(), filter: filters, limit: fc.constantFrom(1, 2, 7, 50, 128, 1_000) }),
      { minLength: 1, maxLength: 12 },
    )
    await fc.assert(
      fc.asyncProperty(reads, async reads => {
        const walks = reads.map(async ({ from, filter, limit }) => {
          const position = positions[from % positions.length] as string
          const { entries, passed } = await walk(after => database.store.log.history(after, limit, filter), position)
          expect({ entries, passed }).toEqual(selected(log, position, filter))
        })
        await Promise.all(walks)
      }),
      { numRuns: 30 },
    )
  })

  test('see commits that were made since a shared scan reached the end of the log', async () => {
    const { store } = database
    const from = log[100]?.position as string
    const both = () =>
      Promise.all(['a', 'later'].map(mentor_id => walk(after => store.log.history(after, 10, { mentor_id }), from)))
    const [, none] = await both()
    expect(none?.entries).toEqual([])
    await stored(store, { mentor_id: 'later' })
    const [, one] = await both()
    expect(one?.entries).toMatchObject([{ commit: { mentor_id: 'later' } }])
    expect(one?.passed).toBe((none?.passed ?? 0) + 1)
  })
})

describeMongo('subscribers of many mentors that catch up from one position', () => {
  const database = suiteDatabase(mongoDatabase)
  const subscribers = 300

  /** Counts the scans since the profile was switched on. Each closes its change stream. */
  const scansOf = (store: MongoStore): Promise<number> =>
    store.db.collection('system.profile').countDocuments({ 'command.killCursors': 'sessions' })

  test('share the scans of the log, and each gets its own commits', async () => {
    const { store } = database
    const feed = new Feed(store, quiet, 4)
    await store.log.follow(feed)
    const { next: after } = await feed.page({ limit: 1 })
    for (let i = 0; i < 5; i++) {
      await Promise.all(Array.from({ length: 500 }, (_, n) => stored(store, { mentor_id: `mentor_${n}` })))
    }
    await store.db.command({ profile: 2 })
    const readers = Array.from({ length: subscribers }, (_, n) => {
      const told: FeedMessage[] = []
      const source = feed.subscribe({ after, filter: { mentor_id: `mentor_${n}` } })
      const leave = source.attach({ take: message => void told.push(message), end: () => {} })
      return { told, leave }
    })
    await until(() => readers.every(({ told }) => told.length === 6), 60_000, 'their commits')
    for (const [n, { told, leave }] of readers.entries()) {
      leave()
      const mentors = told.slice(1).map(message => message.kind === 'transition' && message.commit.mentor_id)
      expect(new Set(mentors)).toEqual(new Set([`mentor_${n}`]))
    }
    await store.db.command({ profile: 0 })
    // Three scans cover the log. Reads that begin before the first one has ended, and the checks of cursors, add some.
    const scans = await scansOf(store)
    expect(scans).toBeGreaterThanOrEqual(3)
    expect(scans).toBeLessThanOrEqual(20)
  })
})

describe('the commits that shared scans hold', () => {
  const padded = (number: number): string => String(number).padStart(9, '0')
  const entryOf = (number: number, label: string): Entry => ({
    before: padded(number - 1),
    position: padded(number),
    commit: { session_id: `session_${number}`, mentor_id: label } as Commit,
  })

  /** Scans of an endless log of commits with this mentor. */
  function scansOf(mentor_id: string) {
    const scanned: string[] = []
    const scans = new SharedScans(async (after, limit) => {
      scanned.push(after)
      const entries = Array.from({ length: limit }, (_, i) => entryOf(Number(after) + 1 + i, mentor_id))
      return { entries, next: padded(Number(after) + limit), passed: limit }
    })
    const read = (after: number) => scans.history(padded(after), 10, { mentor_id: 'another' })
    return { scans, scanned, read }
  }

  test.each([
    ['number', 'm', scannedCommits],
    ['size', 'm'.repeat(10_000), Number.POSITIVE_INFINITY],
  ])('are bounded by their %s', async (_, mentor_id, most) => {
    const { scans, read } = scansOf(mentor_id)
    await read(0)
    for (let i = 0; i < 20; i++) {
      await Promise.all([read(i * 1_000), read(i * 1_000)])
      expect(scans.size.commits).toBeLessThanOrEqual(most)
      expect(scans.size.bytes).toBeLessThanOrEqual(scannedBytes)
    }
    if (most === scannedCommits) expect(scans.size.commits).toBeGreaterThan(most - 2_000)
    scans.clear()
  })

  test('are dropped after an erasure, with the scans under way', async () => {
    const { scans, scanned, read } = scansOf('m')
    await Promise.all([read(0), read(0)])
    expect(scans.size.commits).toBeGreaterThan(0)
    const underWay = Promise.all([read(5_000), read(5_000)])
    scans.clear()
    await underWay
    expect(scans.size).toEqual({ commits: 0, bytes: 0 })
    const before = scanned.length
    await Promise.all([read(0), read(0)])
    expect(scanned.length).toBeGreaterThan(before)
    scans.clear()
  })
})
