import { compareSortKeys, type SortKey } from '../../src/domain/sort-key'
import { figures, storeInManyOrders } from '../db/every-kind'
import { subscribe } from '../support/follow'
import { query } from '../support/interfaces'
import { serving } from '../support/server'
import { overStores } from '../support/stores'
import { until } from '../support/until'

type Key = SortKey['key']

const page = `query ($orderBy: SessionOrder) { sessions(orderBy: $orderBy, first: 50) {
  edges { orderKey node { id orderKey(orderBy: $orderBy) } } } }`
const feed = `subscription ($orderBy: SessionOrder) { feed { ... on FeedTransition { transition { session {
  id version orderKey(orderBy: $orderBy) } } } } }`

const orders = [
  ...['CREATED', 'UPDATED', 'MENTOR', 'LABEL', 'PERIOD', 'TOTAL_HOURS', 'BENEFIT_COST_RATIO'].map(by => ({ by })),
  ...['PROGRAMME_COST', 'TIME_VALUE', 'NET_BENEFIT'].map(by => ({ by, currency: 'GBP' })),
].flatMap(order => [true, false].map(descending => ({ ...order, descending })))

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)

  beforeAll(async () => {
    await storeInManyOrders(server.store, 12)
  })

  const read = async (orderBy: object): Promise<{ orderKey: Key; node: { id: string; orderKey: Key } }[]> => {
    const { data, errors } = await query(server, page, { orderBy })
    expect(errors).toBeUndefined()
    const sessions = data?.sessions as unknown as { edges: Awaited<ReturnType<typeof read>> }
    return sessions.edges
  }

  test.each(orders)('a list in the order $by, descending $descending, is sorted by its order keys', async order => {
    const edges = await read(order)
    expect(edges.map(({ orderKey }) => orderKey)).toEqual(edges.map(({ node }) => node.orderKey))
    const places = edges.map(({ orderKey, node }) => ({ key: orderKey, session_id: node.id }))
    expect(places).toEqual(places.toSorted(compareSortKeys(order)))
    expect(new Set(places.map(({ key }) => key)).size).toBeGreaterThan(1)
  })

  test.each(['CREATED', 'UPDATED', 'LABEL', 'TIME_VALUE'])(
    'the feed shows the same order key by %s as the list',
    async by => {
      const orderBy = { by, currency: 'GBP' }
      interface Told {
        feed: { transition?: { session: { id: string; version: number; orderKey: Key } } }
      }
      const told = subscribe<Told>(server.url, feed, { orderBy })
      try {
        await until(() => told.results.length > 0, 60_000, 'the feed to be ready')
        const { session } = await server.sessions.start({ mentor_id: 'm1' })
        await server.sessions.dispatch(session.session_id, figures({ label: 'Last', currency: 'GBP' }))
        await server.sessions.dispatch(session.session_id, { event: 'ShareRequested' })
        await until(() => told.results.length > 4, 60_000, 'four transitions')
        const last = told.results.at(-1)?.feed.transition?.session
        const edge = (await read(orderBy)).find(({ node }) => node.id === session.session_id)
        expect(last).toEqual({ id: session.session_id, version: 4, orderKey: edge?.orderKey })
      } finally {
        told.leave()
      }
    },
  )
})
