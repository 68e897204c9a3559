import { base } from '../support/interfaces'
import { client, problem } from '../support/rest'
import { serving } from '../support/server'
import { noon, stored } from '../support/sessions'
import { overStores } from '../support/stores'
import { until } from '../support/until'

interface List {
  data: { session_id: string }[]
  pagination: { page: number; limit: number; total: number }
}

const listParameters =
  'page, limit, view, mentor_id, organisation_id, without_organisation, external_id, state, from, to, session_id, sort, currency, after, format'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const { get } = client(server)
  const list = async (query: string): Promise<List> => {
    const { status, text } = await get(`${base}?${query}`)
    expect(status).toBe(200)
    return JSON.parse(text)
  }
  const ids = ({ data }: List): string[] => data.map(({ session_id }) => session_id)
  const links = async (query: string): Promise<Record<string, string>> => {
    const { headers } = await get(`${base}?${query}`)
    const found = String(headers.link).matchAll(/<([^>]*)>; rel="(\w+)"/g)
    return Object.fromEntries([...found].map(([, to = '', rel = '']) => [rel, to]))
  }

  beforeAll(async () => {
    // All in the same second, so that ids decide the order: s45 is the newest.
    for (let n = 1; n <= 45; n++) {
      const session_id = `s${String(n).padStart(2, '0')}`
      await stored(
        server.store,
        { session_id, mentor_id: `m&${n % 2}`, organisation_id: n > 40 ? 'late' : null },
        [],
        noon,
      )
    }
    await until(async () => (await server.queries.count({})) === 45, 60_000, 'the total')
  })

  test('the list is newest first, in pages of 20, with the total', async () => {
    const pages = await Promise.all(['', 'page=2', 'page=3'].map(list))
    expect(pages.flatMap(ids)).toEqual(Array.from({ length: 45 }, (_, i) => `s${String(45 - i).padStart(2, '0')}`))
    expect(pages.map(({ pagination }) => pagination)).toEqual([1, 2, 3].map(page => ({ page, limit: 20, total: 45 })))
  })

  test('a page past the end is empty with the right total, however far', async () => {
    for (const page of [4, 1_000, 2_147_483_648, 4_503_599_627_370_497, Number.MAX_SAFE_INTEGER]) {
      expect(await list(`page=${page}&limit=100`)).toEqual({ data: [], pagination: { page, limit: 100, total: 45 } })
    }
  })

  test('filters select, alone and together, and the total counts the selected sessions', async () => {
    expect((await list('mentor_id=m%260&limit=1')).pagination.total).toBe(22)
    expect(ids(await list('organisation_id=late'))).toEqual(['s45', 's44', 's43', 's42', 's41'])
    expect(ids(await list('organisation_id=late&mentor_id=m%260'))).toEqual(['s44', 's42'])
    expect((await list('state=initial')).pagination.total).toBe(45)
    for (const none of ['state=loaded', 'state=loading', 'state=closed', 'mentor_id=nobody', 'organisation_id=m%260']) {
      expect(await list(none)).toMatchObject({ data: [], pagination: { page: 1, total: 0 } })
    }
  })

  test('links lead to the first, previous, next and last page, with the limit and the filters', async () => {
    const at = (page: number, rest: string) => `${base}?page=${page}&${rest}`
    const some = 'limit=5&mentor_id=m%260&state=initial'
    expect(await links(some)).toEqual({ first: at(1, some), next: at(2, some), last: at(5, some) })
    expect(await links(`page=3&${some}`)).toEqual({
      first: at(1, some),
      prev: at(2, some),
      next: at(4, some),
      last: at(5, some),
    })
    expect(await links(`page=5&${some}`)).toEqual({ first: at(1, some), prev: at(4, some), last: at(5, some) })
    expect(await links(`page=9&${some}`)).toEqual({ first: at(1, some), prev: at(5, some), last: at(5, some) })
    const none = 'limit=20&mentor_id=nobody'
    expect(await links(none)).toEqual({ first: at(1, none), last: at(1, none) })
    expect((await get(`${base + base}?limit=50`)).headers.link).toBe(
      `<${at(1, 'limit=50')}>; rel="first", <${at(1, 'limit=50')}>; rel="last"`,
    )
  })

  test('the links from page to page visit every session once', async () => {
    const seen: string[] = []
    for (let next: string | undefined = `${base}?limit=7`; next; next = (await links(next.split('?')[1] ?? '')).next) {
      seen.push(...ids(await list(next.split('?')[1] ?? '')))
    }
    expect(seen).toHaveLength(45)
    expect(new Set(seen).size).toBe(45)
  })

  test.each([
    ['page=0', 'page', 'must be at least 1'],
    ['page=-1', 'page', 'must be at least 1'],
    ['page=1.5', 'page', 'must be a whole number'],
    ['page=', 'page', 'must be a number'],
    ['page=one', 'page', 'must be a number'],
    ['page=0x10', 'page', 'must be a number'],
    ['page=99999999999999999999', 'page', 'must be at most 9007199254740991'],
    ['page=1&page=2', 'page', 'must appear only once'],
    ['limit=0', 'limit', 'must be at least 1'],
    ['limit=1.00000000000000000001', 'limit', 'must be a number'],
    ['page=1.50000000000000000001', 'page', 'must be a whole number'],
    ['limit=101', 'limit', 'must be at most 100'],
    ['limit=1000', 'limit', 'must be at most 100'],
    ['state=sleeping', 'state', 'must be one of initial, loading, loaded, error, closed'],
    ['state=Initial', 'state', 'must be one of initial, loading, loaded, error, closed'],
    ['state=', 'state', 'must be one of initial, loading, loaded, error, closed'],
    ['state=initial&state=initial', 'state', 'must appear only once'],
    ['mentor_id=a&mentor_id=b', 'mentor_id', 'must appear only once'],
    ['mentor_id=', 'mentor_id', 'must have 1 to 200 characters'],
    [`mentor_id=${'m'.repeat(15_000)}`, 'mentor_id', 'must have 1 to 200 characters'],
    [`organisation_id=${'%F0%9F%98%80'.repeat(201)}`, 'organisation_id', 'must have 1 to 200 characters'],
    ['organisation_id=%0A', 'organisation_id', 'must not contain control characters'],
    ['organisation_id=a&organisation_id=a', 'organisation_id', 'must appear only once'],
    ['after=x', 'after', 'works only with sort. Add sort, or use page'],
    ['after=', 'after', 'works only with sort. Add sort, or use page'],
    ['currency=GBP', 'currency', 'works only with sort: it selects the amounts to sort by, not the sessions'],
    [
      'format=csv&currency=GBP',
      'currency',
      'works only with sort: it selects the amounts to sort by, not the sessions',
    ],
  ])('the query %s is refused, with the parameter named: %s %s', async (query, parameter, detail) => {
    const said = problem(await get(`${base}?${query}`))
    expect(said).toMatchObject({ status: 400, code: 'invalid_query', errors: [{ detail, parameter }] })
  })

  test('all faults of a query are reported at once', async () => {
    const { errors } = problem(await get(`${base}?page=0&limit=0&state=x`))
    expect(errors?.map(({ parameter }) => parameter)).toEqual(['page', 'limit', 'state'])
  })

  test.each([
    ['mentorId=m', 'mentorId', 'is not a known parameter (did you mean mentor_id?)'],
    ['mentor=m&page=2', 'mentor', 'is not a known parameter (did you mean mentor_id?)'],
    ['organization_id=o', 'organization_id', 'is not a known parameter (did you mean organisation_id?)'],
    ['PAGE=0', 'PAGE', 'is not a known parameter (did you mean page?)'],
    ['page[]=0', 'page[]', 'is not a known parameter (did you mean page?)'],
    ['status=loaded', 'status', 'is not a known parameter (did you mean state?)'],
    ['offset=3', 'offset', `is not a known parameter (known: ${listParameters})`],
    ['__proto__=1', '__proto__', `is not a known parameter (known: ${listParameters})`],
    ['toString=2', 'toString', `is not a known parameter (known: ${listParameters})`],
    ['%', '%', `is not a known parameter (known: ${listParameters})`],
    ['=1', '', 'has a parameter without a name'],
  ])('the unknown parameter of %s is refused, with the nearest known name', async (query, parameter, detail) => {
    expect(problem(await get(`${base}?${query}`)).errors).toEqual([{ detail, parameter }])
  })

  test('an unknown parameter with a long name is refused without a suggestion', async () => {
    const parameter = `mentor_id${'x'.repeat(10_000)}`
    const detail = `is not a known parameter (known: ${listParameters})`
    expect(problem(await get(`${base}?${parameter}=1`)).errors).toEqual([{ detail, parameter }])
  })

  test('an unknown parameter is reported beside all other faults of the query', async () => {
    const { errors, detail } = problem(await get(`${base}?Limit=0&page=0&state=x&unknown=1`))
    expect(errors?.map(({ parameter }) => parameter)).toEqual(['page', 'state', 'Limit', 'unknown'])
    expect(detail).toContain('Limit is not a known parameter (did you mean limit?); unknown is not')
  })

  test('an empty query is none', async () => {
    for (const query of ['', '&&']) {
      expect((await list(query)).pagination).toEqual({ page: 1, limit: 20, total: 45 })
    }
  })

  test('a mentor id of maximum length works as a filter and appears in the links', async () => {
    const longest = `mentor_id=${'%F0%9F%98%80'.repeat(200)}`
    expect((await list(longest)).pagination.total).toBe(0)
    expect((await links(longest)).first).toContain(longest)
  })

  test.each(['mentor_id', 'organisation_id'])('the feed refuses an invalid %s', async parameter => {
    for (const value of ['', 'x'.repeat(201), '%E2%80%AE']) {
      const answer = await get(`/api/v1/benefit-calculator-events?${parameter}=${value}`)
      expect(problem(answer)).toMatchObject({ code: 'invalid_query', errors: [{ parameter }] })
    }
  })

  test.each(['', '/events', '/results', '/results/r', '/share'])('no session has an overlong id: …%s', async rest => {
    const answer = await get(`${base}/${'s'.repeat(10_000)}${rest}`)
    expect(problem(answer)).toMatchObject({ status: 404, code: 'session_not_found' })
  })

  test('no result and no share has an overlong id', async () => {
    const long = 'x'.repeat(10_000)
    expect(problem(await get(`${base}/s01/results/${long}`)).code).toBe('result_not_found')
    expect(problem(await get(`/shared/${long}`, { Accept: 'application/json' })).code).toBe('share_not_found')
  })

  test('the parameters of the events are checked, too', async () => {
    const events = `${base}/s01/events`
    for (const [query, parameter] of [
      ['after=-1', 'after'],
      ['after=x', 'after'],
      ['after=1&after=1', 'after'],
      ['limit=0', 'limit'],
      ['limit=1001', 'limit'],
      ['after=2', 'after'],
      [`after=${2 ** 31}`, 'after'],
      [`after=${Number.MAX_SAFE_INTEGER}`, 'after'],
    ] as const) {
      expect(problem(await get(`${events}?${query}`))).toMatchObject({ code: 'invalid_query', errors: [{ parameter }] })
    }
    expect(JSON.parse((await get(`${events}?after=1`)).text)).toEqual({ data: [] })
  })
})
