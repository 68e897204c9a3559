import { Arg, Ctx, Extensions, Mutation, Resolver } from 'type-graphql'
import { z } from 'zod'
import { faultSchema } from '../../domain/errors'
import type { Context } from '../../resolvers/context'
import { enumType, objectType } from '../../resolvers/derive'
import { snakeMembers, unlessEmpty } from '../../resolvers/names'
import { price } from '../../resolvers/price'
import { translatedError } from '../../resolvers/translated-error'
import { Session, StartSessionInput } from '../../resolvers/types'
import type { StartOutcome as Outcome } from './imports'
import { outcomeSchema, outcomeStatusSchema, startsAtOnce } from './model'

/** Maximum number of faults reported per input. This maximum is larger than the number of an input's fields. */
const faultsOfInput = 50

enumType('StartStatus', outcomeStatusSchema, {
  descriptions: {
    repeated: 'A session was started with the same content and `externalId` before. Nothing was written.',
  },
})

const startFaultSchema = faultSchema.pick({ detail: true, pointer: true })
objectType('StartFault', startFaultSchema, {
  description: 'An invalid value in an input.',
  members: { pointer: 'JSON Pointer into the input.' },
})

const StartOutcome = objectType(
  'StartOutcome',
  z.object({
    status: outcomeSchema.shape.status,
    session: z
      .unknown()
      .nullable()
      .describe('The started session. Null if there is none, or if it is outside your scope.'),
    code: z.string().nullable().describe('Error code. Null unless the input is refused.'),
    message: z.string().nullable().describe('Human-readable error message. Null unless the input is refused.'),
    errors: z.array(startFaultSchema).nullable(),
  }),
  {
    description: 'Outcome of one input of `startSessions`.',
    members: { status: null, session: { type: Session }, errors: { size: faultsOfInput } },
  },
)

function shown(outcome: Outcome) {
  if (outcome.status !== 'refused') return { ...outcome, code: null, message: null, errors: null }
  const { message, code, facts } = translatedError(outcome.error)
  return { status: outcome.status, session: null, code, message, errors: facts.errors ?? null }
}

@Resolver()
export class ImportResolver {
  @Mutation(() => [StartOutcome], {
    description: `Starts up to ${startsAtOnce} sessions, and returns an outcome for each input, in the same order. Each start is atomic, but the mutation as a whole is not. An input with an \`externalId\` can be sent again: it is not started twice. Errors: FORBIDDEN, VALIDATION_FAILED, …`,
  })
  @Extensions(price({ size: 'argument' }))
  async startSessions(
    @Arg('inputs', () => [StartSessionInput]) inputs: StartSessionInput[],
    @Ctx() { import: imports, request_id, signal }: Context,
  ) {
    const starts = inputs.map(({ idempotencyKey, ...start }) => ({
      body: snakeMembers(start),
      idempotency_key: unlessEmpty(idempotencyKey),
    }))
    return (await imports.startAll(starts, { request_id, signal })).map(shown)
  }
}
