import type { Store } from '../../src/db/store'
import { deepOffset } from '../../src/sessions/session-queries'
import { accessWorld } from '../support/access'
import { inputsOf } from '../support/inputs'
import { interceptingEach } from '../support/intercepting'
import { base } from '../support/interfaces'
import { client, problem } from '../support/rest'
import { serving } from '../support/server'
import { calculation, stored } from '../support/sessions'
import { embeddedDatabase, overStores } from '../support/stores'
import { until } from '../support/until'

const contractMembers = ['session_id', 'mentor_id', 'state', 'last_event', 'result_id', 'created_at', 'updated_at']
const fullMembers = [...contractMembers, 'organisation_id', 'external_id', 'version', 'result']

interface Full {
  session_id: string
  organisation_id: string | null
  version: number
  result_id: string | null
  result: { result_id: string; inputs: { sessions: number } } | null
}

overStores(({ newDatabase }) => {
  /** Methods of the store that were called. */
  const called: string[] = []
  const counting = (opened: Store): Store =>
    interceptingEach(opened, (name, call) => {
      called.push(name)
      return call()
    })
  const server = serving(newDatabase, { store: counting })
  const { get, put, call } = client(server)
  const body = async (path: string) => JSON.parse((await get(path)).text)

  beforeAll(async () => {
    for (let i = 0; i < 6; i++) {
      // Two results each, so that the current one is not the only one.
      const commands = i % 3 === 0 ? [] : [calculation(i), calculation(10 + i)]
      const reset = i % 3 === 2 ? [{ event: 'ResetRequested' } as const] : []
      const who = { session_id: `s${i}`, mentor_id: `m${i % 2}`, organisation_id: i % 2 ? 'o' : null }
      await stored(server.store, who, [...commands, ...reset])
    }
    await until(async () => (await server.queries.count({})) === 6, 60_000, 'the total')
  })

  test("a full session has the contract's members, then organisation, external id, version and the current result", async () => {
    const session = await body(`${base}/s1?view=full`)
    expect(Object.keys(session)).toEqual(fullMembers)
    const { data } = await body(`${base}/s1/results`)
    expect(session).toEqual({
      ...(await body(`${base}/s1`)),
      organisation_id: 'o',
      external_id: null,
      version: 5,
      result: data[0],
    })
    expect(session.result.inputs).toEqual(inputsOf(11))
  })

  test.each(['s0', 's2'])('a full session without a current result has null: %s', async id => {
    expect(await body(`${base}/${id}?view=full`)).toMatchObject({
      organisation_id: null,
      result_id: null,
      result: null,
    })
  })

  test("without view, sessions have exactly the contract's members", async () => {
    expect(Object.keys(await body(`${base}/s1`))).toEqual(contractMembers)
    for (const session of (await body(base)).data) expect(Object.keys(session)).toEqual(contractMembers)
  })

  test('one version has one tag: 304 for either view, and it works in If-Match', async () => {
    const path = await client(server).loaded()
    const { headers } = await get(`${path}?view=full`)
    expect(headers).toMatchObject({ etag: '"3"', 'session-version': '3' })
    for (const url of [path, `${path}?view=full`]) {
      expect(await get(url, { 'If-None-Match': '"3"' })).toMatchObject({
        status: 304,
        headers: { etag: '"3"' },
        text: '',
      })
      expect((await get(url, { 'If-Match': '"3"' })).status).toBe(200)
      expect(problem(await get(url, { 'If-Match': '"2"' }))).toMatchObject({ status: 412, current_version: 3 })
    }
    const changed = await call(
      'PUT',
      path,
      { 'Content-Type': 'application/json', 'If-Match': String(headers.etag) },
      '{"event":"ShareRequested"}',
    )
    expect(changed.status).toBe(200)
    const again = await get(`${path}?view=full`, { 'If-None-Match': '"3"' })
    expect(again).toMatchObject({ status: 200, headers: { etag: '"4"' } })
    expect(JSON.parse(again.text)).toMatchObject({ version: 4 })
    await call('DELETE', path)
  })

  test('HEAD has the headers of the full session', async () => {
    const { headers } = await get(`${base}/s1?view=full`)
    const { headers: ofHead, text } = await call('HEAD', `${base}/s1?view=full`)
    expect(text).toBe('')
    expect(ofHead).toMatchObject({ etag: headers.etag, 'content-length': headers['content-length'] })
  })

  const lists = [
    '',
    'mentor_id=m1',
    'organisation_id=o&mentor_id=m1',
    'state=loaded',
    'page=2&limit=2',
    'sort=created_at&limit=4',
    'sort=-time_value',
    'sort=label&state=loaded',
  ]

  test.each(lists)('the full list has the sessions of the list, each as it is read alone: %s', async query => {
    const { data, pagination } = await body(`${base}?${query}`)
    const full = await body(`${base}?${query}&view=full`)
    expect(full.pagination).toEqual(pagination)
    expect(data.length).toBeGreaterThan(0)
    expect(full.data).toEqual(
      await Promise.all(data.map(({ session_id }: Full) => body(`${base}/${session_id}?view=full`))),
    )
    for (const session of full.data) expect(Object.keys(session)).toEqual(fullMembers)
  })

  test.each(lists)('the full list reads the store no more often than the list: %s', async query => {
    const methods = async (path: string): Promise<string[]> => {
      called.length = 0
      await body(path)
      return [...called].sort()
    }
    const plain = await methods(`${base}?${query}`)
    expect(plain).toContain(query.includes('sort=') && !query.includes('created_at') ? 'sorted' : 'list')
    expect(await methods(`${base}?${query}&view=full`)).toEqual(plain)
  })

  test('links between pages keep the view', async () => {
    for (const query of [
      'limit=2&view=full',
      'limit=2&view=full&sort=created_at',
      'limit=2&view=full&sort=-time_value',
    ]) {
      const seen: string[] = []
      for (let path: string | undefined = `${base}?${query}`; path; ) {
        const { headers, text } = await get(path)
        for (const session of JSON.parse(text).data) {
          expect(session).toHaveProperty('version')
          seen.push(session.session_id)
        }
        path = /<([^>]*)>; rel="next"/.exec(String(headers.link))?.[1]
      }
      expect(seen.sort()).toEqual(['s0', 's1', 's2', 's3', 's4', 's5'])
    }
  })

  test.each(['', 'FULL', 'all', 'full&view=full'])('view=%s is refused, with the parameter named', async view => {
    for (const path of [base, `${base}/s1`]) {
      const said = problem(await get(`${path}?view=${view}`))
      expect(said).toMatchObject({ status: 400, code: 'invalid_query', errors: [{ parameter: 'view' }] })
    }
  })

  test('a change has no view', async () => {
    const said = problem(await put(`${base}/s1?view=full`, '{"event":"ShareRequested"}'))
    expect(said).toMatchObject({ code: 'invalid_query', errors: [{ parameter: 'view' }] })
  })

  test('a full page that is deep in the list has its results', async () => {
    await Promise.all(
      Array.from({ length: 2 * deepOffset }, (_, i) =>
        stored(server.store, { session_id: `d${i}`, mentor_id: 'deep' }, i % 100 ? [] : [calculation(i)]),
      ),
    )
    await until(async () => (await server.queries.count({ mentor_id: 'deep' })) === 2 * deepOffset, 60_000, 'the total')
    for (const page of [11, 12, 20]) {
      const { data } = await body(`${base}?mentor_id=deep&limit=100&page=${page}&view=full`)
      const results = data.filter(({ result }: Full) => result)
      expect(results).toHaveLength(data.filter(({ result_id }: Full) => result_id).length)
      expect(data).toHaveLength(100)
    }
  })
})

describe('with tokens', () => {
  const world = accessWorld(embeddedDatabase)

  test('a caller sees only full sessions of its scope', async () => {
    const { get } = world.rest('mentor')
    const { data } = JSON.parse((await get(`${base}?view=full`)).text)
    expect(data).toMatchObject([{ session_id: world.found.a.session_id, organisation_id: 'org_1' }])
    expect((await get(`${base}/${world.found.a.session_id}?view=full`)).status).toBe(200)
    expect(problem(await get(`${base}/${world.found.b.session_id}?view=full`))).toMatchObject({
      code: 'session_not_found',
    })
  })
})
