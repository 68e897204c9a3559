import { randomBytes } from 'node:crypto'
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { newRequester } from '../../src/concurrency/fair-queue'
import type { Entry, History, Store } from '../../src/db/store'
import type { Commit } from '../../src/domain/commit'
import type { OwnerFilter } from '../../src/domain/owner'
import type { Snapshot, StoredTransition, TransitionEvent } from '../../src/domain/session'
import { Feed } from '../../src/feed/feed'
import { type FeedFilter, type FeedTransition, feedCursorOf } from '../../src/feed/ring'
import { quiet } from '../support/sessions'
import { until, within } from '../support/until'

/** In commits. So small that most logs are longer. */
const ringSize = 4

/** An event of the log. Positions also advance without a commit, as over MongoDB. */
interface Event {
  position: string
  commit?: Commit
}

const positionOf = (number: number): string => String(number).padStart(4, '0')

/** Events of the transitions of a commit. */
const names = ['SessionStarted', 'CalculateRequested', 'SessionClosed'] as const satisfies TransitionEvent[]

const eventsOf = (kinds: { mentor_id: string; transitions: number }[]): Event[] =>
  kinds.map(({ mentor_id, transitions }, i) => {
    const position = positionOf(i + 1)
    if (transitions === 0) return { position }
    const of = Array.from({ length: transitions }, (_, k) => ({ event: names[k], sequence: k + 1 }))
    return { position, commit: { session_id: position, mentor_id, organisation_id: null, transitions: of } as never }
  })

interface StoreOptions {
  /** Maximum number of commits that one read passes. */
  commitsPerRead: number
  /** Whether a read may end at a position without a commit before it has passed any. */
  endsEarly?: boolean
  /** Reads the stored transitions of a session. */
  transitions?: Store['sessions']['transitions']
}

const log = { identity: 'log', secret: randomBytes(32) }

/** A store with this log. */
function storeOf(events: Event[], { commitsPerRead, endsEarly = false, transitions }: StoreOptions): Store {
  const history = async (after: string, limit: number, { mentor_id }: OwnerFilter = {}): Promise<History> => {
    const entries: Entry[] = []
    let [before, next, passed] = [after, after, 0]
    for (const { position, commit } of events.filter(({ position }) => position > after)) {
      next = position
      if (!commit && endsEarly && passed === 0) break
      if (!commit) continue
      if (mentor_id === undefined || commit.mentor_id === mentor_id) entries.push({ before, position, commit })
      before = position
      if (entries.length === limit || ++passed === commitsPerRead) break
    }
    return { entries, next, passed }
  }
  const withResult = async (session_id: string) => {
    await turn()
    return { session_id, result: null }
  }
  return { ...log, log: { history }, sessions: { withResult, transitions } } as unknown as Store
}

/** A subscriber that wants the session of each item, or one that does not. */
const requesterOf = (hasSessions: boolean) => ({ ...newRequester(), ...(hasSessions && { sessionsWithin: {} }) })

/** Reports events to the feed. */
function report(feed: Feed, events: Event[], last: { position: string }): void {
  for (const { position, commit } of events) {
    if (commit) feed.append({ before: last.position, position, commit })
    else feed.advance(position)
    if (commit) last.position = position
  }
}

const textOf = ({ commit, transition }: FeedTransition): string => `${commit.session_id} ${transition.sequence}`
const all = (log: Event[], { mentor_id, events }: FeedFilter = {}): string[] =>
  log.flatMap(({ commit }) =>
    commit && (mentor_id === undefined || commit.mentor_id === mentor_id)
      ? commit.transitions
          .filter(({ event }) => events?.includes(event) ?? true)
          .map(({ sequence }) => `${commit.session_id} ${sequence}`)
      : [],
  )

const mentors = fc.constantFrom('a', 'b')
const logs = fc.record({
  kinds: fc.array(fc.record({ mentor_id: mentors, transitions: fc.integer({ min: 0, max: 3 }) }), { maxLength: 14 }),
  commitsPerRead: fc.integer({ min: 1, max: 4 }),
})
const filters: fc.Arbitrary<FeedFilter> = fc.record({
  mentor_id: fc.option(mentors, { nil: undefined }),
  events: fc.option(fc.subarray<TransitionEvent>([...names, 'ResetRequested'], { minLength: 1 }), { nil: undefined }),
})

interface Page {
  items: string[]
  next: string
}

