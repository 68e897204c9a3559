import { brokenPromises, type OpenApi, withAdditions } from '../../../scripts/openapi-promises'

type Operation = OpenApi['paths'][string][string]
type Schema = OpenApi['components']['schemas'][string]

const json = (name: string) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } })
const page = { name: 'page', in: 'query', required: false }
const operation: Operation = {
  operationId: 'calculate',
  parameters: [{ $ref: '#/components/parameters/Key' }, page],
  requestBody: { required: true, content: json('Inputs') },
  responses: { 200: { content: json('Result') }, 404: {} },
}
const inputs: Schema = { properties: { hours: {}, label: {} }, required: ['hours'] }
const result: Schema = {
  properties: { state: { enum: ['loaded', 'error'] }, note: {}, range: { anyOf: [{ properties: { low: {} } }] } },
  required: ['state'],
}

/** Returns a description with one operation, in which the given parts differ. */
function described(changed: { operation?: Partial<Operation>; inputs?: Schema; result?: Schema }): OpenApi {
  return {
    paths: { '/results': { post: { ...operation, ...changed.operation } } },
    components: {
      parameters: { Key: { name: 'Key', in: 'header' } },
      schemas: { Inputs: { ...inputs, ...changed.inputs }, Result: { ...result, ...changed.result } },
    },
  }
}
const promises = withAdditions({}, described({}))
const { note: _, ...withoutNote } = result.properties ?? {}

test.each([
  ['POST /results: operationId calculate is gone', { operation: { operationId: 'compute' } }],
  ['POST /results: header Key is gone', { operation: { parameters: [page] } }],
  ['POST /results: query page became required', { operation: { parameters: [{ ...page, required: true }] } }],
  [
    'POST /results: query limit became required',
    { operation: { parameters: [{ ...page, name: 'limit', required: true }] } },
  ],
  ['POST /results: body application/json Inputs is gone', { operation: { requestBody: { content: {} } } }],
  ['POST /results: 404 is gone', { operation: { responses: { 200: { content: json('Result') } } } }],
  ['POST /results: 200 application/json Result is gone', { operation: { responses: { 200: {}, 404: {} } } }],
  ['Inputs: label is gone', { inputs: { properties: { hours: {} } } }],
  ['Inputs: label became required', { inputs: { required: ['hours', 'label'] } }],
  ['Result: note is gone', { result: { properties: withoutNote } }],
  ['Result: state=error is gone', { result: { properties: { ...result.properties, state: { enum: ['loaded'] } } } }],
  ['Result: range.low is gone', { result: { properties: { ...result.properties, range: {} } } }],
  ['Result: state became optional', { result: { required: [] } }],
])('a broken promise is reported: %s', (broken, changed) => {
  const document = described(changed)
  expect(brokenPromises(promises, document)).toContain(broken)
  // Writing the file does not hide the broken promise.
  expect(brokenPromises(withAdditions(promises, document), document)).toContain(broken)
})

test.each([
  [
    'POST /results: query limit is gone',
    { operation: { parameters: [...(operation.parameters ?? []), { ...page, name: 'limit' }] } },
  ],
  ['POST /results: 409 is gone', { operation: { responses: { ...operation.responses, 409: {} } } }],
  ['POST /results: body became required', { operation: { requestBody: { content: json('Inputs'), required: false } } }],
  ['Inputs: period is gone', { inputs: { properties: { ...inputs.properties, period: {} } } }],
  ['Inputs: hours became required', { inputs: { required: [] } }],
  ['Result: at is gone', { result: { properties: { ...result.properties, at: {} }, required: ['state', 'at'] } }],
  ['Result: note became optional', { result: { required: ['state', 'note'] } }],
])('an addition breaks no promise, and becomes one: without it, %s', (broken, changed) => {
  const document = described(changed)
  expect(brokenPromises(promises, document)).toEqual([])
  expect(brokenPromises(withAdditions(promises, document), described({}))).toEqual([broken])
})

test('a new operation and its schema break no promise, and become promises', () => {
  const { paths, components } = described({})
  const added: Operation = {
    operationId: 'find',
    parameters: [{ ...page, required: true }],
    responses: { 200: { content: json('Page') } },
  }
  const document = {
    paths: { ...paths, '/results': { ...paths['/results'], get: added } },
    components: {
      ...components,
      schemas: { ...components.schemas, Page: { properties: { data: {} }, required: ['data'] } },
    },
  }
  expect(brokenPromises(promises, document)).toEqual([])
  const broken = brokenPromises(withAdditions(promises, document), described({}))
  expect(broken).toEqual(['GET /results is gone', 'Page is gone'])
})
