import { z } from 'zod'
import {
  currencySchema,
  inputsSchema,
  outputBoundSchema,
  outputRangeSchema,
  outputsSchema,
  storedInputsSchema,
} from '../../domain/calculator'
import { resultSchema, shownResult } from '../../domain/session'
import { sendCompressedJson, varyByEncoding } from '../../http/compression'
import { sendJson } from '../../http/json'
import { examples } from '../description/examples'
import { tags } from '../description/headers-and-tags'
import { component } from '../description/json-schemas'
import { type Handler, parsedBody, pathParameter, type Resource, revalidated, sendTagged, weakEtag } from '../resource'
import { bothPaths, sessionId } from './sessions'

const calculationsPath = '/api/v1/benefit-calculations'

component('Currency', currencySchema)
component('Period', storedInputsSchema.shape.period.unwrap())
component('CostPerHourRange', storedInputsSchema.shape.cost_per_hour_range.unwrap())
component('OutputBound', outputBoundSchema)
component('OutputRange', outputRangeSchema)
component('UndefinedOutput', outputsSchema.shape.undefined_because.element)
component('KeptInputs', storedInputsSchema)
component('Outputs', outputsSchema)
component('Result', resultSchema)

const resultId = pathParameter('result_id', {
  description: 'Id of the result within its session. The `id` of the result in GraphQL is also accepted.',
  example: examples.result.result_id,
  notFound: 'result_not_found',
})

const listResults: Handler = async ({ request, response, useCases: { queries } }) => {
  const session_id = sessionId(request)
  const { version } = await queries.snapshot(session_id)
  varyByEncoding(response)
  await sendTagged(response, weakEtag(version), async () => {
    const data = (await queries.results(session_id)).map(shownResult)
    await sendCompressedJson(response, JSON.stringify({ data }))
  })
}

const readResult: Handler = async ({ request, response, useCases: { queries } }) => {
  const result = await queries.result(sessionId(request), resultId(request))
  // A result never changes. Clients must revalidate a cached result anyway, because deleting a session also deletes its
  // results.
  await sendTagged(response, `"${result.result_id}"`, () => sendJson(response, 200, shownResult(result)))
}

const calculate: Handler = async ({ request, response, useCases: { sessions } }) =>
  sendJson(response, 200, await sessions.calculate(parsedBody(request)))

export const resultResources: Resource[] = [
  {
    path: bothPaths('/:session_id/results'),
    cached: revalidated,
    get: {
      handler: listResults,
      id: 'listResults',
      tag: tags.results,
      summary: 'List the results of a session, newest first',
      description: 'A calculation with different inputs creates a new result. A result never changes.',
      headers: ['If-None-Match'],
      responses: {
        200: {
          description: 'The results.',
          body: component('ResultList', z.strictObject({ data: z.array(resultSchema) })),
          example: { data: [examples.result] },
          headers: ['ETag'],
        },
        304: { description: 'The results have not changed.', headers: ['ETag'] },
      },
    },
  },
  {
    path: bothPaths('/:session_id/results/:result_id'),
    cached: revalidated,
    get: {
      handler: readResult,
      id: 'readResult',
      tag: tags.results,
      summary: 'Read one result',
      description: 'A result has its inputs and outputs, the method of the calculation, and a caveat.',
      headers: ['If-None-Match'],
      responses: {
        200: { description: 'The result.', body: resultSchema, example: examples.result, headers: ['ETag'] },
        304: { description: 'The client already has the result.', headers: ['ETag'] },
      },
    },
  },
  {
    path: calculationsPath,
    post: {
      handler: calculate,
      id: 'calculate',
      tag: tags.results,
      summary: 'Calculate without storing anything',
      description: 'An undefined output is null, and `undefined_because` has the reason.',
      requestBody: {
        schema: component('Inputs', inputsSchema),
        examples: { calculate: examples.inputs, stated: examples.statedInputs },
      },
      responses: {
        200: { description: 'The outputs.', body: outputsSchema, example: examples.outputs },
      },
      usesStore: false,
    },
  },
]
