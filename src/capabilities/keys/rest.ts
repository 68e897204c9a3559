import { z } from 'zod'
import { exampleOf, withExample } from '../../domain/example'
import { shownBy } from '../../domain/shown'
import { publicPath } from '../../http/base-path'
import { sendCompressedJson } from '../../http/compression'
import { sendJson } from '../../http/json'
import { component } from '../../rest/description/json-schemas'
import { type Handler, parsedBody, pathParameter, type Resource, refuseIdempotencyKey } from '../../rest/resource'
import type { UseCases } from '../../use-cases'
import { createSchema, overlapHours, rotateSchema, serviceKeySchema } from './model'

const tag = {
  name: 'Service keys',
  description:
    'Keys with which programs sign in, managed by admins. Available only if the server accepts stored keys (`AUTH_KEYS=stored`).',
}

const keysPath = '/api/v1/service-keys'

const bodySchema = component('ServiceKey', serviceKeySchema)
const keyBody = shownBy(bodySchema)

const secretSchema = component(
  'ServiceKeyWithSecret',
  bodySchema.extend({
    key: withExample(z.string(), 'bsk_0Nq3xW8vT5rJ1mYc7LkZ2pHs9dFgB4eUaQxR6tVwKyo').describe(
      'The key to send as a bearer token. The key is shown only once.',
    ),
  }),
)
const secretBody = shownBy(secretSchema)

const keyId = pathParameter('key_id', {
  description: 'Id of the service key.',
  example: exampleOf(serviceKeySchema.shape.key_id),
  notFound: 'service_key_not_found',
})

const requireAccess = ({ keys }: UseCases): void => void keys.requireAccess()

const createKey: Handler = async ({ request, response, useCases: { keys } }) => {
  const created = await keys.create(parsedBody(request))
  response.setHeader('Location', publicPath(`${keysPath}/${created.key_id}`))
  sendJson(response, 201, secretBody(created))
}

const listKeys: Handler = async ({ response, useCases: { keys } }) =>
  sendCompressedJson(response, JSON.stringify({ data: (await keys.list()).map(keyBody) }))

const readKey: Handler = async ({ request, response, useCases: { keys } }) =>
  sendJson(response, 200, keyBody(await keys.get(keyId(request))))

const revokeKey: Handler = async ({ request, response, useCases: { keys } }) => {
  const key_id = keyId(request)
  await keys.revoke(key_id)
  sendJson(response, 200, { revoked: true, key_id })
}

const rotateKey: Handler = async ({ request, response, useCases: { keys } }) =>
  sendJson(response, 200, secretBody(await keys.rotate(keyId(request), parsedBody(request))))

const path = `${keysPath}/:key_id`

export const keyResources: Resource[] = [
  {
    path: keysPath,
    requireAccess,
    requireChange: refuseIdempotencyKey,
    get: {
      handler: listKeys,
      id: 'listServiceKeys',
      tag,
      summary: 'List service keys, newest first',
      description: 'For admins. Lists the stored keys, expired keys included, but not the keys in the key file.',
      responses: {
        200: {
          description: 'The service keys.',
          body: component('ServiceKeyList', z.strictObject({ data: z.array(bodySchema) })),
        },
      },
    },
    post: {
      handler: createKey,
      id: 'createServiceKey',
      tag,
      summary: 'Create a service key',
      description:
        'For admins. Only this response contains the key. Other processes of the server accept the key within a second.',
      requestBody: {
        schema: component('ServiceKeyCreate', createSchema),
        examples: { create: exampleOf(createSchema) },
      },
      responses: {
        201: {
          description: 'The new service key.',
          body: secretSchema,
          headers: ['Location'],
          links: Object.fromEntries(
            ['readServiceKey', 'revokeServiceKey', 'rotateServiceKey'].map(id => [id, { key_id: 'key_id' }]),
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
      handler: readKey,
      id: 'readServiceKey',
      tag,
      summary: 'Read a service key',
      description: 'For admins. The response contains no secret.',
      responses: { 200: { description: 'The service key.', body: bodySchema } },
    },
    delete: {
      handler: revokeKey,
      id: 'revokeServiceKey',
      tag,
      summary: 'Revoke a service key',
      description:
        "For admins. Within a second, every process of the server refuses the key, and ends the key's streams, WebSockets and requests.",
      responses: {
        200: {
          description: 'The service key is revoked.',
          body: component(
            'ServiceKeyRevoked',
            z.strictObject({
              revoked: z.boolean().describe('Always true.'),
              key_id: bodySchema.shape.key_id,
            }),
          ),
        },
      },
      problems: ['last_admin_key'],
    },
  },
  {
    path: `${path}/rotations`,
    requireAccess,
    requireChange: refuseIdempotencyKey,
    post: {
      handler: rotateKey,
      id: 'rotateServiceKey',
      tag,
      summary: 'Replace the secret of a service key',
      description: `For admins. The service key keeps its id, rights and idempotency keys. The replaced secret ends at once, or after \`overlap_hours\`, at most ${overlapHours}. A second rotation within this time ends the oldest secret at once.`,
      requestBody: {
        schema: component('ServiceKeyRotate', rotateSchema),
        examples: { overlap: { overlap_hours: 24 } },
      },
      responses: { 200: { description: 'The service key with its new secret.', body: secretSchema } },
    },
  },
]
