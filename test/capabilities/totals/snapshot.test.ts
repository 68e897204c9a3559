import { createHash } from 'node:crypto'
import { deserialize } from 'node:v8'
import fc from 'fast-check'
import { ChunkWriter, checkpointLayout, piecesOf } from '../../../src/capabilities/totals/checkpoint'
import { Projection } from '../../../src/capabilities/totals/projection'
import { Tallies } from '../../../src/capabilities/totals/tallies'
import type { Store } from '../../../src/db/store'
import type { Contribution } from '../../../src/domain/contribution'
import type { Filter } from '../../../src/domain/list-query'
import type { Owner } from '../../../src/domain/session'
import { addMs, minuteMs } from '../../../src/domain/timestamp'
import { noon, quiet } from '../../support/sessions'
import { until } from '../../support/until'
import { storeOf } from './full'

interface Held {
  owner: Owner
  contribution: Contribution
}

const mentors = ['m0', 'm1', 'm2']
const organisations = [null, 'o0', 'o1']
const bounds = { groups: 1_000, sums: 1_000, refillMs: 0 }
const filters: Filter[] = [undefined, ...mentors].flatMap(mentor_id =>
  [undefined, ...organisations].map(organisation_id => ({
    ...(mentor_id !== undefined && { mentor_id }),
    ...(organisation_id !== undefined && { organisation_id }),
  })),
)

const owner = fc.record({ mentor_id: fc.constantFrom(...mentors), organisation_id: fc.constantFrom(...organisations) })
const contribution: fc.Arbitrary<Contribution> = fc
  .record({
    state: fc.constantFrom('initial' as const, 'loaded' as const, 'error' as const),
    currency: fc.constantFrom(null, 'GBP'),
    month: fc.constantFrom('2026-01', '2026-03'),
    cost: fc.nat({ max: 2 ** 50 }),
    minute: fc.nat({ max: 20 }),
  })
  .map(({ state, currency, month, cost, minute }) => ({
    state,
    result: state === 'initial' ? null : { currency, month, held: 1, minutes: 2, cost, value: 3 },
    calculations: [{ minute: addMs(noon, -minute * minuteMs).slice(0, 16), count: 1 }],
  }))
const change = fc.record({
  session: fc.nat({ max: 700 }),
  owner,
  held: fc.option(fc.record({ contribution }), { freq: 4 }),
})
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never

/** The tallies of some sessions. */
class Figures {
  readonly sessions = new Map<number, Held>()

  readonly tallies = new Tallies(() => new Date(noon), bounds)

  change({ session, owner, held }: Change): void {
    const before = this.sessions.get(session)
    const isMoved = before && held && JSON.stringify(before.owner) !== JSON.stringify(owner)
    const present = held ? owner : before?.owner
    if (!present) return
    const former = isMoved ? before.owner : undefined
    this.tallies.change(present, before?.contribution ?? null, held?.contribution ?? null, former)
    if (held) this.sessions.set(session, { ...held, owner })
    else this.sessions.delete(session)
  }

  /** Returns figures of the same sessions, added one by one. */
  recount(): Figures {
    const figures = new Figures()
    for (const [session, { owner, ...held }] of this.sessions) figures.change({ session, owner, held })
    return figures
  }

  said(): unknown {
    const { tallies } = this
    const ofFilter = (filter: Filter): unknown => {
      const tally = tallies.of(filter)
      return (
        tally && [
          ...[tally.count(), { ...tally.statesOf({}) }, sorted(tally.sums()), sorted(tally.month('2026-03'))],
          ...[
            tally.monthsWithResults({}),
            tallies.calculations(tally)?.toSorted((a, b) => (a.minute < b.minute ? -1 : 1)),
          ],
        ]
      )
    }
    const groups = (by: 'mentor_id' | 'organisation_id') => [...tallies.groups(by, {})].map(([id]) => id).sort()
    return {
      groups: [groups('mentor_id'), groups('organisation_id')],
      figures: filters.map(ofFilter),
    }
  }
}

