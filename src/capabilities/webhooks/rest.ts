import { z } from 'zod'
import { exampleOf, withExample } from '../../domain/example'
import { shownBy } from '../../domain/shown'
import { publicPath } from '../../http/base-path'
import { sendCompressedJson } from '../../http/compression'
import { sendJson } from '../../http/json'
import { component } from '../../rest/description/json-schemas'
import {
  conditionsOf,
  etag,
  type Handler,
  numberOf,
  parsedBody,
  pathParameter,
  type Resource,
  refuseIdempotencyKey,
  sendTagged,
} from '../../rest/resource'
import { feedPath } from '../../rest/resources/events'
import type { UseCases } from '../../use-cases'
import {
  attemptErrorSchema,
  attemptSchema,
  attemptsRecorded,
  endpointSchema,
  endpointStatusSchema,
  failureSchema,
  replaySchema,
  requestSchemas,
} from './model'

const tag = {
  name: 'Webhooks',
  description: 'URLs that the server calls when a session changes. Available only if webhooks are on.',
}

export const webhooksPath = '/api/v1/webhook-endpoints'

component('WebhookAttemptError', attemptErrorSchema)
component('WebhookEndpointStatus', endpointStatusSchema)
component('WebhookFailure', failureSchema)

/** The body omits `version`, because the `ETag` header contains it. */
const bodySchema = component('WebhookEndpoint', endpointSchema.omit({ version: true }))
const endpointBody = shownBy(bodySchema)

const secret = withExample(z.string(), 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwq0vN3rQkH5E=').describe(
  'Secret with which the server signs the messages. The secret is shown only once.',
)
const newEndpointSchema = component('WebhookEndpointWithSecret', bodySchema.extend({ secret }))
const newEndpointBody = shownBy(newEndpointSchema)

component('WebhookAttempt', attemptSchema)
const attemptBody = shownBy(attemptSchema)

const endpointId = pathParameter('endpoint_id', {
  description: 'Id of the webhook endpoint.',
  example: exampleOf(endpointSchema.shape.endpoint_id),
  notFound: 'webhook_endpoint_not_found',
})

const requireAccess = ({ webhooks }: UseCases): void => void webhooks.requireAccess()

const createEndpoint: Handler = async ({ request, response, useCases: { webhooks } }) => {
  const endpoint = await webhooks.create(parsedBody(request))
  response.setHeader('Location', publicPath(`${webhooksPath}/${endpoint.endpoint_id}`))
  response.setHeader('ETag', etag(endpoint.version))
  sendJson(response, 201, newEndpointBody(endpoint))
}

const listEndpoints: Handler = async ({ response, useCases: { webhooks } }) =>
  sendCompressedJson(response, JSON.stringify({ data: (await webhooks.list()).map(endpointBody) }))

const readEndpoint: Handler = async ({ request, response, useCases: { webhooks } }) => {
  const endpoint = await webhooks.get(endpointId(request))
  await sendTagged(response, etag(endpoint.version), () => sendJson(response, 200, endpointBody(endpoint)))
}

const updateEndpoint: Handler = async ({ request, response, useCases: { webhooks } }) => {
  const { expected_versions } = conditionsOf(request, response)
  const endpoint = await webhooks.update(endpointId(request), parsedBody(request), expected_versions)
  response.setHeader('ETag', etag(endpoint.version))
  sendJson(response, 200, endpointBody(endpoint))
}

const deleteEndpoint: Handler = async ({ request, response, useCases: { webhooks } }) => {
  const endpoint_id = endpointId(request)
  await webhooks.delete(endpoint_id)
  sendJson(response, 200, { deleted: true, endpoint_id })
}

const rotateSecret: Handler = async ({ request, response, useCases: { webhooks } }) =>
  sendJson(response, 200, { secret: await webhooks.rotate(endpointId(request)) })

const testEndpoint: Handler = async ({ request, response, useCases: { webhooks } }) => {
  await webhooks.test(endpointId(request))
  sendJson(response, 202, {})
}

const replayEndpoint: Handler = async ({ request, response, useCases: { webhooks } }) => {
  await webhooks.replay(endpointId(request), parsedBody(request))
  sendJson(response, 202, {})
}

const attemptsQuery = z.strictObject({
  limit: z
    .preprocess(numberOf, z.int().min(1).max(attemptsRecorded).default(attemptsRecorded))
    .describe('Maximum number of attempts in the response.'),
})

const listAttempts: Handler<z.output<typeof attemptsQuery>> = async ({
  request,
  response,
  useCases: { webhooks },
  query: { limit },
}) => {
  const attempts = await webhooks.attempts(endpointId(request), limit)
  await sendCompressedJson(response, JSON.stringify({ data: attempts.map(attemptBody) }))
}

const schemas = requestSchemas(false)
const accepted = component('WebhookRequestAccepted', z.strictObject({}))

const path = `${webhooksPath}/:endpoint_id`

