import 'reflect-metadata'
import { GraphQLError, GraphQLScalarType } from 'graphql'
import { Extensions, Field, Float, ID, InputType, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql'
import { z } from 'zod'
import {
  costRangeSchema,
  outputBoundSchema,
  outputRangeSchema,
  outputsSchema,
  outputsThatMayBeNull,
  storedInputsSchema,
  type UndefinedReason,
  undefinedReasons,
} from '../domain/calculator'
import { maxShareDays, shareDays } from '../domain/limits'
import { method } from '../domain/methods'
import { sessionOrderFields } from '../domain/order'
import { idempotencyLifetime, resultSchema, sessionEvents, states, transitionEvents } from '../domain/session'
import type { SortKey } from '../domain/sort-key'
import { shownTime, timestampSchema } from '../domain/timestamp'
import { camel, constant } from './names'
import { price } from './price'

// These classes only declare the GraphQL types. Resolvers return the domain's own objects (see `readSnakeCase`).

export const enumOf = <T extends string>(names: readonly T[]): Record<string, T> =>
  Object.fromEntries(names.map(name => [constant(name), name]))

export const SessionState = enumOf(states)
export const SessionEvent = enumOf(sessionEvents)
export const TransitionEvent = enumOf(transitionEvents)
const UndefinedReasons = enumOf(undefinedReasons)
/** Enum values omit the suffixes `_at`, `_id` and `_to`: CREATED for `created_at`. */
const SessionOrderField = Object.fromEntries(
  sessionOrderFields.map(name => [constant(name.replace(/_(at|id|to)$/, '')), name]),
)

registerEnumType(SessionState, { name: 'SessionState', description: 'State of a session. `CLOSED` is the last one.' })
registerEnumType(SessionEvent, {
  name: 'SessionEvent',
  description: 'Events that a client can dispatch. In REST: CalculateRequested, ShareRequested, …',
})
registerEnumType(TransitionEvent, {
  name: 'TransitionEvent',
  description: 'Cause of a transition: a dispatched event, or the start or close of the session.',
})
registerEnumType(SessionOrderField, { name: 'SessionOrderField', description: 'What sessions are ordered by.' })
registerEnumType(UndefinedReasons, { name: 'UndefinedReason', description: 'Why an output is null.' })

export const DateTime = new GraphQLScalarType({
  name: 'DateTime',
  description: 'UTC time in whole seconds, in the format of RFC 3339: 2026-03-26T09:15:00Z.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: time => shownTime(String(time)),
})

export type OrderKey = SortKey['key']

export const OrderKey = new GraphQLScalarType<OrderKey, OrderKey>({
  name: 'OrderKey',
  description: 'Sort key of a session in an order: a text or a whole number. Null comes last. Ties are ordered by id.',
  serialize: key => key as OrderKey,
})

export const DateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description: 'A date such as 2026-03-31.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
  // The domain checks that the day exists, because it can report the pointer.
  parseValue(value) {
    if (typeof value !== 'string') throw new GraphQLError('A date must be a string such as "2026-03-31".')
    return value
  },
})

/**
 * Declares a field for each member of a domain schema, in its order: texts, numbers and times as the matching scalars.
 * `declared` has the decorators of the fields that need others.
 */
function fieldsOf(schema: z.ZodObject, declared: Record<string, PropertyDecorator[]>): ClassDecorator {
  return ({ prototype }) => {
    for (const [member, part] of Object.entries(schema.shape)) {
      const nullable = part.isOptional() || part.isNullable()
      for (const declare of declared[member] ?? [Field(() => scalarOf(part), { nullable })]) {
        declare(prototype, camel(member))
      }
    }
  }
}

function scalarOf(part: z.ZodType): typeof Int | typeof DateTime | StringConstructor {
  if (part instanceof z.ZodOptional || part instanceof z.ZodNullable) return scalarOf(part.unwrap() as z.ZodType)
  if (part instanceof z.ZodNumber) return part.isInt ? Int : Float
  if (!(part instanceof z.ZodString)) throw new Error('declare this field: only texts, numbers and times are derived')
  return part.meta()?.format === 'date-time' ? DateTime : String
}