const sorted = (sums: Map<string | null, unknown>): unknown[] =>
  [...sums].sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1))

async function restored(writer: ChunkWriter): Promise<Figures> {
  const figures = new Figures()
  while (writer.bytes > 0) {
    for (const [row, content] of await piecesOf(await writer.take())) figures.tallies.restore(row, content)
  }
  return figures
}

test('a snapshot has everything as of its beginning, whatever changes between its steps and after it is restored', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 900, size: 'max' }),
      fc.array(fc.oneof(change, fc.nat({ max: 4 })), { maxLength: 60, size: 'max' }),
      fc.array(change, { maxLength: 60, size: 'max' }),
      async (before, during, after) => {
        const figures = new Figures()
        for (const one of before) figures.change(one)
        const expected = figures.recount()
        const sizes = figures.tallies.size

        const writer = new ChunkWriter()
        const steps = figures.tallies.snapshot(writer.add)
        const step = (): boolean => !steps.next().done
        for (const one of during) {
          if (typeof one === 'number') for (let i = 0; i < one; i++) step()
          else figures.change(one)
        }
        while (step());
        figures.tallies.endSnapshot()
        expect(figures.said()).toEqual(figures.recount().said())

        const from = await restored(writer)
        expect(from.tallies.size).toEqual(sizes)
        for (const [session, held] of expected.sessions) from.sessions.set(session, held)
        const again = new ChunkWriter()
        // A piece that was never used is also part of the next snapshot.
        const remaining = from.tallies.snapshot(again.add)
        while (!remaining.next().done);
        from.tallies.endSnapshot()
        expect((await restored(again)).said()).toEqual(expected.said())
        for (const one of after) {
          from.change(one)
          expected.change(one)
        }
        expect(from.said()).toEqual(expected.recount().said())
      },
    ),
    { numRuns: 60 },
  ))

test('a snapshot begins only when the log has passed everything that was read', async () => {
  const { totals } = storeOf({ count: 1, mentorOf: () => 'm' })
  // As on MongoDB: the log is at the time of the read, but has not reported a commit of that time yet.
  const contributions: typeof totals.contributions = async (...of) => ({
    ...(await totals.contributions(...of)),
    position: '1G',
  })
  const store = { totals: { contributions, readCheckpoint: async () => null } } as unknown as Store
  const projection = new Projection({ store, log: quiet, clock: () => new Date(noon), bounds, changed() {} })
  projection.reset('12')
  await until(() => projection.state === 'kept', 20_000, 'the totals')
  expect(projection.snapshot(() => {})).toBeUndefined()
  projection.advance('2')
  expect(projection.snapshot(() => {})?.position).toBe('2')
  projection.end()
})

test('the pieces of the same sessions have the same content, unless `pieceVersion` was raised', async () => {
  const figures = new Figures()
  for (let session = 0; session < 40; session++) {
    const owner = {
      mentor_id: mentors[session % 3] as string,
      organisation_id: organisations[session % 2] as string | null,
    }
    const [currency, month, minute] = [
      session % 4 ? 'GBP' : null,
      `2026-0${1 + (session % 3)}`,
      `2026-03-26T11:5${session % 10}`,
    ]
    const result = { currency, month, held: session, minutes: 2 * session, cost: 2 ** 50 + session, value: 3 * session }
    const contribution: Contribution = {
      state: session % 5 ? 'loaded' : 'error',
      result: session % 7 ? result : null,
      calculations: [{ minute, count: 1 }],
    }
    figures.change({ session, owner, held: { contribution } })
  }
  const writer = new ChunkWriter()
  const steps = figures.tallies.snapshot(writer.add)
  while (!steps.next().done);
  const pieces = await piecesOf(await writer.take())
  const contents = pieces.map(([row, content]) => [row, content.length > 0 ? deserialize(content) : null])
  const text = JSON.stringify(contents, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16)
  // If only the digest differs, raise `pieceVersion`, and then record both.
  const [version] = JSON.parse(checkpointLayout([]))
  expect({ version, digest }).toEqual({ version: 2, digest: '95a0f45cf44b337a' })
})
