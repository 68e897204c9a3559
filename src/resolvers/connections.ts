import type { ClassType } from 'type-graphql'
import { z } from 'zod'
import { objectType } from './derive'

const pageInfoSchema = z.object({
  has_next_page: z.boolean(),
  has_previous_page: z.boolean(),
  start_cursor: z.string().nullable(),
  end_cursor: z.string().nullable(),
})
objectType('PageInfo', pageInfoSchema)

/** Derives a GraphQL connection type. schema.graphql lists the connection type's fields in the order of `members`. */
export function connectionType(
  name: string,
  edge: z.ZodObject<{ cursor: z.ZodString; node: z.ZodObject }>,
  members: ('edges' | 'nodes' | 'page_info' | 'total_count')[] = ['edges', 'nodes', 'page_info'],
): ClassType {
  const all = {
    edges: z.array(edge),
    nodes: z.array(edge.shape.node),
    page_info: pageInfoSchema,
    total_count: z.int(),
  }
  const schema = z.object(Object.fromEntries(members.map(member => [member, all[member]])))
  return objectType(name, schema, { members: { edges: { size: 'page' }, nodes: { size: 'page' } } })
}

/** Calls `cursorAt` only if a cursor is read: with 0 for the first edge, and with -1 for the last edge. */
export const pageInfoOf = (cursorAt: (index: 0 | -1) => string | undefined, hasNext: boolean, after: unknown) => ({
  has_next_page: hasNext,
  has_previous_page: after !== undefined,
  get start_cursor() {
    return cursorAt(0) ?? null
  },
  get end_cursor() {
    return cursorAt(-1) ?? null
  },
})