/** Reads pages until one is empty. */
async function pagesFrom(
  feed: Feed,
  after: string,
  limit: number,
  filter: FeedFilter,
  hasSessions: boolean,
): Promise<Page[]> {
  const { items, next } = await feed.page({ after, limit, filter, requester: requesterOf(hasSessions) })
  const page = { items: items.map(textOf), next }
  return items.length === 0 ? [page] : [page, ...(await pagesFrom(feed, next, limit, filter, hasSessions))]
}

test('pages from any cursor, under any filter, give everything that follows once and in order', async () => {
  const cases = fc.asyncProperty(
    logs,
    filters,
    filters,
    fc.integer({ min: 1, max: 4 }),
    fc.boolean(),
    async (...given) => {
      const [{ kinds, commitsPerRead }, first, second, limit, hasSessions] = given
      const events = eventsOf(kinds)
      const feed = new Feed(storeOf(events, { commitsPerRead }), quiet, ringSize)
      const start = { position: positionOf(0) }
      feed.reset(start.position)
      report(feed, events, start)
      const beginning = { items: [], next: feedCursorOf(log, { position: positionOf(0), skip: 0 }) }
      // Cursors of one filter, each used with another.
      const pages = await pagesFrom(feed, beginning.next, 1, first, hasSessions)
      expect(pages.flatMap(({ items }) => items)).toEqual(all(events, first))
      const cursors: Page[] = [beginning, ...pages]
      for (const [i, { items, next }] of cursors.entries()) {
        const isEnd = i === cursors.length - 1
        const following = isEnd ? [] : all(events).slice(all(events).indexOf(items[0] ?? '') + 1)
        const read = (await pagesFrom(feed, next, limit, second, hasSessions)).flatMap(({ items }) => items)
        expect(read).toEqual(following.filter(text => all(events, second).includes(text)))
      }
    },
  )
  await fc.assert(cases, { numRuns: 150 })
})

/** Throws if an item lacks its session although its subscriber wants it, or has one that nobody wants. */
function requireSession({ transition, session }: FeedTransition, hasSessions: boolean): void {
  const expected = !hasSessions ? undefined : transition.event === 'SessionClosed' ? null : transition.sequence
  if ((session === null ? null : session?.version) !== expected)
    throw new Error(`the session is ${JSON.stringify(session)}`)
}

function listening(
  feed: Feed,
  after: string,
  filter: FeedFilter,
  hasSessions: boolean,
  pause: () => Promise<void> | undefined,
) {
  const messages: string[] = []
  const leave = feed.subscribe({ after, filter, requester: requesterOf(hasSessions) }).attach({
    take(message) {
      if (message.kind === 'transition') requireSession(message, hasSessions)
      messages.push(message.kind === 'transition' ? textOf(message) : message.kind)
      return pause()
    },
    end: () => {},
  })
  const told = async (expected: string[]): Promise<void> => {
    await until(
      () => messages.length >= expected.length,
      20_000,
      () => JSON.stringify({ messages, expected }),
    )
    leave()
    expect(messages).toEqual(expected)
  }
  return { told }
}

test('a subscriber gets everything after any cursor once and in order, also if the ring is reset, or commits are erased', async () => {
  const cases = fc.asyncProperty(
    logs,
    fc.boolean(),
    filters,
    fc.record({ live: fc.nat(14), start: fc.nat(14), skip: fc.nat(2), hasSessions: fc.boolean() }),
    fc.array(fc.boolean(), { minLength: 1 }),
    fc.array(fc.constantFrom('nothing', 'a reset', 'an erasure'), { minLength: 1 }),
    async ({ kinds, commitsPerRead }, endsEarly, filter, { live, start, skip, hasSessions }, pauses, disturbances) => {
      const events = eventsOf(kinds)
      const feed = new Feed(storeOf(events, { commitsPerRead, endsEarly }), quiet, ringSize)
      const last = { position: positionOf(0) }
      feed.reset(last.position)
      report(feed, events.slice(0, live), last)
      // It may be ahead of this process's log: a cursor of another process.
      const from = Math.min(start, events.length)
      const next = all(
        events
          .slice(from)
          .filter(({ commit }) => commit)
          .slice(0, 1),
      )
      const skipped = skip < next.length ? next.slice(0, skip) : []
      let taken = 0
      const after = feedCursorOf(log, { position: positionOf(from), skip })
      const { told } = listening(feed, after, filter, hasSessions, () =>
        pauses[taken++ % pauses.length] ? turn() : undefined,
      )
      for (const [i, event] of events.slice(live).entries()) {
        report(feed, [event], last)
        const disturbance = disturbances[i % disturbances.length]
        if (disturbance === 'a reset') feed.reset(event.position)
        if (disturbance === 'an erasure') void feed.invalidate(event.position)
        if (pauses[i % pauses.length]) await turn()
      }
      await told(['ready', ...all(events.slice(from), filter).filter(text => !skipped.includes(text))])
    },
  )
  await fc.assert(cases, { numRuns: 200 })
})

