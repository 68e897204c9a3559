import {
  Arg,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  registerEnumType,
} from 'type-graphql'
import { z } from 'zod'
import { valid } from '../domain/errors'
import { transitionEvents } from '../domain/session'
import {
  type AttemptError,
  attemptErrors,
  attemptsRecorded,
  type EndpointStatus,
  endpointStatuses,
  endpointsInTotal,
  type WebhookAttempt,
} from '../domain/webhook-endpoint'
import type { ShownEndpoint } from '../webhooks/webhooks'
import type { Context } from './context'
import { snakeMembers } from './names'
import { price } from './price'
import { DateTime, enumOf, TransitionEvent } from './types'

const WebhookEndpointStatus = enumOf(endpointStatuses)
const WebhookAttemptError = enumOf(attemptErrors)
registerEnumType(WebhookEndpointStatus, { name: 'WebhookEndpointStatus' })
registerEnumType(WebhookAttemptError, { name: 'WebhookAttemptError' })

@ObjectType({ simpleResolvers: true })
class WebhookFailure {
  @Field(() => DateTime) at!: string
  @Field(() => Int, { nullable: true, description: 'Status of the response. Null if there was none.' })
  status!: number | null
  @Field(() => WebhookAttemptError) error!: AttemptError
}

@ObjectType('WebhookAttempt', { simpleResolvers: true, description: 'One attempt to deliver a message.' })
class WebhookAttemptType {
  @Field(() => ID, { description: 'The header `webhook-id` of the message.' }) messageId!: string
  @Field(() => String) type!: string
  @Field(() => ID, { nullable: true }) sessionId!: string | null
  @Field(() => Int, { nullable: true }) sequence!: number | null
  @Field(() => Int, { description: '1 for the first attempt of the message.' }) attempt!: number
  @Field(() => DateTime) at!: string
  @Field(() => Int) durationMs!: number
  @Field(() => Int, { nullable: true, description: 'Status of the response. Null if there was none.' })
  status!: number | null
  @Field(() => WebhookAttemptError, { nullable: true, description: 'Null if the attempt succeeded.' })
  error!: AttemptError | null
  @Field(() => DateTime, { nullable: true }) nextAttemptAt!: string | null
}

@ObjectType({ simpleResolvers: true, description: 'A URL that the server calls when a session changes.' })
class WebhookEndpoint {
  @Field(() => ID)
  @Extensions({ member: 'endpoint_id' })
  id!: string
  @Field(() => String) url!: string
  @Field(() => String, { nullable: true }) description!: string | null
  @Field(() => [TransitionEvent], { description: 'Events that it receives. Empty: all.' })
  @Extensions(price({ size: transitionEvents.length, part: true }))
  events!: string[]
  @Field(() => ID, { nullable: true }) organisationId!: string | null
  @Field(() => ID, { nullable: true }) mentorId!: string | null
  @Field(() => WebhookEndpointStatus) status!: EndpointStatus
  @Field(() => String, { description: 'Cursor of the feed before the oldest message that has not succeeded.' })
  cursor!: string
  @Field(() => Int, { description: 'Version of the configuration. Use it as `expectedVersion`.' }) version!: number
  @Field(() => DateTime) createdAt!: string
  @Field(() => DateTime) updatedAt!: string
  @Field(() => DateTime, { nullable: true }) lastSuccessAt!: string | null
  @Field(() => WebhookFailure, { nullable: true }) lastFailure!: WebhookFailure | null
  @Field(() => Int, { description: 'Number of messages that are due, held back or being retried, at most 1,000.' })
  pending!: number
}

@ObjectType({ simpleResolvers: true })
class CreateWebhookEndpointPayload {
  @Field(() => WebhookEndpoint) endpoint!: WebhookEndpoint
  @Field(() => String, { description: 'Secret that signs the messages. It is shown only here and after a rotation.' })
  secret!: string
}

@ObjectType({ simpleResolvers: true })
class DeleteWebhookEndpointPayload {
  @Field(() => ID) endpointId!: string
  @Field(() => Boolean) deleted!: boolean
}

