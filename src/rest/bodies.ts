import { z } from 'zod'
import type { Caller } from '../domain/caller'
import { type Result, type Share, type Snapshot, sharePath, snapshotSchema, type Transition } from '../domain/session'
import { shownTime, timestamp, timestampSchema } from '../domain/timestamp'
import type { Summary } from '../domain/totals'
import type { FeedTransition } from '../feed/ring'
import { publicPath } from '../http/base-path'
import type { SharedResult } from '../sessions/session-reads'

// Response bodies: the domain's objects under their own names, with times in whole seconds.

/** The seven members of the contract, in the contract's order. */
export const sessionBodySchema = snapshotSchema.pick({
  session_id: true,
  mentor_id: true,
  state: true,
  last_event: true,
  result_id: true,
  created_at: true,
  updated_at: true,
})

export const sessionBody = (session: Snapshot): z.infer<typeof sessionBodySchema> => ({
  session_id: session.session_id,
  mentor_id: session.mentor_id,
  state: session.state,
  last_event: session.last_event,
  result_id: session.result_id,
  created_at: shownTime(session.created_at),
  updated_at: shownTime(session.updated_at),
})

/** Returns the body of a transition. It has its author (`by`) only if the server requires tokens. */
export const transitionBody = ({ by, ...transition }: Transition, { digest }: Caller): Transition => ({
  ...transition,
  at: shownTime(transition.at),
  ...(digest !== undefined && by !== undefined && { by }),
})

/** Returns a transition as an item of the feed, with its cursor and the ids of its session, mentor and organisation. */
export const feedItemBody = ({ cursor, commit, transition }: FeedTransition, caller: Caller): object => {
  const { session_id, mentor_id, organisation_id } = commit
  return { ...transitionBody(transition, caller), cursor, session_id, mentor_id, organisation_id }
}

export const resultBody = (result: Result): Result => ({ ...result, computed_at: shownTime(result.computed_at) })

export const shareBody = (share: Share): object => ({
  path: publicPath(sharePath(share)),
  token: share.token,
  result_id: share.result_id,
  expires_at: shownTime(share.expires_at),
})

/** Omits `superseded`, which only the HTML page shows. */
export const sharedBody = ({ superseded: _, ...shared }: SharedResult): Omit<SharedResult, 'superseded'> => ({
  ...shared,
  computed_at: shownTime(shared.computed_at),
  expires_at: shownTime(shared.expires_at),
})

export const summaryBody = (summary: Summary): Summary => ({
  ...summary,
  calculations: summary.calculations.map(({ minute, count }) => ({ minute: shownTime(minute), count })),
})

/** The caller, as the server describes it to its client. */
export const callerBodySchema = z.strictObject({
  by: z
    .string()
    .nullable()
    .describe(
      'Name that signs the changes of the caller. Null if the server requires no token, or the token has no name.',
    ),
  may: z.enum(['read', 'change', 'administer'] satisfies Caller['may'][]),
  mentor_id: z.string().nullable().describe('The caller sees only sessions of this mentor.'),
  organisation_id: z.string().nullable().describe('The caller sees only sessions of this organisation.'),
  expires_at: timestampSchema.nullable().describe('Time at which the token expires.'),
})

export const callerBody = ({ by, may, scope, expires_at }: Caller): z.infer<typeof callerBodySchema> => ({
  by: by ?? null,
  may,
  mentor_id: scope.mentor_id ?? null,
  organisation_id: scope.organisation_id ?? null,
  expires_at: expires_at === undefined ? null : shownTime(timestamp(new Date(expires_at))),
})
