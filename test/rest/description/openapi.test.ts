import Ajv from 'ajv/dist/2020'
import { inputsSchema } from '../../../src/domain/calculator'
import { errorCodes } from '../../../src/domain/errors'
import { contractExamples } from '../../../src/rest/description/examples'
import { openapi } from '../../../src/rest/description/openapi'
import { capabilities, operations } from '../../capabilities'
import { servingAdmin } from '../../support/access'
import { endpoint } from '../../support/contract'
import { resources } from '../../support/described'
import { type Described, Description } from '../../support/description'
import { inputs } from '../../support/inputs'
import { base } from '../../support/interfaces'
import { asked, contentOf, restRequestsOf, typesOf } from '../../support/operation'
import { provocationOf, provoking } from '../../support/provoked'
import { send } from '../../support/raw'
import { json } from '../../support/rest'
import { feedPath } from '../../support/transports'

interface Operation {
  responses: Record<string, { content?: Record<string, { example?: unknown; examples?: Examples }> }>
  requestBody?: { content: Record<string, { examples: Examples }> }
}
type Examples = Record<string, { value: unknown }>

const document = openapi(resources) as unknown as Described & { paths: Record<string, Record<string, Operation>> }
const description = new Description(document)

/** Sends a request and throws if the description does not match the response. */
const described: typeof send = async (url, method, path, headers, body) => {
  const answer = await send(url, method, path, headers, body)
  description.answer(method, path, answer)
  return answer
}
const { server, rest: open, provoked } = provoking(described)
const { rest, createFound } = servingAdmin(undefined, described)
const { call, get, post, put, ...make } = rest
const event = (name: string): string => JSON.stringify({ event: name })
const asEvents = { Accept: 'text/event-stream' }

/** Sends every request of the table and repeats what has a tag, then sends requests with further responses. */
async function tour(): Promise<void> {
  for (const path of Object.keys(document.paths)) {
    const at = path.replace(/\{\w+\}/g, 'none')
    for (const method of ['OPTIONS', 'PATCH', 'HEAD']) await call(method, at)
    await get(at, { Accept: 'image/png' })
  }
  const origin = JSON.parse((await get(feedPath)).text).next
  const fresh = () => createFound({ mentor_id: 'mentor', organisation_id: 'organisation' })
  const found = await fresh()
  for (const operation of operations) {
    const cells = restRequestsOf(operation).flatMap(request => typesOf(request).map(type => ({ request, type })))
    for (const { request, type } of cells) {
      const { method, path, body } = asked(request, operation.consumes ? await fresh() : found, origin)
      const headers = { ...(body && contentOf(request)), Accept: type }
      // A stream would not end.
      const { etag } = (await call(type === 'text/event-stream' ? 'HEAD' : method, path, headers, body)).headers
      if (etag) for (const again of ['GET', 'HEAD']) await call(again, path, { ...headers, 'If-None-Match': etag })
    }
  }
  const keyed = { ...json, 'Idempotency-Key': '"tour"' }
  for (const body of [contractExamples.start, contractExamples.start]) await post(base, JSON.stringify(body), keyed)
  const path = await make.loaded()
  for (const query of ['?limit=1&page=2', '?state=loaded&mentor_id=mentor', '?mentor_id=nobody', '?view=full']) {
    await get(`${base}${query}`)
  }
  await get(`${base}.csv?mentor_id=nobody`)
  await get(`${path}?view=full`)
  await put(path, event('ShareRequested'), keyed)
  await put(path, event('ShareRequested'), keyed)
  const share = JSON.parse((await get(`${path}/share`)).text) as { path: string }
  await put(path, JSON.stringify({ event: 'ShareRequested', payload: { expires_in_days: 90 } }))
  const link = `${path}/shares/${share.path.split('/').at(-1)}`
  for (let n = 0; n < 2; n++) await call('DELETE', link, { 'Idempotency-Key': '"revoke"' })
  await call('DELETE', link)
  await get(`${feedPath}?event=SessionStarted,SessionClosed&wait=1`)
  await post('/api/v1/benefit-calculations', JSON.stringify({ ...inputs, sessions: 0, cost_per_hour: 0 }))
  const stream = get(`${path}/events`, asEvents)
  await call('DELETE', path)
  await stream
  await get(share.path)
  for (const { further } of capabilities) await further?.(rest)
}

test('generated clients get one type for the list, and one for the file', () => {
  const described = (path: string) => document.paths[path]?.get
  expect(Object.keys(described(base)?.responses[200]?.content ?? {})).toEqual(['application/json'])
  expect(Object.keys(described(`${base}.csv`)?.responses[200]?.content ?? {})).toEqual(['text/csv'])
  expect(JSON.stringify(described(base))).not.toContain('"name":"format"')
})

test('no description text ends the comment that client generators put it into', () => {
  expect(JSON.stringify(document)).not.toContain('*/')
})