@ObjectType({ simpleResolvers: true })
class RotateWebhookSecretPayload {
  @Field(() => String) secret!: string
}

@ObjectType({ simpleResolvers: true })
class WebhookRequestPayload {
  @Field(() => ID) endpointId!: string
}

@InputType()
class CreateWebhookEndpointInput {
  @Field(() => String) url!: string
  @Field(() => String, { nullable: true }) description?: string
  @Field(() => [TransitionEvent], { nullable: true, description: 'Left out or empty: all.' }) events?: string[]
  @Field(() => ID, { nullable: true }) organisationId?: string
  @Field(() => ID, { nullable: true }) mentorId?: string
}

@InputType()
class UpdateWebhookEndpointInput {
  @Field(() => ID) id!: string
  @Field(() => String, { nullable: true }) url?: string
  @Field(() => String, { nullable: true }) description?: string | null
  @Field(() => [TransitionEvent], { nullable: true }) events?: string[]
  @Field(() => Boolean, { nullable: true, description: '`false` also enables a disabled endpoint again.' })
  paused?: boolean
  @Field(() => Int, { nullable: true }) expectedVersion?: number | null
}

@InputType()
class ReplayWebhookEndpointInput {
  @Field(() => ID) id!: string
  @Field(() => String, { description: 'Cursor of the feed. Everything after it is delivered again.' }) after!: string
}

const access = 'For admins and coordinators, if webhooks are on.'
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
    return webhooks.find(id)
  }

  @Mutation(() => CreateWebhookEndpointPayload, {
    description: `Creates a webhook endpoint, which begins now. ${access} Errors: VALIDATION_FAILED, LIMIT_REACHED, …`,
  })
  async createWebhookEndpoint(
    @Arg('input', () => CreateWebhookEndpointInput) { events, ...input }: CreateWebhookEndpointInput,
    @Ctx() { webhooks }: Context,
  ) {
    const { secret, ...endpoint } = await webhooks.create({ ...snakeMembers(input), events })
    return { endpoint, secret }
  }

  @Mutation(() => WebhookEndpoint, {
    description: `Changes or pauses a webhook endpoint. Errors: WEBHOOK_ENDPOINT_NOT_FOUND, VERSION_MISMATCH, …`,
  })
  updateWebhookEndpoint(
    @Arg('input', () => UpdateWebhookEndpointInput) input: UpdateWebhookEndpointInput,
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
    description: 'Replaces the secret. For one day, messages are signed with the new and the former one.',
  })
  async rotateWebhookSecret(@Arg('id', () => ID) id: string, @Ctx() { webhooks }: Context) {
    return { secret: await webhooks.rotate(id) }
  }

  @Mutation(() => WebhookRequestPayload, {
    description: 'Sends one message of the type `webhook.test`, once. Errors: ENDPOINT_INACTIVE, LIMIT_REACHED, …',
  })
  async testWebhookEndpoint(@Arg('id', () => ID) id: string, @Ctx() { webhooks }: Context) {
    await webhooks.test(id)
    return { endpoint_id: id }
  }

  @Mutation(() => WebhookRequestPayload, {
    description:
      'Delivers everything after a cursor again. Errors: ENDPOINT_INACTIVE, INVALID_CURSOR, CURSOR_EXPIRED, …',
  })
  async replayWebhookEndpoint(
    @Arg('input', () => ReplayWebhookEndpointInput) { id, after }: ReplayWebhookEndpointInput,
    @Ctx() { webhooks }: Context,
  ) {
    await webhooks.replay(id, { after })
    return { endpoint_id: id }
  }

  @FieldResolver(() => [WebhookAttemptType], { description: 'The latest attempts, newest first.' })
  @Extensions(price({ size: 'limit', most: attemptsRecorded }))
  attempts(
    @Arg('first', () => Int, { defaultValue: attemptsRecorded, nullable: true }) first: number | null,
    @Root() { endpoint_id }: ShownEndpoint,
    @Ctx() { webhooks }: Context,
  ): Promise<WebhookAttempt[]> {
    return webhooks.attempts(endpoint_id, valid(attemptsArguments, { first: first ?? attemptsRecorded }).first)
  }
}