/** A log in which one session starts, makes transitions between the commits of others, and is closed at the end. */
function eventsOfSession(kinds: { isOther: boolean; transitions: number }[]): Event[] {
  let sequence = 0
  const commitOf = (session_id: string, names: string[]): Commit =>
    ({ session_id, mentor_id: 'a', transitions: names.map(event => ({ event, sequence: ++sequence })) }) as never
  const events: Event[] = [{ position: positionOf(1), commit: commitOf('one', ['SessionStarted']) }]
  for (const { isOther, transitions } of kinds) {
    const position = positionOf(events.length + 1)
    if (isOther) events.push({ position, commit: eventsOf([{ mentor_id: 'a', transitions: 1 }])[0]?.commit as Commit })
    else if (transitions === 0) events.push({ position })
    else events.push({ position, commit: commitOf('one', Array(transitions).fill('ResetRequested')) })
  }
  return [...events, { position: positionOf(events.length + 1), commit: commitOf('one', ['SessionClosed']) }]
}

const transitionsOfSession = (events: Event[]) =>
  events.flatMap(({ position, commit }) =>
    commit?.session_id === 'one' ? commit.transitions.map(transition => ({ ...transition, position })) : [],
  )

test("a session's stream gets each transition up to the close once and in order, or cursor_expired", async () => {
  const outcomes = { complete: 0, expired: 0 }
  const cases = fc.asyncProperty(
    fc.array(fc.record({ isOther: fc.boolean(), transitions: fc.integer({ min: 0, max: 3 }) }), { maxLength: 14 }),
    fc.record({
      read: fc.nat(14),
      closing: fc.boolean(),
      after: fc.nat(20),
      commitsPerRead: fc.integer({ min: 1, max: 4 }),
    }),
    fc.array(fc.boolean(), { minLength: 1 }),
    fc.array(fc.constantFrom('nothing', 'a reset', 'an erasure'), { minLength: 1 }),
    async (kinds, { read, closing, after, commitsPerRead }, pauses, disturbances) => {
      const events = eventsOfSession(kinds)
      let made = 0
      const stored = () => transitionsOfSession(events.slice(0, made))
      const transitions = async (_: string, after: number, limit: number): Promise<StoredTransition[] | null> => {
        await turn()
        if (made === events.length) return null
        return stored()
          .filter(({ sequence }) => sequence > after)
          .slice(0, limit)
      }
      const feed = new Feed(storeOf(events, { commitsPerRead, transitions }), quiet, ringSize)
      const last = { position: positionOf(0) }
      feed.reset(last.position)
      const proceed = async (to: number): Promise<void> => {
        while (made < to) {
          const event = events[made++] as Event
          if (pauses[made % pauses.length]) await turn()
          const disturbance = disturbances[made % disturbances.length]
          // The follower of a log that restarts is not told what the log has lost.
          if (disturbance === 'a reset') feed.reset(event.position)
          else report(feed, [event], last)
          last.position = event.position
          if (disturbance === 'an erasure') void feed.invalidate(event.position)
        }
      }
      await proceed(Math.min(read + 1, events.length - 1))
      const head = positionOf(made)
      const from = Math.min(after, stored().length)
      const source = await feed.transitions({
        async read() {
          if (closing) await proceed(events.length)
          return { session_id: 'one' } as Snapshot
        },
        after: from,
      })
      const taken: number[] = []
      const end = new Promise<unknown>(resolve => {
        source.attach({
          take({ transition }) {
            taken.push(transition.sequence)
            return pauses[taken.length % pauses.length] ? turn() : undefined
          },
          end: resolve,
        })
      })
      await proceed(events.length)
      const error = await within(20_000, 'the end', end)
      const expected = transitionsOfSession(events).filter(({ sequence }) => sequence > from)
      outcomes[error ? 'expired' : 'complete']++
      expect(taken).toEqual(expected.slice(0, error ? taken.length : undefined).map(({ sequence }) => sequence))
      if (!error) return
      // Only a transition from before the session was read can be lost.
      expect(error).toMatchObject({ code: 'cursor_expired' })
      expect(expected.slice(taken.length).some(({ position }) => position <= head)).toBe(true)
    },
  )
  await fc.assert(cases, { numRuns: 300 })
  expect(outcomes.complete).toBeGreaterThan(outcomes.expired)
  expect(outcomes.expired).toBeGreaterThan(0)
})

