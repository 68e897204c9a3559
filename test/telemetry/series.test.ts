import { METHODS } from 'node:http'
import { base } from '../support/interfaces'
import { figures, samplesOf, scraped } from '../support/metrics'
import { Peer } from '../support/peer'
import { head, RawClient, send } from '../support/raw'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { feedPath } from '../support/transports'
import { until } from '../support/until'

const server = serving(embeddedDatabase, { config: { METRICS_PORT: 0 } })
const json = { 'Content-Type': 'application/json' }

/** Sends every value that a client can choose in a request, with a name that occurs nowhere else. */
async function ask(name: string): Promise<void> {
  const post = (path: string, body: unknown, headers = {}) =>
    send(server.url, 'POST', path, { ...json, ...headers }, typeof body === 'string' ? body : JSON.stringify(body))
  const get = (path: string, headers = {}) => send(server.url, 'GET', path, headers)
  const graphql = (query: string, more = {}) => post('/graphql', { query, ...more })
  const { text } = await post(base, { mentor_id: name, organisation_id: name }, { 'X-Request-Id': name })
  const id = String(JSON.parse(text).session_id)
  await Promise.all([
    post(base, { mentor_id: name, [name]: 1 }),
    post(base, `{${name}`),
    send(server.url, 'PUT', `${base}/${id}`, json, JSON.stringify({ event: name })),
    send(server.url, 'PUT', `${base}/${name}`, json, JSON.stringify({ event: 'ShareRequested' })),
    get(`/${name}`),
    get(`/graphql/${name}`),
    get(`/${name}/%zz`),
    get(`/sessions/${name}`, { Accept: 'text/html' }),
    get(`/problems/${name}`),
    get(`/shared/${name}`),
    get(`${base}?state=${name}`),
    get(`${base}/${id}`, { Accept: name, 'If-Match': name, Host: name }),
    get(`${feedPath}?after=${name}`),
    graphql(`query ${name} { sessions { totalCount } }`, { operationName: name }),
    graphql(`{ ${name} }`),
    graphql(
      `query ${name} { ...${name} ${name}: session(id: "${name}") { id } } fragment ${name} on Query { __typename }`,
    ),
    graphql(`mutation ${name} { startSession(input: { mentorId: "${name}" }) { replayed } }`, { operationName: name }),
    graphql('query { sessions { totalCount } }', { extensions: { persistedQuery: { version: 1, sha256Hash: name } } }),
    get(`/graphql?query=${encodeURIComponent(`query ${name} { sessions { totalCount } }`)}`),
    get(`/graphql/stream?query=${encodeURIComponent(`query ${name} { sessions { totalCount } }`)}`, {
      Accept: 'text/event-stream',
    }),
  ])
  const peer = await (await Peer.connect(server.url, { headers: { 'User-Agent': name } })).init()
  peer.subscribe(name, `query ${name} { sessions { totalCount } }`)
  await until(() => peer.received.some(({ type }) => type === 'complete'), 60_000, 'a result')
  peer.subscribe(`${name} 2`, `subscription ${name} { ${name} }`)
  await until(() => peer.received.some(({ type }) => type === 'error'), 60_000, 'an error')
  // The name ends in a number.
  peer.socket.close(4_000 + Number(/\d+$/.exec(name)?.[0]))
  await peer.closed
}

const methods = METHODS.filter(method => method !== 'CONNECT')

async function askBy(method: string): Promise<void> {
  const client = await RawClient.connect(server.url)
  client.send(head(`${method} /hostile-${method}`, 'Connection: close'))
  await client.whole
}

const seriesOf = (text: string): string[] =>
  samplesOf(text)
    .filter(({ name }) => name.startsWith('benefit_sessions_'))
    .map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`)
    .sort()

test('values chosen by clients add no series, and appear in none', async () => {
  // Some outcomes of concurrent requests are random.
  for (let n = 0; n < 3; n++) await ask(`hostile_${n}`)
  for (const method of methods.slice(0, -1)) await askBy(method)
  const requests = async () => (await figures(server, 'http_request_duration_seconds_count'))['']
  await until(async () => ((await requests()) ?? 0) >= 3 * 20, 60_000, 'the requests')
  const before = seriesOf(await scraped(server))
  for (let n = 3; n < 20; n++) await ask(`hostile_${n}`)
  for (const method of methods) await askBy(method)
  const text = await scraped(server)
  expect(seriesOf(text)).toEqual(before)
  expect(text).not.toContain('hostile')
  const found = new Set(samplesOf(text).flatMap(({ labels: { method = [] } }) => method))
  expect([...found].sort()).toEqual(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'other'])
})
