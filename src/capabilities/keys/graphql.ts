import { Arg, Ctx, Extensions, ID, Mutation, Query, Resolver } from 'type-graphql'
import { z } from 'zod'
import { roleSchema } from '../../domain/role'
import type { Context } from '../../resolvers/context'
import { enumType, type InputValue, inputType, objectType } from '../../resolvers/derive'
import { snakeMembers } from '../../resolvers/names'
import { price } from '../../resolvers/price'
import { createSchema, keysInTotal, rotateSchema, type ShownKey, serviceKeySchema } from './model'
import type { KeyWithSecret } from './use-cases'

enumType('ServiceKeyRole', roleSchema, { description: 'Role of a service key.' })

const ServiceKey = objectType('ServiceKey', serviceKeySchema, {
  description: 'A key with which a program signs in. The key itself is shown only when it is created or rotated.',
  members: { key_id: { name: 'id' } },
})

const payload = z.object({
  service_key: serviceKeySchema,
  key: z.string().describe('The key to send as a bearer token. The key is shown only here.'),
})
const CreateServiceKeyPayload = objectType('CreateServiceKeyPayload', payload)
const RotateServiceKeyPayload = objectType('RotateServiceKeyPayload', payload)
const { key_id } = serviceKeySchema.shape
const RevokeServiceKeyPayload = objectType('RevokeServiceKeyPayload', z.object({ key_id, revoked: z.boolean() }))

const CreateServiceKeyInput = inputType('CreateServiceKeyInput', createSchema, {
  description: 'A new service key. The roles COORDINATOR and READER need an organisation, and MENTOR needs a mentor.',
  members: { name: '1 to 200 characters. Author (`by`) of the changes made with the key.' },
})
const rotateInput = z.object({ id: key_id, ...rotateSchema.shape })
const RotateServiceKeyInput = inputType('RotateServiceKeyInput', rotateInput)

const access = 'Available to admins if the server accepts stored keys.'

const withSecret = ({ key, ...service_key }: KeyWithSecret) => ({ service_key, key })

@Resolver()
export class KeysResolver {
  @Query(() => [ServiceKey], { description: `Returns the stored service keys, newest first. ${access}` })
  @Extensions(price({ size: keysInTotal }))
  serviceKeys(@Ctx() { keys }: Context): Promise<ShownKey[]> {
    return keys.list()
  }

  @Query(() => ServiceKey, {
    nullable: true,
    description: `Returns one stored service key, or null if none has this id. ${access}`,
  })
  @Extensions(price({ weight: 1 }))
  serviceKey(@Arg('id', () => ID) id: string, @Ctx() { keys }: Context): Promise<ShownKey | null> {
    return keys.find(id)
  }

  @Mutation(() => CreateServiceKeyPayload, {
    description: `Creates a service key. ${access} Errors: VALIDATION_FAILED, LIMIT_REACHED, …`,
  })
  async createServiceKey(
    @Arg('input', () => CreateServiceKeyInput) input: InputValue<typeof createSchema>,
    @Ctx() { keys }: Context,
  ) {
    return withSecret(await keys.create(snakeMembers(input)))
  }

  @Mutation(() => RotateServiceKeyPayload, {
    description:
      'Replaces the secret of a service key. The former secret ends at once, or after `overlapHours`. Errors: SERVICE_KEY_NOT_FOUND, …',
  })
  async rotateServiceKey(
    @Arg('input', () => RotateServiceKeyInput) { id, ...input }: InputValue<typeof rotateInput>,
    @Ctx() { keys }: Context,
  ) {
    return withSecret(await keys.rotate(id, snakeMembers(input)))
  }

  @Mutation(() => RevokeServiceKeyPayload, {
    description:
      'Revokes a service key: every process refuses it within a second. Errors: SERVICE_KEY_NOT_FOUND, LAST_ADMIN_KEY, …',
  })
  async revokeServiceKey(@Arg('id', () => ID) id: string, @Ctx() { keys }: Context) {
    await keys.revoke(id)
    return { key_id: id, revoked: true }
  }
}
