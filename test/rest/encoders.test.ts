import fc from 'fast-check'
import { z } from 'zod'
import { unwrapped } from '../../src/domain/schema-parts'
import { snapshotSchema, type Transition } from '../../src/domain/session'
import { shownBy } from '../../src/domain/shown'
import type { FeedTransition } from '../../src/feed/ring'
import { feedItemSchema, itemBody } from '../../src/rest/resources/events'
import { sessionSchema } from '../../src/rest/resources/sessions'

// An item of the feed is encoded by hand. This test compares the encoder with the schema that the description shows.

const time = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') }).map(at => at.toISOString())

/** Values of a schema, as the server stores them: times have milliseconds. Texts may be any. */
function stored(schema: z.ZodType): fc.Arbitrary<unknown> {
  if (schema.isNullable()) return fc.option(stored(unwrapped(schema)))
  const part = unwrapped(schema)
  if (part instanceof z.ZodObject) return members(part)
  if (part instanceof z.ZodArray) return fc.array(stored(part.element as z.ZodType), { maxLength: 3 })
  if (part instanceof z.ZodEnum) return fc.constantFrom(...part.options)
  if (part instanceof z.ZodLiteral) return fc.constantFrom(...part.values)
  if (part instanceof z.ZodNumber) return fc.integer({ min: Math.max(part.minValue ?? 0, 0), max: 1_000_000 })
  return part.meta()?.format === 'date-time' ? time : fc.string()
}

function members({ shape }: z.ZodObject): fc.Arbitrary<unknown> {
  const entries = Object.entries<z.ZodType>(shape)
  const required = entries.filter(([, part]) => !isOptional(part)).map(([name]) => name)
  const parts = Object.fromEntries(entries.map(([name, part]) => [name, stored(part)]))
  return fc.record(parts, { requiredKeys: required })
}

const isOptional = (part: z.ZodType): boolean => part instanceof z.ZodOptional || part instanceof z.ZodExactOptional

const anyOf = <S extends z.ZodType>(schema: S) => stored(schema) as fc.Arbitrary<z.output<S>>

const { result } = sessionSchema.shape
const anySession = anyOf(snapshotSchema.extend({ result: result.unwrap() }))

const signed = { digest: 'digest of a token' }

const anyItem = anyOf(feedItemSchema.omit({ session: true }))

test('an item of the feed has the members of its schema, and a session only if it was read. Without tokens it has no author', () => {
  const shown = shownBy(feedItemSchema)
  fc.assert(
    fc.property(anyItem, fc.option(fc.record({ session: fc.option(anySession) })), (item, read) => {
      const { cursor, session_id, mentor_id, organisation_id, left = false, ...transition } = item
      const commit = { session_id, mentor_id, organisation_id }
      const of = { kind: 'transition', cursor, left, commit, transition: transition as Transition }
      const message = { ...of, ...read } as FeedTransition
      const expected = shown({ ...item, ...read })
      const body = itemBody(message, signed)
      expect(body).toEqual(expected)
      if (!read?.session) expect(feedItemSchema.parse(body)).toEqual(body)
      const { by: _, ...unsigned } = expected
      expect(itemBody(message, {})).toEqual(unsigned)
    }),
  )
})
