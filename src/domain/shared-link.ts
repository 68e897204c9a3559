import { z } from 'zod'
import { DomainError } from './errors'
import type { Cursors } from './list-query'
import { type Share, shareSchema, snapshotSchema } from './session'
import { addMs, dayMs, type Timestamp } from './timestamp'

export const listedLinkSchema = z.strictObject({
  session: snapshotSchema,
  share: shareSchema,
  label: z.string().nullable().describe('Label of the result. Null if the result has no label.'),
  views: z
    .int()
    .min(0)
    .describe("Number of times that the link's page or JSON was viewed. The count can lag by a few seconds."),
})
export type ListedLink = z.infer<typeof listedLinkSchema>

export type SharedLink = Pick<ListedLink, 'session' | 'share'>

/** Position in the share-link list, directly after the link to this result. */
export interface LinkPosition {
  made_at: Timestamp
  session_id: string
  result_id: string
}

/** Returns the time at which a share link was created, or at which its expiry was last changed. */
export const madeAt = ({ expires_at, days }: Pick<Share, 'expires_at' | 'days'>): Timestamp =>
  addMs(expires_at, -days * dayMs)

/** The cursor does not contain the link's token. */
export const linkCursorOf = (cursors: Cursors, { session: { session_id }, share }: SharedLink): string =>
  cursors.encode('links', [madeAt(share), session_id, share.result_id])

const linkPositionSchema = z.tuple([z.iso.datetime({ precision: 3 }), z.string(), z.string()])

/** Throws `invalid_cursor` if the server did not issue the cursor for this list. */
export function linkPositionOf(cursors: Cursors, cursor: string): LinkPosition {
  const position = linkPositionSchema.safeParse(cursors.decode('links', cursor)).data
  if (position) return { made_at: position[0], session_id: position[1], result_id: position[2] }
  throw new DomainError('invalid_cursor', {
    errors: [{ detail: 'is not a cursor of this list: start again without it', parameter: 'after' }],
  })
}
