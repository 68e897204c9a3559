import type { ListPage, Store } from '../../src/db/store'
import type { Filter } from '../../src/domain/list-query'
import type { Session } from '../../src/domain/session'
import { addMs } from '../../src/domain/timestamp'
import { deepOffset, deepReadsOfPrincipal, deepReadsWaiting } from '../../src/sessions/session-queries'
import { selects } from '../support/filters'
import { intercepting } from '../support/intercepting'
import { base } from '../support/interfaces'
import { client, problem } from '../support/rest'
import { type Server, serving } from '../support/server'
import { calculation, changing, closing, noon, starting } from '../support/sessions'
import { overStores } from '../support/stores'
import { until } from '../support/until'

const count = 2_500
const limit = 100

interface List {
  data: { session_id: string }[]
  pagination: { page: number; limit: number; total: number }
}

const isDeep = (page: ListPage): boolean => 'offset' in page && page.offset >= deepOffset

overStores(({ newDatabase }) => {
  /** Pages that the server requested from its store. */
  const asked: ListPage[] = []
  /** Runs after the total is known and before the page is read. */
  let meanwhile: (() => Promise<unknown>) | undefined
  let held: Promise<void> | undefined
  let [running, most] = [0, 0]
  const server = serving(newDatabase, {
    store: opened =>
      intercepting<Store>(opened, {
        lists: {
          async list(filter, page) {
            asked.push(page)
            await meanwhile?.()
            meanwhile = undefined
            if (!isDeep(page)) return opened.lists.list(filter, page)
            most = Math.max(most, ++running)
            await held
            return opened.lists.list(filter, page).finally(() => running--)
          },
        },
      }),
  })
  const { get } = client(server)
  const list = async (query: string): Promise<List> => JSON.parse((await get(`${base}?limit=${limit}&${query}`)).text)
  const ids = ({ data }: List): string[] => data.map(({ session_id }) => session_id)

  let newestFirst: Session[]

  /** Creates sessions, nearly all of one mentor, in one organisation and with a result. */
  async function fill({ store }: Server): Promise<void> {
    const add = async (i: number) => {
      const who = {
        session_id: `s${(i * 37) % count}`,
        mentor_id: i % 20 === 0 ? 'other' : 'm',
        organisation_id: i % 20 === 1 ? null : 'o',
      }
      // Four sessions share each millisecond.
      const write = starting(who, addMs(noon, Math.floor(i / 4)))
      await store.sessions.add(write)
      const loading = i % 20 === 2 ? undefined : changing(write.session, calculation(i))
      if (loading) await store.sessions.save(loading, write.session.version)
      return (loading ?? write).session
    }
    const all = await Promise.all(Array.from({ length: count }, (_, i) => add(i)))
    const key = (session: Session): string => `${session.created_at} ${session.session_id}`
    await until(async () => (await server.queries.count({})) === count, 60_000, 'the total')
    newestFirst = all.sort((a, b) => (key(a) < key(b) ? 1 : -1))
  }
  beforeAll(() => fill(server))
  beforeEach(() => asked.splice(0))

  test.each<Filter>([
    {},
    { mentor_id: 'm' },
    { organisation_id: 'o' },
    { state: 'loaded' },
    { mentor_id: 'm', organisation_id: 'o' },
    { mentor_id: 'm', state: 'loaded' },
    { organisation_id: 'o', state: 'loaded' },
    { mentor_id: 'm', organisation_id: 'o', state: 'loaded' },
    { months: { from: '2026-03' } },
    { months: { from: '2026-03', to: '2026-04' }, organisation_id: 'o' },
    { months: { to: '2026-03' }, mentor_id: 'm' },
  ])('the pages of %j hold every selected session, read from either end', async filter => {
    const selected = newestFirst.filter(session => selects(filter, session)).map(({ session_id }) => session_id)
    const { months, ...rest } = filter
    const query = new URLSearchParams({ ...rest, ...months } as Record<string, string>)
    const pages = Math.ceil(selected.length / limit)
    const found = await Promise.all(Array.from({ length: pages }, (_, i) => list(`${query}&page=${i + 1}`)))
    expect(found.flatMap(ids)).toEqual(selected)
    for (const { pagination } of found) expect(pagination.total).toBe(selected.length)
    expect(selected.length).toBeGreaterThan(2 * deepOffset)
    expect(new Set(asked.map(page => 'fromEnd' in page))).toEqual(new Set([true, false]))
    expect(Math.max(...asked.map(page => ('offset' in page ? page.offset : 0)))).toBeLessThan(selected.length / 2)
  })

  test('a page past the end is empty with the right total, and causes no read', async () => {
    for (const page of [26, 27, 2_147_483_648, Number.MAX_SAFE_INTEGER]) {
      expect(await list(`page=${page}`)).toEqual({ data: [], pagination: { page, limit, total: count } })
    }
    expect(asked).toEqual([])
  })

  test('a few deep pages are read at once, pages past a bound are refused, and other requests do not wait', async () => {
    let free = (): void => {}
    held = new Promise(resolve => {
      free = resolve
    })
    most = 0
    const mostServed = deepReadsOfPrincipal + deepReadsWaiting
    // A page with another limit is a different page.
    const distinct = Array.from(
      { length: mostServed },
      (_, i) => `limit=${100 - i}&page=${Math.ceil(1_250 / (100 - i))}`,
    )
    const answers = distinct.map(query => get(`${base}?${query}`))
    const repeated = distinct.slice(-5).map(query => get(`${base}?${query}`))
    await until(() => running === deepReadsOfPrincipal, 60_000, 'deep reads')
    const refused = await get(`${base}?limit=10&page=120`)
    expect(problem(refused)).toMatchObject({ status: 503, code: 'unavailable' })
    expect(refused.headers['retry-after']).toBe('2')
    for (const path of [
      '/healthz',
      '/readyz',
      `${base}/s7`,
      base,
      `${base}?limit=10&page=50`,
      `${base}?limit=10&page=250`,
    ]) {
      expect((await get(path)).status).toBe(200)
    }
    expect(running).toBe(deepReadsOfPrincipal)
    free()
    for (const [i, { status, text }] of (await Promise.all(answers)).entries()) {
      expect(status).toBe(200)
      const { data, pagination } = JSON.parse(text) as List
      const from = (pagination.page - 1) * pagination.limit
      expect(data.map(({ session_id }) => session_id)).toEqual(
        newestFirst.slice(from, from + (100 - i)).map(({ session_id }) => session_id),
      )
    }
    for (const { status } of await Promise.all(repeated)) expect(status).toBe(200)
    expect(most).toBe(deepReadsOfPrincipal)
  })

  test('sessions closed before a page is read from the end shift it by their number, and started ones do not shift it', async () => {
    const { store } = server
    const between = (from: number, to: number) => newestFirst.slice(from, to).map(({ session_id }) => session_id)
    meanwhile = () =>
      Promise.all(newestFirst.slice(-7).map(session => store.sessions.close(closing(session), session.version)))
    expect(ids(await list('page=25'))).toEqual(between(2_393, 2_493))

    await until(async () => (await list('')).pagination.total === count - 7, 60_000, 'the total')
    meanwhile = () =>
      Promise.all(
        Array.from({ length: 7 }, () => store.sessions.add(starting({ mentor_id: 'm' }, addMs(noon, 60_000)))),
      )
    expect(ids(await list('page=20'))).toEqual(between(1_900, 2_000))
  })
})
