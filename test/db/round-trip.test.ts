import fc from 'fast-check'
import type { OtherOrder, Store, Write } from '../../src/db/store'
import { type Inputs, inputsSchema } from '../../src/domain/calculator'
import { type Commit, commitMatches, commitOf } from '../../src/domain/commit'
import { close } from '../../src/domain/decide'
import { figureLimits } from '../../src/domain/limits'
import { sessionOrderFields, sortKeyOf } from '../../src/domain/order'
import {
  type Command,
  contributionOf,
  evolve,
  isLive,
  ownerOf,
  type Result,
  type Session,
  type StoredTransition,
  signedBy,
  withoutHistory,
} from '../../src/domain/session'
import { calculate } from '../../src/domain/time-value'
import { addMs, minuteMs } from '../../src/domain/timestamp'
import { capabilities } from '../capabilities'
import { plainCommands } from '../support/example-commands'
import { changing, failing, idempotencyRecordOf, noon, revoking, starting } from '../support/sessions'
import { gathered, logOf, overStores, suiteDatabase } from '../support/stores'
import { until } from '../support/until'

const figure = ({ maximum, decimals }: { maximum: number; decimals: number }) =>
  fc.oneof(
    fc.constantFrom(0, 1, maximum),
    fc.integer({ min: 0, max: maximum * 10 ** decimals }).map(units => units / 10 ** decimals),
  )
const day = fc.integer({ min: 1, max: 28 }).map(date => `2026-02-${String(date).padStart(2, '0')}`)

const anyInputs: fc.Arbitrary<Inputs> = fc
  .record({
    sessions: figure({ ...figureLimits.sessions, decimals: 0 }),
    avg_minutes: figure(figureLimits.avg_minutes),
    cost_per_session: figure(figureLimits.cost_per_session),
    cost_per_hour: figure(figureLimits.cost_per_hour),
    label: fc.option(fc.constantFrom('a label', '☕', '$dollars.and.dots', '0')),
    currency: fc.option(fc.constantFrom('GBP', 'JPY')),
    period: fc.option(
      fc
        .tuple(day, day)
        .map(days => days.toSorted())
        .map(([from, to]) => ({ from, to })),
    ),
    value_source: fc.option(fc.constantFrom('a source', '$source')),
    note: fc.option(fc.constantFrom('a note', '☕\n$dollars.and.dots')),
    range: fc.option(fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), more: fc.nat({ max: 10 }) })),
  })
  .map(({ range, ...inputs }) => {
    if (!range) return inputs
    const low = Math.floor(inputs.cost_per_hour * range.share)
    const high = Math.min(Math.ceil(inputs.cost_per_hour) + range.more, figureLimits.cost_per_hour.maximum)
    return { ...inputs, cost_per_hour_range: { low, high } }
  })
  .map(inputs => inputsSchema.parse(inputs))

/** A command, or the revocation of the share link at a position. */
const anyCommand: fc.Arbitrary<Command | number> = fc.oneof(
  { weight: 3, arbitrary: anyInputs.map(payload => ({ event: 'CalculateRequested' as const, payload })) },
  { weight: 2, arbitrary: fc.constantFrom(...plainCommands) },
  {
    weight: 1,
    arbitrary: fc
      .record({ expires_in_days: fc.constantFrom(1, 30, 365, null), show_organisation: fc.option(fc.boolean()) })
      .map(payload => ({ event: 'ShareRequested', payload }) as const),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ mentor_id: fc.constantFrom('m', 'n'), organisation_id: fc.constantFrom(null, 'o', 'p') })
      .map(payload => ({ event: 'ReassignRequested', payload }) as const),
  },
  { weight: 1, arbitrary: fc.nat({ max: 2 }) },
)

const anySteps = fc.array(
  fc.record({
    command: anyCommand,
    minutes: fc.constantFrom(0, 0.5, 1, 29, 31),
    works: fc.constantFrom(true, true, false),
    by: fc.option(fc.constantFrom('ann', 'bob ☕'), { nil: undefined }),
  }),
  { maxLength: 12 },
)
type Steps = typeof anySteps extends fc.Arbitrary<infer S> ? S : never

/** What a store was told about one session. */
interface Told {
  writes: Write[]
  transitions: StoredTransition[]
  results: Result[]
  commits: Commit[]
}

/** The mentors of each session are its own. */
const ofPlace = (command: Command, { mentor_id }: Session): Command =>
  command.event === 'ReassignRequested'
    ? { ...command, payload: { ...command.payload, mentor_id: `${mentor_id} ${command.payload.mentor_id}` } }
    : command

/** Returns the transitions with their owners. */
function transitionsOf(writes: Write[]): StoredTransition[] {
  const { session: now } = writes.at(-1) as Write
  return writes.flatMap(({ session, changes }) =>
    changes.map(({ transition }) => ({ ...transition, owners: { past: ownerOf(session), present: ownerOf(now) } })),
  )
}

