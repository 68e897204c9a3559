import { randomBytes } from 'node:crypto'
import { inputs } from '../support/inputs'
import { Instance, type Line } from '../support/instance'
import { base, done, restApi } from '../support/interfaces'
import { Collector, type Span } from '../support/otlp'
import { Peer } from '../support/peer'
import { RawClient, send } from '../support/raw'
import { json } from '../support/rest'
import { describeMongo, embeddedDatabase, mongoDatabase, type TestDatabase } from '../support/stores'
import { until } from '../support/until'

const server = 2

interface Traced {
  database: TestDatabase
  collector: Collector
  instance: Instance
}

/** Starts a server process with tracing, and its own collector. */
async function traced(make: () => Promise<TestDatabase>, env = {}): Promise<Traced> {
  const [database, collector] = await Promise.all([make(), Collector.start()])
  const instance = new Instance(
    { ...database.env, ...collector.env, ...env },
    { nodeOptions: ['--require', '@opentelemetry/auto-instrumentations-node/register'] },
  )
  await instance.listening()
  return { database, collector, instance }
}

async function end({ database, collector, instance }: Traced): Promise<void> {
  await instance.stop()
  await collector.stop()
  await database.drop()
}

/** Starts a trace as a client. */
function begun() {
  const [traceId, spanId] = [randomBytes(16), randomBytes(8)].map(bytes => bytes.toString('hex')) as [string, string]
  return { traceId, spanId, headers: { ...json, traceparent: `00-${traceId}-${spanId}-01` } }
}

const of = (spans: Span[], traceId: string): Span[] => spans.filter(span => span.traceId === traceId)
const http = '@opentelemetry/instrumentation-http'
const ours = (spans: Span[]): Span[] => spans.filter(({ scope }) => scope === 'benefit-sessions')

/** Returns the names of a span's ancestors and its own, outermost first: the requests and the server's own spans. */
function wayTo(span: Span, spans: Span[]): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId)
  const names = ['benefit-sessions', http].includes(span.scope) ? [span.name] : []
  return parent ? [...wayTo(parent, spans), ...names] : names
}

const start = (url: string, headers: object, mentor_id = 'm') =>
  send(url, 'POST', base, headers, JSON.stringify({ mentor_id }))

describeMongo('with the usual instrumentations, over MongoDB', () => {
  let all: Traced
  beforeAll(async () => {
    all = await traced(mongoDatabase)
  })
  afterAll(() => end(all))

  /** Returns the spans of a trace once spans with these names are among them. They come in several parts. */
  async function spansOf(traceId: string, ...names: string[]): Promise<Span[]> {
    const found = () => of(all.collector.spans, traceId)
    const come = () => names.every(name => found().some(span => span.name === name))
    await until(come, 60_000, () => `${names} beside ${found().map(span => span.name)}`)
    return found()
  }

  test("one trace connects a client's request, the MongoDB command and the deliveries to subscribers", async () => {
    const { url } = all.instance
    const { session } = done(await restApi({ url }).start({ mentor_id: 'm' }))
    const { traceId, spanId, headers } = begun()
    const body = JSON.stringify({ event: 'CalculateRequested', payload: inputs })
    const { status } = await send(url, 'PUT', `${base}/${session.session_id}`, headers, body)
    expect(status).toBe(200)

    const requestSpan = `PUT ${base}/:session_id`
    const spans = await spansOf(traceId, requestSpan, 'batch writes', 'update $cmd', 'deliver')
    const command = spans.find(({ name }) => name === 'update $cmd') as Span
    expect(command.scope).toBe('@opentelemetry/instrumentation-mongodb')
    expect(wayTo(command, spans)).toEqual([requestSpan, 'batch writes'])
    const deliver = spans.find(({ name }) => name === 'deliver') as Span
    expect(wayTo(deliver, spans)).toEqual([requestSpan, 'deliver'])
    const outermost = spans.filter(({ parentSpanId }) => parentSpanId === spanId)
    const attributes = { 'http.route': `${base}/:session_id`, 'http.response.status_code': 200 }
    expect(outermost).toMatchObject([{ kind: server, scope: http, name: requestSpan, attributes }])
  })

  test('the log lines of a request have its trace id', async () => {
    const { traceId, headers } = begun()
    await start(all.instance.url, { ...headers, 'X-Request-Id': 'traced' })
    const lines = (): Line[] => all.instance.lines.filter(({ request_id }) => request_id === 'traced')
    await until(() => lines().length === 2, 60_000, 'two lines')
    expect(lines()).toMatchObject([
      { msg: 'transition', trace_id: traceId },
      { msg: 'request', trace_id: traceId },
    ])
  })

  test('a batch is in the trace of one of its requests, and states its size', async () => {
    const traces: ReturnType<typeof begun>[] = []
    const isOfThese = (id: string): boolean => traces.some(({ traceId }) => traceId === id)
    const batches = () =>
      ours(all.collector.spans).filter(({ name, traceId }) => name === 'batch writes' && isOfThese(traceId))
    const written = () =>
      batches().reduce((sum, { attributes }) => sum + Number(attributes['benefit_sessions.batch_size']), 0)
    // Requests that arrive one by one are no batch, so another round may be needed.
    const gathered = async (): Promise<boolean> => {
      const round = Array.from({ length: 20 }, begun)
      traces.push(...round)
      await Promise.all(round.map(({ headers }) => start(all.instance.url, headers)))
      await until(() => written() >= traces.length, 60_000, 'the batches')
      return batches().length < traces.length
    }
    await until(gathered, 60_000, 'a batch of several writes')
    expect(written()).toBe(traces.length)
    expect(new Set(batches().map(({ traceId }) => traceId)).size).toBe(batches().length)
  })

  test('an operation over a WebSocket has its own trace', async () => {
    const peer = await (await Peer.connect(all.instance.url)).init()
    peer.subscribe('1', 'mutation { startSession(input: { mentorId: "m" }) { session { id } } }')
    const operation = () => ours(all.collector.spans).find(({ name }) => name === 'mutation startSession')
    await until(() => operation() !== undefined, 60_000, 'the operation')
    const { traceId, kind, parentSpanId = '' } = operation() as Span
    expect([kind, parentSpanId]).toEqual([server, ''])
    const spans = await spansOf(traceId, 'batch writes', 'insert $cmd')
    const command = spans.find(({ name }) => name === 'insert $cmd') as Span
    expect(wayTo(command, spans)).toEqual(['mutation startSession', 'batch writes'])
    peer.socket.terminate()
  })

  test("the server's own work makes no trace", async () => {
    const roots = ours(all.collector.spans).filter(({ parentSpanId = '' }) => parentSpanId === '')
    expect(new Set(roots.map(({ name }) => name.replace(/ .*/, '')))).toEqual(new Set(['mutation']))
  })
})