/** Webhook resources, which are served only if `WEBHOOKS` is `on`. */
export const webhookResources: Resource[] = [
  {
    path: webhooksPath,
    requireAccess,
    requireChange: refuseIdempotencyKey,
    get: {
      handler: listEndpoints,
      id: 'listWebhookEndpoints',
      tag,
      summary: 'List webhook endpoints, newest first',
      description: "For admins and coordinators. A coordinator sees only its own organisation's endpoints.",
      responses: {
        200: {
          description: 'The endpoints.',
          body: component('WebhookEndpointList', z.strictObject({ data: z.array(bodySchema) })),
        },
      },
    },
    post: {
      handler: createEndpoint,
      id: 'createWebhookEndpoint',
      tag,
      summary: 'Create a webhook endpoint',
      description:
        'From now on, the server calls the URL for each transition that matches the filters, except transitions into `loading`. Messages follow Standard Webhooks 1.0. Verify each message with the secret, which only this response shows.',
      requestBody: {
        schema: component('WebhookEndpointCreate', schemas.create),
        examples: { create: exampleOf(endpointSchema.pick({ url: true, description: true })) },
      },
      responses: {
        201: {
          description: 'The new endpoint, with its secret.',
          body: newEndpointSchema,
          headers: ['Location', 'ETag'],
          links: Object.fromEntries(
            ['readWebhookEndpoint', 'updateWebhookEndpoint', 'deleteWebhookEndpoint'].map(id => [
              id,
              { endpoint_id: 'endpoint_id' },
            ]),
          ),
        },
      },
      problems: ['limit_reached', 'invalid_request'],
    },
  },
  {
    path,
    requireAccess,
    requireChange: refuseIdempotencyKey,
    get: {
      handler: readEndpoint,
      id: 'readWebhookEndpoint',
      tag,
      summary: 'Read a webhook endpoint',
      description:
        "The `ETag` is the version of the endpoint's configuration. Deliveries do not change it, so omit `If-None-Match` to see the progress of deliveries.",
      headers: ['If-None-Match'],
      responses: {
        200: { description: 'The endpoint.', body: bodySchema, headers: ['ETag'] },
        304: { description: "The endpoint's configuration has not changed.", headers: ['ETag'] },
      },
    },
    patch: {
      handler: updateEndpoint,
      id: 'updateWebhookEndpoint',
      tag,
      summary: 'Change or pause a webhook endpoint',
      description:
        'Members that you leave out do not change. `paused: false` resumes delivery from the cursor. `paused: false` also re-enables a disabled endpoint.',
      headers: ['If-Match'],
      requestBody: {
        schema: component('WebhookEndpointUpdate', schemas.update),
        examples: { pause: { paused: true } },
      },
      responses: {
        200: { description: 'The changed endpoint.', body: bodySchema, headers: ['ETag'] },
      },
    },
    delete: {
      handler: deleteEndpoint,
      id: 'deleteWebhookEndpoint',
      tag,
      summary: 'Delete a webhook endpoint',
      description: 'Deletes the endpoint with its secret, cursor and attempts. Waiting messages are dropped.',
      responses: {
        200: {
          description: 'The endpoint is deleted.',
          body: component(
            'WebhookEndpointDeleted',
            z.strictObject({
              deleted: z.boolean().describe('Always true.'),
              endpoint_id: bodySchema.shape.endpoint_id,
            }),
          ),
        },
      },
    },
  },
  {
    path: `${path}/rotations`,
    requireAccess,
    requireChange: refuseIdempotencyKey,
    post: {
      handler: rotateSecret,
      id: 'rotateWebhookSecret',
      tag,
      summary: 'Replace the secret of a webhook endpoint',
      description:
        'For one day, the server signs messages with both the new and the former secret. A second rotation within this day invalidates the oldest secret at once.',
      takesBody: false,
      responses: {
        200: {
          description: 'The new secret.',
          body: component('WebhookSecret', z.strictObject({ secret })),
        },
      },
    },
  },
  {
    path: `${path}/tests`,
    requireAccess,
    requireChange: refuseIdempotencyKey,
    post: {
      handler: testEndpoint,
      id: 'testWebhookEndpoint',
      tag,
      summary: 'Send a test message',
      description: 'Sends one `webhook.test` message, without retries. The list of attempts shows the outcome.',
      takesBody: false,
      responses: { 202: { description: 'The message will be sent.', body: accepted } },
      problems: ['endpoint_inactive', 'limit_reached'],
    },
  },
  {
    path: `${path}/replays`,
    requireAccess,
    requireChange: refuseIdempotencyKey,
    post: {
      handler: replayEndpoint,
      id: 'replayWebhookEndpoint',
      tag,
      summary: 'Deliver messages again',
      description: `Moves the endpoint to a cursor of the feed (\`${feedPath}\`), and redelivers all messages after this cursor, with the same ids.`,
      requestBody: {
        schema: component('WebhookReplay', replaySchema),
        examples: { replay: exampleOf(replaySchema) },
      },
      responses: { 202: { description: 'The messages will be sent.', body: accepted } },
      problems: ['endpoint_inactive', 'invalid_cursor', 'cursor_expired'],
    },
  },
  {
    path: `${path}/attempts`,
    requireAccess,
    get: {
      handler: listAttempts,
      id: 'listWebhookAttempts',
      tag,
      summary: `List the last ${attemptsRecorded} attempts, newest first`,
      description: 'A recorded attempt contains no message body, secret or name.',
      query: attemptsQuery,
      responses: {
        200: {
          description: 'The attempts.',
          body: component('WebhookAttemptList', z.strictObject({ data: z.array(attemptSchema) })),
        },
      },
    },
  },
]