@ObjectType({ simpleResolvers: true, description: 'First and last day of a period.' })
export class Period {
  @Field(() => DateScalar) from!: string
  @Field(() => DateScalar) to!: string
}

@ObjectType({ simpleResolvers: true, description: 'Lowest and highest plausible cost of an hour.' })
@fieldsOf(costRangeSchema, {})
class CostPerHourRange {}

@ObjectType({ simpleResolvers: true, description: 'Inputs of a stored calculation.' })
@fieldsOf(storedInputsSchema, {
  period: [Field(() => Period, { nullable: true })],
  cost_per_hour_range: [Field(() => CostPerHourRange, { nullable: true })],
})
export class CalculationInputValues {}

@ObjectType({ simpleResolvers: true, description: 'An output that is null, and why.' })
export class UndefinedOutput {
  @Field(() => String, { description: 'Name of the field that is null, such as benefitCostRatio.' })
  output!: string
  @Field(() => UndefinedReasons) reason!: UndefinedReason
}

@ObjectType({ simpleResolvers: true, description: 'Outputs with one of the bounds of the cost of an hour.' })
@fieldsOf(outputBoundSchema, {})
class OutputBound {}

@ObjectType({ simpleResolvers: true, description: 'Outputs with the lowest and the highest cost of an hour.' })
@fieldsOf(outputRangeSchema, { low: [Field(() => OutputBound)], high: [Field(() => OutputBound)] })
class OutputRange {}

@ObjectType({
  simpleResolvers: true,
  description:
    'Outputs of a calculation, rounded half away from zero to 2 decimals. An undefined output is null, and `undefinedBecause` has the reason.',
})
@fieldsOf(outputsSchema, {
  range: [
    Field(() => OutputRange, {
      nullable: true,
      description:
        'Outputs with the bounds of `costPerHourRange` in place of `costPerHour`. Null if there is no range.',
    }),
  ],
  undefined_because: [
    Field(() => [UndefinedOutput]),
    Extensions(price({ size: outputsThatMayBeNull.length, part: true })),
  ],
})
export class CalculationOutputs {}

const resultFields = {
  inputs: [Field(() => CalculationInputValues)],
  outputs: [Field(() => CalculationOutputs)],
}

@ObjectType({ simpleResolvers: true, description: 'A stored calculation. It never changes.' })
@fieldsOf(resultSchema.omit({ result_id: true }), {
  ...resultFields,
  method: [Field(() => String, { description: `Method of the calculation, such as ${method}.` })],
})
export class Result {
  @Field(() => ID)
  @Extensions({ member: 'result_id' })
  id!: string
}

@ObjectType({
  simpleResolvers: true,
  description: 'A result as a share link shows it. It names no session, mentor or organisation.',
})
@fieldsOf(resultSchema.omit({ result_id: true }).extend({ expires_at: timestampSchema }), resultFields)
export class SharedResult {}

@ObjectType({ simpleResolvers: true, description: 'A public link to one result.' })
export class Share {
  @Field(() => String, { description: 'Path of the read-only page, relative to the server: /shared/<token>.' })
  path!: string
  @Field(() => ID) token!: string
  @Field(() => ID) resultId!: string
  @Field(() => DateTime) expiresAt!: string
}

@InterfaceType({
  description: 'An object with an id that is unique on this server.',
  resolveType: () => 'Session',
})
export abstract class Node {
  @Field(() => ID) id!: string
}

@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: 'A calculation of a mentor: a state machine that takes events.',
})
export class Session {
  @Field(() => ID)
  @Extensions({ member: 'session_id' })
  id!: string
  @Field(() => ID) mentorId!: string
  @Field(() => ID, { nullable: true }) organisationId!: string | null
  @Field(() => SessionState) state!: string
  @Field(() => SessionEvent, {
    nullable: true,
    description: 'Event that was dispatched last. Null before the first one.',
  })
  lastEvent!: string | null
  @Field(() => ID, { nullable: true }) resultId!: string | null
  @Field(() => Int, {
    description: 'Sequence of the last transition. Use it as `expectedVersion`. A strong ETag has the same number.',
  })
  version!: number
  @Field(() => DateTime) createdAt!: string
  @Field(() => DateTime) updatedAt!: string
}