describe('with the HTTP instrumentation alone, over the embedded store', () => {
  let all: Traced
  beforeAll(async () => {
    all = await traced(embeddedDatabase, { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http' })
  })
  afterAll(() => end(all))

  const requestSpans = (): Span[] => all.collector.spans.filter(({ kind }) => kind === server)

  test("a request continues the client's trace, and logs its id", async () => {
    const { traceId, spanId, headers } = begun()
    await start(all.instance.url, { ...headers, 'X-Request-Id': 'alone' })
    const requestSpan = () => requestSpans().find(span => span.traceId === traceId)
    await until(() => requestSpan() !== undefined, 60_000, 'the span of the request')
    expect(requestSpan()).toMatchObject({ parentSpanId: spanId, name: `POST ${base}`, scope: http })
    const lines = (): Line[] => all.instance.lines.filter(({ request_id }) => request_id === 'alone')
    await until(() => lines().length === 2, 60_000, 'two lines')
    expect(lines().map(({ trace_id }) => trace_id)).toEqual([traceId, traceId])
  })

  test('the span of a request whose client disconnects says so', async () => {
    const { traceId, headers } = begun()
    const client = await RawClient.connect(all.instance.url)
    const fields = ['Host: h', 'Content-Type: application/json', 'Content-Length: 9', 'Expect: 100-continue']
    client.send([`POST ${base} HTTP/1.1`, ...fields, `traceparent: ${headers.traceparent}`, '', '{'].join('\r\n'))
    await client.until('HTTP/1.1 100')
    client.socket.destroy()
    const requestSpan = () => requestSpans().find(span => span.traceId === traceId)
    await until(() => requestSpan() !== undefined, 60_000, 'the span of the request')
    expect(requestSpan()).toMatchObject({ name: `POST ${base}`, attributes: { 'benefit_sessions.outcome': 'aborted' } })
  })

  test('pipelined requests stay in their own traces', async () => {
    const { url } = all.instance
    const traces = Array.from({ length: 8 }, begun)
    const client = await RawClient.connect(url)
    const body = '{"mentor_id":"m"}'
    const fields = [`Host: h`, 'Content-Type: application/json', `Content-Length: ${body.length}`]
    for (const { headers } of traces) {
      const lines = [`POST ${base} HTTP/1.1`, ...fields, `traceparent: ${headers.traceparent}`, '', body]
      client.send(lines.join('\r\n'))
    }
    // With requests of other connections between their turns.
    const others = Array.from({ length: 40 }, begun)
    await Promise.all(others.map(({ headers }) => start(url, headers)))
    await client.until('HTTP/1.1 201', traces.length)
    client.socket.destroy()
    const ids = [...traces, ...others].map(({ traceId }) => traceId)
    const namesOf = (traceId: string) => of(all.collector.spans, traceId).map(({ name }) => name)
    await until(() => ids.every(id => namesOf(id).includes('deliver')), 60_000, 'all spans')
    for (const id of ids) {
      const names = namesOf(id).filter(name => name !== 'batch writes')
      expect(names.sort()).toEqual([`POST ${base}`, 'deliver'])
    }
  })
})
