import { z } from 'zod'
import { type Inputs, inputsSchema } from './calculator'
import { DomainError, faultsOf } from './errors'
import { identifierCharacters } from './limits'
import { type SessionEvent, type State, sessionEventSchema, sessionEvents } from './session'
import { textSchema } from './text'

export type Command =
  | { event: 'CalculateRequested'; payload: Inputs }
  | { event: Exclude<SessionEvent, 'CalculateRequested'> }

const identifierSchema = textSchema(identifierCharacters)

/** Schema of a request to start a session. */
export const startSchema = z.strictObject({
  mentor_id: identifierSchema.describe('Mentor of the session.'),
  organisation_id: identifierSchema
    .nullish()
    .transform(id => id ?? null)
    .describe('Organisation whose programme is valued.'),
})
export type Start = z.output<typeof startSchema>

/** Filter by mentor and organisation. A missing member does not filter. */
export const filterSchema = z.looseObject({
  mentor_id: identifierSchema.optional().describe('Only sessions of this mentor.'),
  organisation_id: identifierSchema.optional().describe('Only sessions of this organisation.'),
})

/** The same filter, but `without_organisation` selects sessions without an organisation. */
export const anyFilterSchema = filterSchema
  .extend({ without_organisation: z.boolean().optional() })
  .refine(({ organisation_id, without_organisation }) => !without_organisation || organisation_id === undefined, {
    path: ['without_organisation'],
    error: 'must not be true together with an organisation',
  })
  .transform(({ without_organisation, ...filter }) =>
    without_organisation ? { ...filter, organisation_id: null } : filter,
  )

/** Canonical text of a filter. Requests with equal filters share a read under this key. */
export const filterKey = ({
  mentor_id,
  organisation_id,
  state,
}: {
  mentor_id?: string
  organisation_id?: string | null
  state?: State
}): string => JSON.stringify({ mentor_id, organisation_id, state })

const commandSchema = z.strictObject({ event: sessionEventSchema, payload: z.unknown().optional() })

export const payloadSchemas: Record<SessionEvent, z.ZodType> = {
  CalculateRequested: inputsSchema,
  ShareRequested: z.strictObject({}).nullish(),
  ShareRevokeRequested: z.strictObject({}).nullish(),
  ResetRequested: z.strictObject({}).nullish(),
  RetryRequested: z.strictObject({}).nullish(),
}

/** Parses a request body into a command. Throws validation_failed with every fault, inside and outside `payload`. */
export function parseCommand(body: unknown): Command {
  const outer = commandSchema.safeParse(body, { reportInput: true })
  const errors = outer.success ? [] : faultsOf(outer.error)
  const { event, payload } = Object(body) as { event?: unknown; payload?: unknown }
  const schema = sessionEvents.includes(event as SessionEvent) ? payloadSchemas[event as SessionEvent] : undefined
  const inner = schema?.safeParse(payload, { reportInput: true })
  if (inner && !inner.success) errors.push(...faultsOf(inner.error, ['payload']))
  if (errors.length > 0) throw new DomainError('validation_failed', { errors })
  return { event, payload: inner?.data } as Command
}

/** Page sizes of lists of sessions and of transitions, with their defaults. */
export const sessionsLimitSchema = z.number().min(1).max(100).int()
export const sessionsLimitDefault = 20
export const transitionsLimitSchema = z.number().min(1).max(1_000).int()
export const transitionsLimitDefault = 100
export const sequenceSchema = z.number().min(0).int()
