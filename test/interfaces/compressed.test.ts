import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, getNamedType, isObjectType } from 'graphql'
import { capabilities } from '../capabilities'
import { encodingOf, expectCompression, readIn } from '../support/compression'
import { sendEncoded } from '../support/encoded'
import { inputsOf } from '../support/inputs'
import { type Api, base, done, graphqlApi, restApi } from '../support/interfaces'
import { multiply } from '../support/many'
import { json } from '../support/rest'
import { serving } from '../support/server'
import { calculation, stored } from '../support/sessions'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
let session_id = ''
let token = ''

beforeAll(async () => {
  await multiply(server.store, await stored(server.store, {}, [calculation(1)]), 100)
  const api = restApi(server)
  session_id = done(await api.start({ mentor_id: 'mentor' })).session.session_id
  for (let sessions = 1; sessions <= 12; sessions++) {
    done(await api.dispatch(session_id, 'CalculateRequested', inputsOf(sessions)))
  }
  done(await api.dispatch(session_id, 'ShareRequested'))
  token = done(await api.share(session_id)).share.token
})

const accepting = (encoding: string) => ({ 'Accept-Encoding': encoding })

const reads: [what: string, isSecret: boolean, read: (api: Api) => Promise<unknown>][] = [
  ['a list', false, api => api.list({}, 100)],
  ['a short list', false, api => api.list({}, 1)],
  ['a list of transitions', false, api => api.events(session_id)],
  ['a list of results', false, api => api.results(session_id)],
  ['a share', true, api => api.share(session_id)],
  ['a shared result', true, api => api.shared(token)],
]

describe.each([
  ['REST', restApi],
  ['GraphQL', graphqlApi],
])('over %s', (_name, apiOf) => {
  test.each(reads)(
    '%s is compressed where that pays, contains no secret, and is readable to the client',
    async (...row) => {
      const [, isSecret, read] = row
      await expectCompression(server, apiOf, isSecret, read)
    },
  )

  test('a list of a hundred sessions takes a fifth of its bytes', async () => {
    const list = (api: Api) => api.list({}, 100)
    const { bytes } = (await readIn(server, apiOf, 'identity', list)).answer
    expect((await readIn(server, apiOf, 'gzip', list)).answer.bytes.length).toBeLessThan(bytes.length / 5)
  })
})

describe('REST', () => {
  const get = (path: string, headers = {}) => sendEncoded(server.url, 'GET', path, { ...accepting('gzip'), ...headers })

  test('sends a session, a result and a problem uncompressed, however long', async () => {
    const { text } = await get(`${base}/${session_id}/results`)
    const [{ result_id }] = JSON.parse(text).data
    const faults = JSON.stringify(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`member ${i}`, i])))
    const problem = await sendEncoded(server.url, 'POST', base, { ...json, ...accepting('gzip') }, faults)
    expect(problem.status).toBe(422)
    expect(problem.bytes.length).toBeGreaterThan(1_400)
    const one = await Promise.all(
      [`${base}/${session_id}`, `${base}/${session_id}/results/${result_id}`].map(at => get(at)),
    )
    for (const answer of [...one, problem]) {
      expect(encodingOf(answer)).toBeUndefined()
      expect(answer.headers).not.toHaveProperty('vary')
    }
  })

  test('sends event streams uncompressed', async () => {
    for (const path of [`${base}/${session_id}/events`, '/api/v1/benefit-calculator-events']) {
      const headers = { Accept: 'text/event-stream', ...accepting('gzip') }
      const answer = await sendEncoded(server.url, 'HEAD', path, headers)
      expect(answer).toMatchObject({ status: 200, headers: { vary: 'Accept' } })
      expect(encodingOf(answer)).toBeUndefined()
    }
  })

  test('compresses a page of the feed', async () => {
    const feed = '/api/v1/benefit-calculator-events'
    const { next } = JSON.parse((await get(feed)).text)
    const api = restApi(server)
    for (let i = 0; i < 10; i++) done(await api.start({ mentor_id: 'mentor' }))
    const answer = await get(`${feed}?after=${next}`)
    expect(encodingOf(answer)).toBe('gzip')
    expect(JSON.parse(answer.text).data).toHaveLength(10)
  })

  test('answers 304 to the ETag of results in any encoding', async () => {
    const path = `${base}/${session_id}/results`
    for (const had of ['gzip', 'br', 'identity']) {
      const { etag, vary } = (await get(path, accepting(had))).headers
      expect(etag).toMatch(/^W\//)
      for (const asks of ['gzip', 'identity']) {
        const known = await get(path, { ...accepting(asks), 'If-None-Match': etag })
        expect(known).toMatchObject({ status: 304, headers: { etag, vary } })
        expect(encodingOf(known)).toBeUndefined()
      }
    }
  })
})

