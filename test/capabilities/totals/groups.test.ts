import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import {
  type GroupPosition,
  GroupSelection,
  groupCursorOf,
  groupPositionOf,
  type SelectionRequest,
} from '../../../src/capabilities/totals/groups'
import {
  type Amounts,
  type Group,
  type GroupOrder,
  groupFields,
  groupOf,
  noSums,
  type SumsByCurrency,
} from '../../../src/capabilities/totals/model'
import { DomainError } from '../../../src/domain/errors'
import { ListCursors } from '../../../src/sessions/list-cursors'

interface Offered {
  id: string | null
  sessions: number
  sums: SumsByCurrency
}

const byId: GroupOrder = { by: 'id', descending: false, currency: null }
const cursors = new ListCursors({ secret: randomBytes(32) })

function pageOf(offered: Offered[], asked: Partial<SelectionRequest> = {}) {
  const selection = new GroupSelection({ order: byId, first: 100, ...asked })
  for (const { id, sessions, sums } of offered) if (selection.matches(id)) selection.offer(id, sessions, () => sums)
  return selection.page()
}

const named = (id: string | null): Offered => ({ id, sessions: 1, sums: new Map() })

const idsOf = ({ edges }: ReturnType<typeof pageOf>): (string | null)[] => edges.map(({ node }) => node.id)

const currency = fc.constantFrom(null, 'GBP', 'JPY')
const hundredths = fc.oneof(fc.constant(0n), fc.bigInt(1n, 400n), fc.bigInt(1n, 10n ** 12n))
const sums = fc.record({
  results: fc.integer({ min: 0, max: 3 }),
  held: fc.bigInt(0n, 5n),
  minutes: hundredths,
  cost: hundredths,
  value: hundredths,
})
const groups = fc.uniqueArray(
  fc.record({
    id: fc.option(fc.string({ minLength: 1, maxLength: 2 })),
    sessions: fc.integer({ min: 1, max: 3 }),
    sums: fc.array(fc.tuple(currency, sums)).map(entries => new Map(entries)),
  }),
  { selector: ({ id }) => id, maxLength: 12 },
)
const order = fc.record({ by: fc.constantFrom(...groupFields), descending: fc.boolean(), currency })

/** Returns the figure by which groups are sorted, as shown. Null without a figure. */
function shown({ by, currency }: GroupOrder, group: Group): number | string | null {
  if (by === 'id' || by === 'sessions' || by === 'results') return group[by]
  const amounts = group.amounts.find(amounts => amounts.currency === currency)
  return amounts?.[by satisfies keyof Amounts] ?? null
}

/** Sorts by the shown figure, nulls last, ties by id. */
function sorted(order: GroupOrder, offered: Offered[]): (string | null)[] {
  const compare = (a: number | string | null, b: number | string | null, sign: number): number =>
    a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -sign : sign
  return offered
    .map(({ id, sessions, sums }) => groupOf(id, sessions, sums))
    .sort((a, b) => compare(shown(order, a), shown(order, b), order.descending ? -1 : 1) || compare(a.id, b.id, 1))
    .map(({ id }) => id)
}

test('groups are sorted by their shown figures, page by page, in whatever order they arrive', () => {
  fc.assert(
    fc.property(groups, order, fc.integer({ min: 1, max: 5 }), (offered, order, first) => {
      const seen: (string | null)[] = []
      for (let after: GroupPosition | undefined, more = true; more; ) {
        const page = pageOf(offered, { order, first, after })
        expect(page.total).toBe(offered.length)
        expect(page.edges.length).toBeLessThanOrEqual(first)
        seen.push(...idsOf(page))
        after = page.edges.at(-1)?.position
        more = page.hasNext
      }
      expect(seen).toEqual(sorted(order, offered))
    }),
    { numRuns: 500 },
  )
})

test('amounts beyond the precision of numbers are still sorted', () => {
  const large = 10n ** 30n
  const offered = [2n, 0n, 1n].map(more => ({
    id: String(more),
    sessions: 1,
    sums: new Map([[null, { ...noSums, results: 1, value: large + more, cost: 1n }]]),
  }))
  const by = { by: 'time_value', descending: true, currency: null } as const
  expect(idsOf(pageOf(offered, { order: by }))).toEqual(['2', '1', '0'])
  const { edges } = pageOf(offered, { order: by, first: 1 })
  expect(idsOf(pageOf(offered, { order: by, after: edges[0]?.position }))).toEqual(['1', '0'])
})

test.each([
  ['an', ['Anna', 'anton']],
  ['ÄR', ['Ärger', 'ärmel']],
  ['straß', ['STRASSE', 'Straße']],
  ['ΟΔΟΣ', ['οδοσα', 'οδος']],
  ['οδος', ['οδοσα', 'οδος']],
  ['.', []],
  ['nul', []],
])('a name is found by its beginning %s', (search, expected) => {
  const names = ['STRASSE', 'Anna', 'anton', 'bAnd', 'Ärger', 'ärmel', 'Straße', 'οδος', 'οδοσα', null]
  expect(idsOf(pageOf(names.map(named), { search })).sort()).toEqual(expected.toSorted())
})

test('a cursor works after its group is gone, and new groups after it are returned', () => {
  const { edges } = pageOf(['a', 'c', 'e'].map(named), { first: 2 })
  expect(idsOf(pageOf(['b', 'd', 'e', 'f'].map(named), { after: edges[1]?.position }))).toEqual(['d', 'e', 'f'])
})

test.each([
  ['of another field', { by: 'sessions', descending: false, currency: null }],
  ['of the other direction', { by: 'id', descending: true, currency: null }],
  ['of another currency', { by: 'id', descending: false, currency: 'GBP' }],
] as const)('a cursor %s is refused', (_, order) => {
  const cursor = groupCursorOf(cursors, 'mentor_id', order, { key: 0n, id: 'a' })
  expect(groupPositionOf(cursors, 'mentor_id', order, cursor)).toEqual({ key: 0n, id: 'a' })
  expect(() => groupPositionOf(cursors, 'mentor_id', byId, cursor)).toThrow(DomainError)
})

const encoded = (...members: unknown[]): string => cursors.encode('mentor_id', members)
const usual = ['id', false, null]

test.each([
  '',
  'x',
  'é',
  '9'.repeat(5_000),
  encoded(),
  cursors.encode('organisation_id', [usual, '0', 'a']),
  Buffer.from(JSON.stringify([usual, '0', 'a'])).toString('base64url'),
  Buffer.from('null').toString('base64url'),
  encoded(usual),
  encoded(usual, 0, 'a'),
  encoded(usual, '0x1', 'a'),
  encoded(usual, '1'.repeat(61), 'a'),
  encoded(usual, '0', 7),
  encoded(usual, '0', {}),
])('%j is not a cursor', after => {
  expect(() => groupPositionOf(cursors, 'mentor_id', byId, after)).toThrow(
    new DomainError('invalid_cursor', {
      errors: [{ detail: 'is not a cursor of this list in this order: start again without it', parameter: 'after' }],
    }),
  )
})