@ObjectType({ simpleResolvers: true, description: 'A step of a session from one state to the next.' })
export class Transition {
  @Field(() => TransitionEvent) event!: string
  @Field(() => SessionState, { nullable: true, description: 'Null for the start of the session.' }) from!: string | null
  @Field(() => SessionState) to!: string
  @Field(() => Int, { description: 'Number of the transition in its session: 1, 2, 3, … without gaps.' })
  sequence!: number
  @Field(() => DateTime) at!: string
  @Field(() => ID, { nullable: true }) resultId!: string | null
  @Field(() => Session, { description: 'The session as this transition left it.' }) session!: Session
}

@ObjectType({ simpleResolvers: true })
export class SessionPayload {
  @Field(() => Session) session!: Session
  @Field(() => [Transition], {
    description: 'Transitions that this call committed. Empty if it changed nothing.',
  })
  @Extensions(price({ size: 2, part: true }))
  transitions!: Transition[]
  @Field(() => Boolean, {
    description: 'Whether this repeats the response to an earlier call with the same `idempotencyKey`.',
  })
  replayed!: boolean
}

@ObjectType({ simpleResolvers: true })
export class CloseSessionPayload {
  @Field(() => ID) sessionId!: string
  @Field(() => Boolean) deleted!: boolean
}

@ObjectType({ simpleResolvers: true })
export class EraseMentorPayload {
  @Field(() => ID) mentorId!: string
  @Field(() => Int, { description: 'Number of sessions that this request closed.' }) closed!: number
  @Field(() => Int, { description: 'Number of sessions that remain.' }) remaining!: number
  @Field(() => Boolean, { description: 'Whether nothing remains. If false, send the same request again.' })
  erased!: boolean
}

@ObjectType({ simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean) hasNextPage!: boolean
  @Field(() => Boolean) hasPreviousPage!: boolean
  @Field(() => String, { nullable: true }) startCursor!: string | null
  @Field(() => String, { nullable: true }) endCursor!: string | null
}

@ObjectType({ simpleResolvers: true })
class SessionEdge {
  @Field(() => String) cursor!: string
  @Field(() => OrderKey, {
    nullable: true,
    description:
      'Sort key with which this page found the session. If the session has changed since, `node.orderKey` is its current one.',
  })
  orderKey!: OrderKey
  @Field(() => Session) node!: Session
}

@ObjectType({ simpleResolvers: true })
export class SessionConnection {
  @Field(() => [SessionEdge])
  @Extensions(price({ size: 'page' }))
  edges!: SessionEdge[]
  @Field(() => [Session])
  @Extensions(price({ size: 'page' }))
  nodes!: Session[]
  @Field(() => PageInfo) pageInfo!: PageInfo
}

@ObjectType({ simpleResolvers: true, description: 'A live share link and its session.' })
export class SharedLink {
  @Field(() => Session) session!: Session
  @Field(() => Share) share!: Share
  @Field(() => String, { nullable: true, description: 'Label of the result. Null if it has none.' })
  label!: string | null
  @Field(() => Int, {
    description: 'How often the page of the link, or its JSON, was read. It may lag by some seconds.',
  })
  views!: number
}

@ObjectType({ simpleResolvers: true })
class SharedLinkEdge {
  @Field(() => String) cursor!: string
  @Field(() => SharedLink) node!: SharedLink
}

@ObjectType({ simpleResolvers: true })
export class SharedLinkConnection {
  @Field(() => [SharedLinkEdge])
  @Extensions(price({ size: 'page' }))
  edges!: SharedLinkEdge[]
  @Field(() => [SharedLink])
  @Extensions(price({ size: 'page' }))
  nodes!: SharedLink[]
  @Field(() => PageInfo) pageInfo!: PageInfo
}

