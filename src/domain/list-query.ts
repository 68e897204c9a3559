import { z } from 'zod'
import { withExample } from './example'
import { monthRangeSchema, rangeMembers } from './month-schemas'
import { type MonthRange, withMonths } from './months'
import { type State, stateSchema, transitionSchema } from './session'
import { identifierSchema } from './text'

export const filterSchema = z.looseObject({
  mentor_id: identifierSchema.optional().describe('Only sessions of this mentor.'),
  organisation_id: identifierSchema.optional().describe('Only sessions of this organisation.'),
})

/** Adds a rule to a schema: `without_organisation` and `organisation_id` cannot be combined. */
export const withOneOrganisation = <S extends z.ZodObject>(schema: S): S =>
  schema.refine(({ organisation_id, without_organisation }) => !without_organisation || organisation_id === undefined, {
    path: ['without_organisation'],
    error: 'must not be true together with an organisation',
  })

/** `organisation_id: null` selects sessions without an organisation. */
export const withOwner = <F extends { without_organisation?: boolean | undefined }>({
  without_organisation,
  ...filter
}: F) => (without_organisation ? { ...filter, organisation_id: null } : filter)

/** Also accepts `without_organisation`, which selects sessions without an organisation. */
const anyOwnerSchema = filterSchema.extend({ without_organisation: z.boolean().optional() })
export const anyFilterSchema = withOneOrganisation(anyOwnerSchema).transform(withOwner)

/** An organisation has at most one session with a given external id. */
export const externalIdFilterSchema = identifierSchema
  .optional()
  .describe('Only sessions with this id in another system.')

export const filterMembers = {
  ...filterSchema.shape,
  external_id: externalIdFilterSchema,
  state: stateSchema.optional().describe('Only sessions in this state.'),
  ...rangeMembers,
}

export interface Filter {
  mentor_id?: string
  /** Null selects sessions without an organisation. */
  organisation_id?: string | null
  external_id?: string
  state?: State
  /** Selects sessions by the month of their current result, and excludes sessions without a result. */
  months?: MonthRange
}

type StatedFilter = z.output<z.ZodObject<typeof filterMembers>> & { without_organisation?: boolean | undefined }

export const filterOf = (stated: StatedFilter): Filter => withMonths(withOwner(stated)) as Filter

/** Schema of a session filter that cannot select by state. */
export const sessionFilterSchema = withOneOrganisation(
  anyOwnerSchema.extend({ external_id: externalIdFilterSchema, months: monthRangeSchema.optional() }),
).transform((stated): { months?: z.output<typeof monthRangeSchema> | undefined } => withOwner(stated))

/** The feed skips transitions with other events. */
export const eventsSchema = z
  .array(transitionSchema.shape.event)
  .refine(events => events.length > 0, 'must name at least one event. Leave it out to select all')
  .refine(events => new Set(events).size === events.length, 'must name each event only once')
  .meta({ minItems: 1, uniqueItems: true })

export const feedFilterSchema = anyFilterSchema.and(z.object({ events: eventsSchema.optional() }))

/** Returns a canonical string for a filter. Requests whose filters have the same string share one store read. */
export const filterKey = ({ mentor_id, organisation_id, external_id, state, months }: Filter): string =>
  JSON.stringify({ mentor_id, organisation_id, external_id, state, months: months && [months.from, months.to] })

/** Allowed and default page sizes of session lists and transition lists. */
export const sessionsLimitSchema = z.number().min(1).max(100).int()
export const sessionsLimitDefault = 20
export const transitionsLimitSchema = z.number().min(1).max(1_000).int()
export const transitionsLimitDefault = 100
export const sequenceSchema = z.number().min(0).int()

export const feedCursorSchema = withExample(z.string(), '2b7c91d0e45f4a83.000000000000002.0.kC5eUjGd2PvXn8oRzaLtIw')

/** A cursor contains the values that define a position in one list, and is invalid for every other list. */
export interface Cursors {
  encode(list: string, members: unknown[]): string
  /** Returns the values in a cursor, or [] if the text is not a cursor of this list. */
  decode(list: string, cursor: string): unknown[]
}

/** A page item, with the cursor for its position. */
export interface Edge {
  readonly cursor: string
}

/** Returns an edge whose cursor is signed only when the property `cursor` is read, because signing is slow. */
export const edgeWith = <M extends object>(cursorOf: () => string, members: M): Edge & M => ({
  ...members,
  get cursor() {
    return cursorOf()
  },
})