/** Starts a session, and makes the steps that its states accept. */
async function store(place: Store, steps: Steps, organisation_id: string | null): Promise<Told> {
  const start = starting({ organisation_id, mentor_id: `mentor of ${crypto.randomUUID()}` })
  expect(await place.sessions.add(start)).toBe(true)
  const writes = [start]
  let at = noon
  for (const { command, minutes, works, by } of steps) {
    const { session } = writes.at(-1) as Write
    at = addMs(at, minutes * minuteMs)
    const write = accepted(() =>
      typeof command === 'number'
        ? revoking(session, String(session.shares[command]?.token), at)
        : changing(session, ofPlace(command, start.session), at, works ? calculate : failing),
    )
    if (!write || write.changes.length === 0) continue
    write.changes = signedBy(write.changes, by)
    write.idempotency = idempotencyRecordOf(write, `key ${writes.length}`)
    expect(await place.sessions.save(write, session.version)).toBe(true)
    writes.push(write)
  }
  return {
    writes,
    transitions: transitionsOf(writes),
    results: writes.flatMap(({ changes }) => changes.flatMap(({ result }) => result ?? [])).reverse(),
    commits: writes.map(({ session, changes, before }) => commitOf(session, changes, before)),
  }
}

function accepted<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

/** Compares what an interface would send, so also the order of the members and the text of the numbers. */
const sameText = (found: unknown, expected: unknown): void => {
  expect(found).toStrictEqual(expected)
  expect(JSON.stringify(found)).toBe(JSON.stringify(expected))
}

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)

  test('every read of a session returns what the commands made of it', async () => {
    const { store: stored } = database
    const log = await logOf(stored)
    await fc.assert(
      fc.asyncProperty(anySteps, fc.constantFrom(null, 'an organisation'), async (steps, organisation_id) => {
        const told = await store(stored, steps, organisation_id)
        const { writes, transitions, results } = told
        const { session } = writes.at(-1) as Write
        const { session_id, mentor_id, result } = session
        const filter = { mentor_id }
        const snapshot = withoutHistory(session)

        expect(await stored.sessions.read(session_id)).toStrictEqual(session)
        sameText(await stored.sessions.snapshot(session_id), snapshot)
        sameText(await stored.sessions.withResult(session_id), { ...snapshot, result })
        sameText(await stored.sessions.results(session_id), results)
        for (const one of results) sameText(await stored.sessions.result(session_id, one.result_id), one)
        for (let after = 0; after <= transitions.length; after++) {
          sameText(await stored.sessions.transitions(session_id, after, 3), transitions.slice(after, after + 3))
        }
        sameText(await stored.sessions.transitions(session_id, 0, 1_000), transitions)
        for (const { idempotency } of writes) {
          if (!idempotency) continue
          const record = { ...idempotency, session: { ...idempotency.session, ...ownerOf(session) } }
          expect(await stored.sessions.idempotencyRecord(session_id, idempotency.key, noon)).toEqual(record)
        }

        sameText(
          await stored.sessions.shares(session_id),
          session.shares.filter(share => !share.revoked),
        )
        for (const share of session.shares.filter(one => isLive(one, noon))) {
          const shared = results.find(one => one.result_id === share.result_id)
          const superseded = results[0]?.result_id !== share.result_id
          expect(await stored.sessions.shared(share.token)).toStrictEqual({
            share,
            result: shared,
            organisation_id: snapshot.organisation_id,
            superseded,
          })
        }

        sameText(await stored.lists.list(filter, { limit: 9, offset: 0 }), [snapshot])
        for (const by of sessionOrderFields) {
          for (const currency of [null, 'GBP']) {
            if (by === 'created_at') continue
            const order: OtherOrder = { by, descending: true, currency }
            const page = await stored.lists.sorted(filter, order, { limit: 9 })
            expect(page).toEqual({ sessions: [{ ...sortKeyOf(order, session), session: snapshot }], more: false })
          }
        }
        const exported = await gathered(stored.export(filter, new AbortController().signal))
        sameText(exported.flat(), [{ ...snapshot, result }])

        for (const { checkStored } of capabilities) await checkStored?.(stored, session, filter)

        const contribution = contributionOf(session)
        const closed = close(session, session.updated_at)
        const last = { session: closed.reduce(evolve, session), changes: closed, before: contribution }
        expect(await stored.sessions.close(last, session.version)).toBe(true)
        const commits = [...told.commits, commitOf(last.session, last.changes, last.before)]
        const ofSession = () => log.filter(({ commit }) => commit.session_id === session_id)
        await until(() => ofSession().length === commits.length, 60_000, 'the commits')
        sameText(
          ofSession().map(({ commit }) => commit),
          commits,
        )
        const position = ofSession()[0]?.before as string
        const { entries } = await stored.log.history(position, 100, filter)
        expect(entries.map(({ commit }) => commit)).toEqual(commits.filter(commit => commitMatches(filter, commit)))
      }),
      { numRuns: 30, examples: [[[], null]] },
    )
  }, 120_000)
})