test('no line of a description begins like an item of a numbered list, unless it is one', () => {
  expect(JSON.stringify(document).match(/\\n\d+[).] [^"]{0,20}/g)).toBeNull()
})

test('every response of a tour through all resources is described, and every described success occurs', async () => {
  await tour()
  const successes = Object.values(document.paths).flatMap(methods =>
    Object.values(methods).flatMap(({ operationId, responses }) =>
      Object.entries(responses)
        .filter(([status]) => Number(status) < 400)
        .flatMap(([status, { content }]) =>
          Object.keys(content ?? { '': {} }).map(type => `${operationId} ${status} ${type}`.trim()),
        ),
    ),
  )
  expect([...description.seen].filter(answer => / [23]\d\d/.test(answer)).sort()).toEqual(successes.sort())
})

test.each(errorCodes())('the problem %s is described where it occurs', async code => {
  expect((await provoked(code)).status).toBe(provocationOf(code).status)
})

test('the check fails for a response that is not described', () => {
  const answer = { status: 200, headers: { 'content-type': 'application/json', 'x-request-id': 'x' }, text: '{}' }
  expect(() => description.answer('GET', '/healthz', answer)).toThrow("must have required property 'status'")
  expect(() => description.answer('GET', '/healthz', { ...answer, status: 201 })).toThrow('is not described')
  expect(() => description.answer('GET', '/healthz', { ...answer, headers: {} })).toThrow('has no X-Request-Id')
})

test('/openapi.json serves this description, cacheable for minutes', async () => {
  const { headers, text } = await open.get('/openapi.json')
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)))
  expect(headers).toMatchObject({ 'cache-control': 'public, max-age=300', etag: expect.stringMatching(/^"[\w-]+"$/) })
  const packed = await send(server.url, 'GET', '/openapi.json', { 'Accept-Encoding': 'gzip' })
  expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: expect.stringContaining('Accept-Encoding') })
  expect(packed.headers.etag).not.toBe(headers.etag)
})

test("the description has the contract's examples", () => {
  const at = (path: string, method: string) => document.paths[base + path]?.[method] as Operation
  const answered = (path: string, method: string, status: number) =>
    at(path, method).responses[status]?.content?.['application/json']?.example
  const asked = (path: string, method: string) =>
    Object.values(at(path, method).requestBody?.content['application/json']?.examples ?? {})[0]?.value
  const one = '/{session_id}'
  expect(answered('', 'get', 200)).toEqual(endpoint('GET', '').response)
  expect(answered(one, 'get', 200)).toEqual(endpoint('GET', '/:session_id').response)
  expect(asked('', 'post')).toEqual(endpoint('POST', '').request)
  expect(answered('', 'post', 201)).toEqual(endpoint('POST', '').response)
  expect(asked(one, 'put')).toEqual(endpoint('PUT', '/:session_id').request)
  expect(answered(one, 'put', 200)).toEqual(endpoint('PUT', '/:session_id').response)
  expect(answered(one, 'delete', 200)).toEqual(endpoint('DELETE', '/:session_id').response)
})

test('every example matches its schema', () => {
  let count = 0
  const all = (content: Record<string, { example?: unknown; examples?: Examples }>, ...place: string[]): void => {
    for (const [type, { example, examples = {} }] of Object.entries(content)) {
      const values = [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)]
      for (const value of values) {
        description.hold(value, ...place, 'content', type, 'schema')
        count++
      }
    }
  }
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { responses, requestBody }] of Object.entries(methods)) {
      if (requestBody) all(requestBody.content, 'paths', path, method, 'requestBody')
      for (const [status, { content = {} }] of Object.entries(responses)) {
        all(content, 'paths', path, method, 'responses', status)
      }
    }
  }
  expect(count).toBeGreaterThan(100)
})

test('a validator that computes in binary accepts every amount that the server accepts', () => {
  // Ajv's default: no rounding. Python's jsonschema computes alike (npm run check:api).
  const validate = new Ajv({ strict: false, formats: { double: true, date: true } })
    .addSchema(document, 'description')
    .getSchema('description#/components/schemas/CalculateRequested')
  const members = ['avg_minutes', 'cost_per_session', 'cost_per_hour'] as const
  const refused = Array.from({ length: 10_001 }, (_, pence) => pence / 100).flatMap(amount =>
    members.filter(member => {
      const payload = { ...inputs, [member]: amount }
      expect(inputsSchema.safeParse(payload).success).toBe(true)
      return !validate?.({ event: 'CalculateRequested', payload })
    }),
  )
  expect(refused).toEqual([])
})

test('the description states the decimals of an amount in words', () => {
  const { Inputs } = (document as unknown as { components: { schemas: Record<string, unknown> } }).components.schemas
  expect(Inputs).toMatchObject({
    properties: {
      avg_minutes: { description: expect.stringMatching(/ At most 2 decimals\.$/) },
      cost_per_session: { description: expect.stringMatching(/ At most 4 decimals\.$/) },
      cost_per_hour: { description: expect.stringMatching(/ At most 4 decimals\.$/) },
    },
  })
})

/** Returns the values of each enum in a part of a description that is not a named schema itself. */
function inlineEnums(part: unknown): string[][] {
  if (typeof part !== 'object' || part === null) return []
  const { enum: values } = part as { enum?: string[] }
  return [...(Array.isArray(values) ? [values] : []), ...Object.values(part).flatMap(inlineEnums)]
}

test('a part of a named enum refers to its schema, so that clients get one type', () => {
  const { schemas } = (document as unknown as { components: { schemas: Record<string, { enum?: string[] }> } })
    .components
  const named = Object.values(schemas).flatMap(schema => (schema.enum ? [schema.enum] : []))
  const unnamed = [...Object.values(schemas).filter(schema => !schema.enum), document.paths].flatMap(inlineEnums)
  const isPart = (values: string[]) =>
    named.some(all => values.length > 1 && values.every(value => all.includes(value)))
  expect(unnamed.filter(isPart)).toEqual([])
  expect(schemas.Session).toMatchObject({ properties: { state: { $ref: '#/components/schemas/SessionState' } } })
})
