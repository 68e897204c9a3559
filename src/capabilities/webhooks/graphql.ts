import { Arg, Ctx, Extensions, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql'
import { z } from 'zod'
import { valid } from '../../domain/errors'
import { transitionEvents } from '../../domain/session'
import type { Context } from '../../resolvers/context'
import { enumType, type InputValue, inputType, objectType } from '../../resolvers/derive'
import { snakeMembers } from '../../resolvers/names'
import { price } from '../../resolvers/price'
import {
  attemptErrorSchema,
  attemptSchema,
  attemptsRecorded,
  endpointSchema,
  endpointStatusSchema,
  endpointsInTotal,
  failureSchema,
  replaySchema,
  requestSchemas,
  type ShownEndpoint,
  type WebhookAttempt,
} from './model'

// Types

enumType('WebhookEndpointStatus', endpointStatusSchema, {
  description: 'State of a webhook endpoint. The server sends nothing to a paused or disabled endpoint.',
  descriptions: {
    active: 'The last attempt succeeded, or there was none yet.',
    retrying: 'A failed message waits for its next attempt.',
    paused: 'A client paused the endpoint.',
    disabled: 'The receiver failed too often, or returned 410.',
  },
})
enumType('WebhookAttemptError', attemptErrorSchema, {
  description: 'Reason why an attempt failed.',
  descriptions: {
    unexpected_status: 'The status of the response was not 2xx.',
    timed_out: 'The receiver did not respond in time.',
    name_not_resolved: "The host name of the endpoint's URL has no address.",
    address_not_allowed: 'All addresses of the host name are private or reserved.',
    connection_failed: 'The connection failed, or ended before the response.',
    tls_failed: 'The TLS handshake failed, for example because of an invalid certificate.',
  },
})
objectType('WebhookFailure', failureSchema, {
  description: 'The last failed attempt to deliver a message to a webhook endpoint.',
})

const WebhookAttemptType = objectType('WebhookAttempt', attemptSchema, {
  description: 'An attempt to deliver a webhook message.',
})

const WebhookEndpoint = objectType('WebhookEndpoint', endpointSchema, {
  description: 'A URL that the server calls when a session changes.',
  members: {
    endpoint_id: { name: 'id' },
    events: { size: transitionEvents.length },
    version: "Version of the endpoint's configuration. Use it as `expectedVersion`.",
    pending: 'Number of messages that are due, held back or being retried, at most 1,000.',
  },
})

const CreateWebhookEndpointPayload = objectType(
  'CreateWebhookEndpointPayload',
  z.object({
    endpoint: endpointSchema,
    secret: z
      .string()
      .describe('Secret with which the server signs the messages. The secret is shown only here and after a rotation.'),
  }),
)

const { endpoint_id } = endpointSchema.shape
const DeleteWebhookEndpointPayload = objectType(
  'DeleteWebhookEndpointPayload',
  z.object({ endpoint_id, deleted: z.boolean() }),
)
const RotateWebhookSecretPayload = objectType('RotateWebhookSecretPayload', z.object({ secret: z.string() }))
const WebhookRequestPayload = objectType('WebhookRequestPayload', z.object({ endpoint_id }))

// Inputs

const { create, update } = requestSchemas(false)
const id = endpoint_id

const CreateWebhookEndpointInput = inputType('CreateWebhookEndpointInput', create, {
  description:
    'A new webhook endpoint. If you set neither organisation nor mentor, it receives the transitions of all sessions in your scope.',
  members: {
    description: null,
    events: 'Events that the endpoint receives. If the list is missing or empty, the endpoint receives all events.',
    organisation_id: null,
    mentor_id: null,
  },
})

const updateInput = z.object({ id, ...update.shape, expected_version: z.int().nullish() })
const UpdateWebhookEndpointInput = inputType('UpdateWebhookEndpointInput', updateInput, {
  members: { description: null, events: null },
})

const replayInput = z.object({ id, ...replaySchema.shape })
const ReplayWebhookEndpointInput = inputType('ReplayWebhookEndpointInput', replayInput)

const access = 'Available to admins and coordinators if webhooks are on.'
const attemptsArguments = z.object({ first: z.int().min(1).max(attemptsRecorded) })

@Resolver(() => WebhookEndpoint)
export class WebhooksResolver {
  @Query(() => [WebhookEndpoint], { description: `Returns the webhook endpoints, newest first. ${access}` })
  @Extensions(price({ size: endpointsInTotal }))
  webhookEndpoints(@Ctx() { webhooks }: Context): Promise<ShownEndpoint[]> {
    return webhooks.list()
  }

  @Query(() => WebhookEndpoint, {
    nullable: true,
    description: `Returns one webhook endpoint, or null if none has this id. ${access}`,
  })
  @Extensions(price({ weight: 1 }))
  webhookEndpoint(@Arg('id', () => ID) id: string, @Ctx() { webhooks }: Context): Promise<ShownEndpoint | null> {
    return webhooks.findEndpoint(id)
  }

  @Mutation(() => CreateWebhookEndpointPayload, {
    description: `Creates a webhook endpoint that receives all later transitions. ${access} Errors: VALIDATION_FAILED, LIMIT_REACHED, …`,
  })
  async createWebhookEndpoint(
    @Arg('input', () => CreateWebhookEndpointInput) { events, ...input }: InputValue<typeof create>,
    @Ctx() { webhooks }: Context,
  ) {
    const { secret, ...endpoint } = await webhooks.create({ ...snakeMembers(input), events })
    return { endpoint, secret }
  }

  @Mutation(() => WebhookEndpoint, {
    description: `Changes or pauses a webhook endpoint. Errors: WEBHOOK_ENDPOINT_NOT_FOUND, VERSION_MISMATCH, …`,
  })
  updateWebhookEndpoint(
    @Arg('input', () => UpdateWebhookEndpointInput) input: InputValue<typeof updateInput>,
    @Ctx() { webhooks }: Context,
  ): Promise<ShownEndpoint> {
    const { id, expectedVersion, ...body } = input
    return webhooks.update(id, { ...body }, expectedVersion == null ? undefined : [expectedVersion])
  }

  @Mutation(() => DeleteWebhookEndpointPayload, {
    description: 'Deletes a webhook endpoint with its secret, cursor and attempts.',
  })
  async deleteWebhookEndpoint(@Arg('id', () => ID) id: string, @Ctx() { webhooks }: Context) {
    await webhooks.delete(id)
    return { endpoint_id: id, deleted: true }
  }

  @Mutation(() => RotateWebhookSecretPayload, {
    description:
      'Replaces the secret of a webhook endpoint. For one day, the server signs messages with both the new and the former secret.',
  })
  async rotateWebhookSecret(@Arg('id', () => ID) id: string, @Ctx() { webhooks }: Context) {
    return { secret: await webhooks.rotate(id) }
  }

  @Mutation(() => WebhookRequestPayload, {
    description: 'Sends one `webhook.test` message, without retries. Errors: ENDPOINT_INACTIVE, LIMIT_REACHED, …',
  })
  async testWebhookEndpoint(@Arg('id', () => ID) id: string, @Ctx() { webhooks }: Context) {
    await webhooks.test(id)
    return { endpoint_id: id }
  }

  @Mutation(() => WebhookRequestPayload, {
    description:
      'Redelivers the transitions after a feed cursor. Errors: ENDPOINT_INACTIVE, INVALID_CURSOR, CURSOR_EXPIRED, …',
  })
  async replayWebhookEndpoint(
    @Arg('input', () => ReplayWebhookEndpointInput) { id, after }: InputValue<typeof replayInput>,
    @Ctx() { webhooks }: Context,
  ) {
    await webhooks.replay(id, { after })
    return { endpoint_id: id }
  }

  @FieldResolver(() => [WebhookAttemptType], { description: 'The latest delivery attempts, newest first.' })
  @Extensions(price({ size: 'limit', most: attemptsRecorded }))
  attempts(
    @Arg('first', () => Int, { defaultValue: attemptsRecorded, nullable: true }) first: number | null,
    @Root() { endpoint_id }: ShownEndpoint,
    @Ctx() { webhooks }: Context,
  ): Promise<WebhookAttempt[]> {
    return webhooks.attempts(endpoint_id, valid(attemptsArguments, { first: first ?? attemptsRecorded }).first)
  }
}
