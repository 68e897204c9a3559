import type { Document } from 'mongodb'
import type { Filter } from '../../../src/domain/list-query'
import { isAmount, type SessionOrderField } from '../../../src/domain/order'
import { filterCombinations } from '../../support/filters'
import { noon } from '../../support/sessions'
import { describeMongo, gathered, mongoDatabase, suiteDatabase } from '../../support/stores'
import { addManyDocuments, age } from './many-documents'

const size = 4_000
/** Orders by a text, a time and an amount. MongoDB reads the others in the same way. */
const orders = ['label', 'updated_at', 'net_benefit'] as const satisfies SessionOrderField[]
const limit = 20

/** The session with the number 5 matches the first value of each member. */
const filters = filterCombinations({
  mentor_id: ['mentor_5'],
  organisation_id: ['organisation_5', null],
  external_id: ['external_2'],
  state: ['loaded'],
  months: [{ from: '2026-03', to: '2026-03' }, { from: '2026-03' }, { to: '2026-02' }],
})

interface Read {
  kind: 'list' | 'count' | 'export' | 'links' | 'sorted'
  filter: Filter
  title: string
  /** Reads, and returns the number of items that were read. */
  run(): Promise<number>
}

interface Cost {
  keysExamined: number
  docsExamined: number
}

/** Reads that examine more than twice what they return, plus a page. */
interface Exception {
  reason: string
  applies(read: Read): boolean
  /** Returns the filter of the sessions whose keys are examined. */
  keys(filter: Filter): Filter
  /** Returns the filter of the sessions whose documents are examined. The default is the sessions that are returned. */
  docs?(filter: Filter): Filter
}

const isOfAll = ({ mentor_id, organisation_id, external_id }: Filter): boolean =>
  mentor_id === undefined && organisation_id === undefined && external_id === undefined

const without = (filter: Filter, ...names: (keyof Filter)[]): Filter =>
  Object.fromEntries(Object.entries(filter).filter(([name]) => !names.includes(name as keyof Filter)))

const ofMentor = (filter: Filter): Filter => without(filter, 'organisation_id', 'months')
const ofAnyMonth = (filter: Filter): Filter => without(filter, 'months')

const exceptions: Exception[] = [
  {
    reason: 'no index is in this order: a sorted page reads the keys of all matching sessions',
    applies: ({ kind, filter }) => kind === 'sorted' && filter.mentor_id === undefined && !filter.months,
    keys: filter => filter,
  },
  {
    reason: 'the index by mentor lacks the organisation, the month and the sort keys',
    applies: ({ filter }) => filter.mentor_id !== undefined && filter.external_id === undefined,
    keys: ofMentor,
    docs: ofMentor,
  },
  {
    reason: 'the index by organisation lacks the month',
    applies: ({ filter }) => !isOfAll(filter) && filter.external_id === undefined && filter.months !== undefined,
    keys: ofAnyMonth,
    docs: ofAnyMonth,
  },
  {
    reason: 'the index in list order has the month as its last field',
    applies: ({ kind, filter }) => kind !== 'sorted' && isOfAll(filter) && filter.months !== undefined,
    keys: ofAnyMonth,
  },
  {
    reason: 'the index with the month lacks the sort keys',
    applies: ({ kind, filter }) => kind === 'sorted' && isOfAll(filter) && filter.months !== undefined,
    keys: ofAnyMonth,
    docs: filter => filter,
  },
]

describeMongo('MongoDB', () => {
  const database = suiteDatabase(mongoDatabase)
  beforeAll(() => addManyDocuments(database.store, size))

  async function readsOf(filter: Filter): Promise<Read[]> {
    const { store } = database
    const { lists } = store
    const reads: Read[] = []
    const add = (kind: Read['kind'], run: Read['run'], details: unknown = ''): void => {
      reads.push({ kind, filter, title: `${kind} ${JSON.stringify(details)} of ${JSON.stringify(filter)}`, run })
    }
    const middle = { created_at: age(size / 2), session_id: `session_${size / 2}` }
    for (const page of [{}, { fromEnd: true }, { after: middle }, { after: middle, fromEnd: true }])
      add('list', async () => (await lists.list(filter, { limit, ...page })).length, page)
    add('count', () => lists.count(filter))
    add('export', async () => (await gathered(store.export(filter, new AbortController().signal))).flat().length)
    add('links', async () => (await lists.sharedLinks(filter, noon, { limit })).length)
    for (const by of orders) {
      for (const descending of [true, false]) {
        const order = { by, descending, currency: isAmount(by) ? 'GBP' : null }
        const { sessions, more } = await lists.sorted(filter, order, { limit })
        for (const after of more ? [undefined, sessions.at(-1)] : [undefined])
          add('sorted', async () => (await lists.sorted(filter, order, { limit, after })).sessions.length, [
            order,
            after && 'after',
          ])
      }
    }
    return reads
  }

  /** Runs reads in turn. Returns what MongoDB examined for each, and the number of items that each returned. */
  async function costsOf(reads: Read[]): Promise<(Cost & { read: Read; returned: number })[]> {
    const { db } = database.store
    const profile = await db.createCollection('system.profile', { capped: true, size: 64 * 1024 * 1024 })
    await db.command({ profile: 2 })
    const costs = []
    for (const [i, read] of reads.entries()) {
      await db.collection('marks').findOne({ i })
      costs.push({ read, returned: await read.run(), keysExamined: 0, docsExamined: 0 })
    }
    await db.command({ profile: 0 })
    let current: Cost | undefined
    for (const { ns, command, keysExamined = 0, docsExamined = 0 } of await profile.find<Document>({}).toArray()) {
      if (ns.endsWith('.marks')) current = costs[command.filter.i]
      else if (ns.endsWith('.sessions') && current) {
        current.keysExamined += keysExamined
        current.docsExamined += docsExamined
      }
    }
    await profile.drop()
    return costs
  }

  /** Returns the first exception that explains the cost of a read. */
  async function explained(read: Read, returned: number, cost: Cost): Promise<Exception | undefined> {
    const { lists } = database.store
    for (const exception of exceptions.filter(({ applies }) => applies(read))) {
      const { keys, docs } = exception
      // A sorted page reads up to three ranges: two of the sessions that follow a sort key, and one of those without a
      // key. It also reads each session on the page. MongoDB examines a key wherever it skips to the next range.
      const most = async (examined: Filter) =>
        (read.kind === 'sorted' ? 3 : 2) * (await lists.count(examined)) + 3 * limit
      const mostDocs = docs ? await most(docs(read.filter)) : 2 * returned + limit
      if (cost.keysExamined <= (await most(keys(read.filter))) && cost.docsExamined <= mostDocs) return exception
    }
    return undefined
  }

  test('every read examines at most twice the sessions that it returns, plus a page, except for known reasons', async () => {
    const needed = new Set<Exception>()
    const unexplained: object[] = []
    for (const filter of filters) {
      for (const { read, returned, ...cost } of await costsOf(await readsOf(filter))) {
        if (Math.max(cost.keysExamined, cost.docsExamined) <= 2 * returned + limit) continue
        const exception = await explained(read, returned, cost)
        if (exception) needed.add(exception)
        else unexplained.push({ read: read.title, returned, ...cost })
      }
    }
    expect(unexplained).toEqual([])
    expect(exceptions.filter(exception => !needed.has(exception))).toEqual([])
  })
})
