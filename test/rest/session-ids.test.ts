import { figures } from '../db/every-kind'
import { accessWorld, ownerNames } from '../support/access'
import { rowsOf } from '../support/csv'
import { base } from '../support/interfaces'
import { client, problem } from '../support/rest'
import { serving } from '../support/server'
import { noon, secondsAfter, stored } from '../support/sessions'
import { embeddedDatabase, overStores } from '../support/stores'

type Listed = { session_id: string }

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const { call, get } = client(server)
  const list = async (query: string) => {
    const { status, headers, text } = await get(`${base}?${query}`)
    expect([status, text]).toEqual([200, expect.anything()])
    const { data, pagination } = JSON.parse(text)
    const ids: string[] = data.map(({ session_id }: Listed) => session_id)
    return { data, pagination, ids, next: /<([^>]*)>; rel="next"/.exec(String(headers.link))?.[1] }
  }
  const file = async (query: string): Promise<string[]> =>
    rowsOf((await get(`${base}?format=csv&${query}`)).text).map(({ session_id }) => String(session_id))

  beforeAll(async () => {
    for (let i = 0; i < 120; i++) {
      const who = {
        session_id: `s${i}`,
        mentor_id: `m${i % 2}`,
        ...(i % 3 === 0 && { organisation_id: 'org' }),
        external_id: i === 7 ? 'e' : null,
      }
      const period = { from: '2025-01-01', to: `2025-0${1 + (i % 9)}-28` }
      const commands = i % 10 === 9 ? [] : [figures({ sessions: 1 + ((i * 7) % 120), currency: 'GBP', period })]
      await stored(server.store, who, commands, secondsAfter(noon, Math.floor(i / 2)))
    }
  })

  test('a list of ids has these sessions, newest first, as the list has them', async () => {
    const { ids } = await list('limit=100')
    const chosen = ids.filter((_, at) => at % 7 === 0)
    expect((await list(`limit=100&session_id=${chosen.toReversed().join()}`)).ids).toEqual(chosen)
    expect(await list(`session_id=${ids.join()}`)).toMatchObject({ ids, pagination: { limit: ids.length } })
    expect((await list(`session_id=${ids.join()}&limit=3`)).ids).toEqual(ids.slice(0, 3))
    expect(await file(`session_id=${chosen.toSorted().join()}`)).toEqual(chosen)
  })

  test('an id without a session is ignored, and a repeated one counts once', async () => {
    const query = 'session_id=s1,none,s3,s1'
    expect(await list(query)).toMatchObject({ ids: ['s3', 's1'], pagination: { page: 1, limit: 20, total: 2 } })
    expect(await file(query)).toEqual(['s3', 's1'])
    expect(await list('session_id=none')).toMatchObject({ ids: [], pagination: { total: 0 } })
    expect(await file('session_id=none')).toEqual([])
  })

  test('a closed session is not listed', async () => {
    const { session } = await server.sessions.start({ mentor_id: 'm9' })
    expect((await list(`session_id=${session.session_id}`)).ids).toEqual([session.session_id])
    await server.sessions.close(session.session_id)
    expect((await list(`session_id=${session.session_id}`)).ids).toEqual([])
  })

  test.each([
    'mentor_id=m1',
    'organisation_id=org',
    'mentor_id=m0&organisation_id=org',
    'state=initial',
    'from=2025-03&to=2025-06',
    'from=2025-08&mentor_id=m0&state=loaded',
    'mentor_id=none',
    'external_id=e',
    'without_organisation=true',
  ])('with %s, the ids and the filter both apply', async filter => {
    const all = Array.from({ length: 100 }, (_, i) => `s${i}`)
    const { ids } = await list(`limit=100&${filter}`)
    const expected = ids.filter(id => all.includes(id))
    const found = await list(`limit=100&${filter}&session_id=${all.join()}`)
    expect(found).toMatchObject({ ids: expected, pagination: { total: expected.length } })
    expect(await file(`${filter}&session_id=${all.join()}`)).toEqual(expected)
  })

  test.each(['', '&sort=created_at', '&sort=-label', '&sort=-time_value&currency=GBP', '&sort=total_hours'])(
    'they are in the order of the list, on pages without links: %s',
    async sort => {
      const all = Array.from({ length: 30 }, (_, i) => `s${i * 3}`)
      const ordered: string[] = []
      for (let next: string | undefined = `${base}?limit=50${sort}`; next; ) {
        const page = await list(next.slice(next.indexOf('?') + 1))
        ordered.push(...page.ids)
        next = page.next
      }
      const expected = ordered.filter(id => all.includes(id))
      const { headers } = await get(`${base}?session_id=${all.join()}${sort}`)
      expect(headers.link).toBe(undefined)
      expect((await list(`limit=100&session_id=${all.join()}${sort}`)).ids).toEqual(expected)
      const first = await list(`limit=7&session_id=${all.join()}${sort}`)
      expect(first).toMatchObject({ ids: expected.slice(0, 7), pagination: { limit: 7, total: 30 } })
    },
  )

  test('another page has the sessions that follow', async () => {
    const query = 'limit=2&session_id=s2,s4,s6,s8,s10'
    expect((await list(`${query}&page=2`)).ids).toEqual(['s6', 's4'])
    expect((await list(`${query}&page=3`)).ids).toEqual(['s2'])
    expect((await list(`${query}&page=4`)).ids).toEqual([])
  })

  test('view=full adds the same members as without ids', async () => {
    const { data } = await list('view=full&limit=100')
    const [one] = data.filter(({ session_id }: Listed) => session_id === 's60')
    expect((await list('view=full&session_id=s60')).data).toEqual([one])
    expect((await list('session_id=s60')).data).toEqual([(await list('limit=100')).data[data.indexOf(one)]])
  })

  test('takes 100 ids of the greatest length', async () => {
    const longest = Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(100, '_'))
    const ids = longest.with(50, 's50')
    expect((await list(`session_id=${encodeURIComponent(ids.join())}`)).ids).toEqual(['s50'])
  })

  test('HEAD sends no content', async () => {
    expect(await call('HEAD', `${base}?session_id=s1&format=csv`)).toMatchObject({ status: 200, text: '' })
  })

  test.each([
    ['session_id=', 'must have ids of 1 to 100 letters, digits, _ or -'],
    ['session_id=s1,', 'must have ids of 1 to 100 letters, digits, _ or -'],
    [`session_id=${'s'.repeat(101)}`, 'must have ids of 1 to 100 letters, digits, _ or -'],
    ['session_id=s%201', 'must have ids of 1 to 100 letters, digits, _ or -'],
    ['session_id=s1&session_id=s2', 'must appear only once'],
    [`session_id=${Array.from({ length: 101 }, (_, i) => i).join()}`, 'must have at most 100 ids'],
  ])('%s is refused, with the parameter named: %s', async (query, detail) => {
    expect(problem(await get(`${base}?${query}`))).toMatchObject({
      status: 400,
      code: 'invalid_query',
      errors: [{ detail, parameter: 'session_id' }],
    })
  })
})

describe('a caller with a scope', () => {
  const world = accessWorld(embeddedDatabase)

  test.each([
    ['coordinator', 'ab'],
    ['mentor', 'a'],
    ['reader', 'ab'],
    ['admin', 'abcd'],
  ] as const)('finds only the sessions of its scope by their ids: %s', async (caller, expected) => {
    const ids = ownerNames.map(name => world.found[name].session_id)
    const { get } = world.rest(caller)
    const found = JSON.parse((await get(`${base}?session_id=${ids.join()}`)).text)
    const names = ownerNames.filter(name =>
      found.data.some(({ session_id }: Listed) => session_id === world.found[name].session_id),
    )
    expect([names.join(''), found.pagination.total]).toEqual([expected, expected.length])
    expect(rowsOf((await get(`${base}?format=csv&session_id=${ids.join()}`)).text)).toHaveLength(expected.length)
  })
})
