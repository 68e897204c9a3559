import { rowsOf } from '../../support/csv'
import { inputsOf } from '../../support/inputs'
import { base } from '../../support/interfaces'
import { client, problem } from '../../support/rest'
import { clockAt, serving } from '../../support/server'
import { overStores } from '../../support/stores'

const totals = ['trends', 'mentors', 'organisations'].map(name => `/api/v1/benefit-${name}`)
const [trends, mentors, organisations] = totals as [string, string, string]
const amounts =
  '"amounts":[{"currency":null,"results":1,"sessions_held":25,"total_hours":12.5,"programme_cost":87.5,"time_value":375,"net_benefit":287.5,"benefit_cost_ratio":4.29}]'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, { clock: clockAt('2026-03-26T09:15:59.999Z') })
  const { call, get, ...make } = client(server)
  const body = async (path: string) => JSON.parse((await get(path)).text)

  beforeAll(async () => {
    await make.loaded()
    for (const month of [1, 2, 3, 4, 5, 6, 7]) {
      const { session } = await server.sessions.start({ mentor_id: `m${month}`, organisation_id: 'org' })
      const period = { from: '2025-01-01', to: `2025-0${month}-28` }
      const payload = { ...inputsOf(month), period }
      await server.sessions.dispatch(session.session_id, { event: 'CalculateRequested', payload })
    }
  })

  test('a trend, mentors and organisations have their members in order', async () => {
    const { status, headers, text } = await get(`${trends}?from=2026-02&to=2026-03`)
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'application/json; charset=utf-8',
      'no-store',
    ])
    expect(text).toBe(
      `{"data":[{"month":"2026-02","results":0,"amounts":[]},{"month":"2026-03","results":1,${amounts}}]}`,
    )
    expect((await get(`${mentors}?mentor_id=mentor`)).text).toBe(
      `{"data":[{"mentor_id":"mentor","sessions":1,"results":1,${amounts},"organisation_id":null,"organisations":1}],"pagination":{"limit":20,"total":1,"next":null}}`,
    )
    expect((await get(`${organisations}?mentor_id=mentor&limit=1`)).text).toBe(
      `{"data":[{"organisation_id":null,"sessions":1,"results":1,${amounts}}],"pagination":{"limit":1,"total":1,"next":null}}`,
    )
  })

  test('the links of a list of months lead through its sessions, with the total of these', async () => {
    for (const sort of ['', '&sort=-created_at', '&sort=total_hours']) {
      const found: string[] = []
      let path = `${base}?from=2025-02&to=2025-06&organisation_id=org&limit=2${sort}`
      for (let next: string | undefined = path; next; ) {
        path = next
        const { headers, text } = await get(path)
        const { data, pagination } = JSON.parse(text)
        expect(pagination.total).toBe(5)
        found.push(...data.map(({ mentor_id }: { mentor_id: string }) => mentor_id))
        next = /<([^>]*)>; rel="next"/.exec(String(headers.link))?.[1]
      }
      expect(found.toSorted()).toEqual(['m2', 'm3', 'm4', 'm5', 'm6'])
    }
  })

  test('a file of months has their sessions only', async () => {
    const { text } = await get(`${base}?format=csv&from=2025-06&to=2026-03`)
    expect(
      rowsOf(text)
        .map(({ mentor_id }) => mentor_id)
        .toSorted(),
    ).toEqual(['m6', 'm7', 'mentor'])
  })

  test('the pages of mentors follow `next`, by each order in either direction', async () => {
    for (const order_by of ['id', 'sessions', 'results', 'total_hours', 'net_benefit', 'benefit_cost_ratio']) {
      for (const descending of ['false', 'true']) {
        const found: string[] = []
        for (let after = ''; ; ) {
          const page = await body(`${mentors}?order_by=${order_by}&descending=${descending}&limit=3${after}`)
          found.push(...page.data.map(({ mentor_id }: { mentor_id: string }) => mentor_id))
          expect(page.pagination).toMatchObject({ limit: 3, total: 8 })
          if (page.pagination.next === null) break
          after = `&after=${page.pagination.next}`
        }
        expect(found.toSorted()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'mentor'])
        if (order_by === 'id')
          expect(found).toEqual(descending === 'true' ? found.toSorted().reverse() : found.toSorted())
      }
    }
    const found = await body(`${mentors}?search=M3`)
    expect(found.data).toMatchObject([{ mentor_id: 'm3' }])
  })

  test.each(totals)('%s works with HEAD and OPTIONS', async path => {
    const [{ headers }, head] = [await get(path), await call('HEAD', path)]
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-type': headers['content-type'] } })
    expect(await call('OPTIONS', path)).toMatchObject({ status: 204, headers: { allow: 'GET, HEAD, OPTIONS' } })
    expect((await call('POST', path)).status).toBe(405)
  })

  test.each<[string, string, string]>([
    [`${trends}?last=0`, 'last', 'must be at least 1'],
    [`${trends}?last=121`, 'last', 'must be at most 120'],
    [`${trends}?last=1.5`, 'last', 'must be a whole number'],
    [`${trends}?form=2026-04`, 'form', 'is not a known parameter (did you mean from?)'],
    [`${mentors}?order=id`, 'order', 'is not a known parameter (did you mean order_by?)'],
    [`${organisations}?form=2026-04`, 'form', 'is not a known parameter (did you mean from?)'],
    [`${base}?fromm=2026-04`, 'fromm', 'is not a known parameter (did you mean from?)'],
    [`${mentors}?limit=101`, 'limit', 'must be at most 100'],
    [`${mentors}?descending=yes`, 'descending', 'must be true or false'],
    [`${mentors}?currency=pounds`, 'currency', 'must be an ISO 4217 code such as GBP'],
    [`${mentors}?search=`, 'search', 'must have 1 to 200 characters'],
    [`${mentors}?from=2026-04&from=2026-05`, 'from', 'must appear only once'],
    [`${base}?from=2026-13&format=csv`, 'from', 'must be a month such as 2026-04, or its first day such as 2026-04-01'],
  ])('%s is refused, with the parameter named', async (path, parameter, detail) => {
    expect(problem(await get(path))).toMatchObject({
      status: 400,
      code: 'invalid_query',
      errors: [{ detail, parameter }],
    })
  })

  test.each([mentors, organisations])('%s refuses a cursor of another order', async path => {
    const { next } = (await body(`${mentors}?limit=1`)).pagination
    for (const query of ['after=none', `after=${next}&order_by=sessions`, `after=${next}&descending=true`]) {
      expect(problem(await get(`${path}?${query}`))).toMatchObject({
        code: 'invalid_cursor',
        errors: [{ detail: 'is not a cursor of this list in this order: start again without it', parameter: 'after' }],
      })
    }
  })
})