describe('GraphQL', () => {
  const post = (query: string, headers = {}) =>
    sendEncoded(
      server.url,
      'POST',
      '/graphql',
      { ...json, ...accepting('gzip'), ...headers },
      JSON.stringify({ query }),
    )
  const list = '{ sessions(first: 100) { nodes { id mentorId } } }'

  // Apollo answers the first request. For the second, the text is known.
  test.each(['first', 'second'])('compresses the response to a POST, the %s time', async () => {
    const answer = await post(list)
    expect(encodingOf(answer)).toBe('gzip')
    expect(answer.headers['content-length']).toBe(String(answer.bytes.length))
    expect(JSON.parse(answer.text).data.sessions.nodes).toHaveLength(100)
  })

  test.each([
    '{ sessions(first: 100) { nodes { id share { token } } } }',
    '{ sessions(first: 30) { nodes { id mentorId createdAt updatedAt version shares { token } } } }',
    '{ sessions(first: 100) { nodes { id kept: share { path } } } }',
    '{ sessions(first: 100) { nodes { id ...S } } } fragment S on Session { share { expiresAt } }',
    '{ sessions(first: 100) { nodes { id } } sharedResult(token: "none") { caveat } }',
  ])('sends a response that may contain a share link uncompressed: %s', async query => {
    for (const time of ['first', 'second']) {
      const answer = await post(query.replace('none', token))
      expect({ time, long: answer.bytes.length > 1_400, encoding: encodingOf(answer) }).toEqual({ time, long: true })
      expect(answer.headers).not.toHaveProperty('vary')
    }
  })

  test('exposes links only in the fields that are never compressed', () => {
    const schema = buildSchema(readFileSync(join(__dirname, '../../../schema.graphql'), 'utf8'))
    const fields = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .flatMap(type => Object.values(type.getFields()))
    // A shared link shows its token in its field `share`.
    const isToken = /^Share(?!dLink)/
    const shows = new Set(fields.flatMap(({ type, name }) => (isToken.test(getNamedType(type).name) ? [name] : [])))
    const ofCapabilities = capabilities.flatMap(({ linkFields = [] }) => linkFields)
    expect([...shows].sort()).toEqual(['share', 'sharedResult', 'shares', ...ofCapabilities].sort())
  })

  test('sends responses to GET, and events, uncompressed', async () => {
    const got = await sendEncoded(server.url, 'GET', `/graphql?query=${encodeURIComponent(list)}`, accepting('gzip'))
    const event = await post(list, { Accept: 'text/event-stream' })
    const streamed = await sendEncoded(server.url, 'GET', `/graphql/stream?query=${encodeURIComponent(list)}`, {
      ...accepting('gzip'),
      Accept: 'text/event-stream',
    })
    for (const answer of [got, event, streamed]) {
      expect(answer.bytes.length).toBeGreaterThan(1_400)
      expect(encodingOf(answer)).toBeUndefined()
      expect(answer.headers).not.toHaveProperty('vary')
    }
  })

  test('sends a compressed response that fetch decodes', async () => {
    const headers = { ...json, ...accepting('br') }
    const got = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: list }) })
    expect(got.headers.get('content-encoding')).toBe('br')
    expect(((await got.json()) as { data: { sessions: { nodes: object[] } } }).data.sessions.nodes).toHaveLength(100)
  })
})