@InputType({
  description:
    'Range of months in UTC, such as 2026-04, including both ends. A missing end does not limit it; without both, nothing is filtered. A result belongs to the month in which its period ends or, without a period, in which it was computed.',
})
class MonthRange {
  @Field(() => String, { nullable: true }) from?: string
  @Field(() => String, { nullable: true }) to?: string
}

@InputType({ description: 'Selects sessions. All its members must hold.' })
export class SessionFilter {
  @Field(() => ID, { nullable: true }) mentorId?: string
  @Field(() => ID, { nullable: true }) organisationId?: string
  @Field(() => Boolean, { nullable: true, description: 'Only sessions without an organisation.' })
  withoutOrganisation?: boolean
  @Field(() => SessionState, { nullable: true }) state?: string
  @Field(() => MonthRange, { nullable: true, description: 'Only sessions whose current result is of these months.' })
  months?: MonthRange
}

@InputType({
  description: `Order of sessions. Texts are compared by code point, periods by their last day, amounts in \`currency\` only (null: results
without a currency). Sessions without the value come last in both directions. Ties are ordered by id, in the same direction.`,
})
export class SessionOrder {
  @Field(() => SessionOrderField, { defaultValue: SessionOrderField.CREATED }) by!: string
  @Field(() => Boolean, { defaultValue: true }) descending!: boolean
  @Field(() => String, { nullable: true }) currency?: string
}

@InputType({ description: 'First and last day of a period.' })
export class PeriodInput {
  @Field(() => DateScalar) from!: string
  @Field(() => DateScalar) to!: string
}

@InputType({ description: 'Lowest and highest plausible cost of an hour.' })
@fieldsOf(costRangeSchema, {})
class CostPerHourRangeInput {}

@InputType({ description: 'Inputs of a calculation.' })
@fieldsOf(storedInputsSchema, {
  label: [
    Field(() => String, {
      nullable: true,
      description: 'Name of the calculation, such as "Spring 2026, Year 9 reading". 1 to 120 characters.',
    }),
  ],
  currency: [Field(() => String, { nullable: true, description: 'ISO 4217 code, such as GBP.' })],
  period: [Field(() => PeriodInput, { nullable: true })],
  value_source: [
    Field(() => String, {
      nullable: true,
      description: 'Source of `costPerHour`, such as "ASHE 2025, teaching assistants, median". 1 to 200 characters.',
    }),
  ],
  note: [
    Field(() => String, {
      nullable: true,
      description: "Assumptions, in the author's words. 1 to 1,000 characters, with line feeds.",
    }),
  ],
  cost_per_hour_range: [
    Field(() => CostPerHourRangeInput, {
      nullable: true,
      description: 'Lowest and highest plausible `costPerHour`, which must be between them.',
    }),
  ],
})
export class CalculationInputs {}

export const keyDescription = `The server repeats its first response to the same call with this key, for ${idempotencyLifetime}.`

@InputType()
export class StartSessionInput {
  @Field(() => ID) mentorId!: string
  @Field(() => ID, { nullable: true }) organisationId?: string
  @Field(() => String, { nullable: true, description: keyDescription })
  idempotencyKey?: string
}

@InputType()
export class DispatchEventInput {
  @Field(() => ID) sessionId!: string
  @Field(() => SessionEvent) event!: string
  @Field(() => CalculationInputs, {
    nullable: true,
    description: 'Required for CALCULATE_REQUESTED, refused for all other events.',
  })
  payload?: CalculationInputs
  @Field(() => Int, {
    nullable: true,
    description: `Days until the share link expires, from now, 1 to ${maxShareDays}. Only for SHARE_REQUESTED. If null, a live link stays as it is, and a new one expires after ${shareDays} days.`,
  })
  expiresInDays?: number
  @Field(() => Int, { nullable: true }) expectedVersion?: number
  @Field(() => String, { nullable: true, description: keyDescription })
  idempotencyKey?: string
}

@InputType()
export class CloseSessionInput {
  @Field(() => ID) sessionId!: string
  @Field(() => Int, { nullable: true }) expectedVersion?: number
}

@InputType()
export class EraseMentorInput {
  @Field(() => ID) mentorId!: string
}