test.each([false, true])(
  'a subscriber that sleeps within a commit of the history gets the rest of it once',
  async hasSessions => {
    const events = eventsOf(['b', 'a', 'b', 'b', 'b', 'b'].map(mentor_id => ({ mentor_id, transitions: 3 })))
    const feed = new Feed(storeOf(events, { commitsPerRead: 10 }), quiet, 1)
    feed.reset(positionOf(0))
    report(feed, events, { position: positionOf(0) })
    // Longer than the time after which the rest of a batch is dropped.
    const after = feedCursorOf(log, { position: positionOf(0), skip: 0 })
    const { told } = listening(feed, after, { mentor_id: 'a' }, hasSessions, () => wait(300))
    await told(['ready', ...all(events, { mentor_id: 'a' })])
  },
)

/** Reads by long polling until it has `count` items. */
async function polled(
  feed: Feed,
  from: string,
  limit: number,
  filter: FeedFilter,
  hasSessions: boolean,
  count: number,
): Promise<string[]> {
  const requester = requesterOf(hasSessions)
  const items: string[] = []
  const over = new AbortController()
  let after = from
  while (items.length < count) {
    let page = await feed.page({ after, limit, filter, requester })
    if (page.items.length === 0)
      page = await feed.longPoll({ after: page.next, limit, filter, begin: () => over.signal, requester })
    for (const item of page.items) requireSession(item, hasSessions)
    expect(page.items.length).toBeLessThanOrEqual(limit)
    items.push(...page.items.map(textOf))
    after = page.next
  }
  return items
}

test('a client that polls with a wait gets everything after any cursor once and in order', async () => {
  const cases = fc.asyncProperty(
    logs,
    filters,
    fc.record({
      live: fc.nat(14),
      start: fc.nat(14),
      limit: fc.integer({ min: 1, max: 4 }),
      hasSessions: fc.boolean(),
    }),
    fc.array(fc.boolean(), { minLength: 1 }),
    async ({ kinds, commitsPerRead }, filter, { live, start, limit, hasSessions }, pauses) => {
      const events = eventsOf(kinds)
      const feed = new Feed(storeOf(events, { commitsPerRead }), quiet, ringSize)
      const last = { position: positionOf(0) }
      feed.reset(last.position)
      report(feed, events.slice(0, live), last)
      const from = Math.min(start, live, events.length)
      const expected = all(events.slice(from), filter)
      const after = feedCursorOf(log, { position: positionOf(from), skip: 0 })
      const polling = polled(feed, after, limit, filter, hasSessions, expected.length)
      for (const [i, event] of events.slice(live).entries()) {
        report(feed, [event], last)
        if (pauses[i % pauses.length]) await turn()
      }
      expect(await polling).toEqual(expected)
    },
  )
  await fc.assert(cases, { numRuns: 200 })
})

test('a wait continues after a page that passed as many commits as it may', async () => {
  const events = eventsOf([
    ...Array(6_000).fill({ mentor_id: 'a', transitions: 1 }),
    { mentor_id: 'a', transitions: 3 },
  ])
  const feed = new Feed(storeOf(events, { commitsPerRead: 10 }), quiet)
  feed.reset(positionOf(0))
  report(feed, events, { position: positionOf(0) })
  const filter: FeedFilter = { events: ['SessionClosed'] }
  const { items, next } = await feed.page({
    after: feedCursorOf(log, { position: positionOf(0), skip: 0 }),
    limit: 10,
    filter,
  })
  expect(items).toEqual([])
  const waited = await feed.longPoll({ after: next, limit: 10, filter, begin: () => new AbortController().signal })
  expect(waited.items.map(textOf)).toEqual(all(events, filter))
})
