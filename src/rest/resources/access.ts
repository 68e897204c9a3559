import { z } from 'zod'
import { type Caller, roleOf, streamAccessOf } from '../../domain/caller'
import { erasureSchema } from '../../domain/erasure'
import { roleSchema } from '../../domain/role'
import { shownTime, timestamp, timestampSchema } from '../../domain/timestamp'
import { sendJson } from '../../http/json'
import type { Rate } from '../../http/rate-limit'
import { examples } from '../description/examples'
import { tags } from '../description/headers-and-tags'
import { component } from '../description/json-schemas'
import { clientOf, type Handler, pathParameter, type Resource } from '../resource'

export const callerPath = '/api/v1/benefit-caller'
export const mentorsPath = '/api/v1/benefit-mentors'

component('Role', roleSchema)
const callerSchema = component(
  'Caller',
  z.strictObject({
    by: z
      .string()
      .nullable()
      .describe(
        "Name that is stored in `by` of the caller's transitions. Null if the server requires no token, or the token has no name.",
      ),
    may: z.enum(['read', 'change', 'administer'] satisfies Caller['may'][]),
    mentor_id: z
      .string()
      .nullable()
      .describe('Only sessions of this mentor are visible to the caller. Null if there is no such limit.'),
    organisation_id: z
      .string()
      .nullable()
      .describe('Only sessions of this organisation are visible to the caller. Null if there is no such limit.'),
    expires_at: timestampSchema
      .nullable()
      .describe(
        'Time at which the token expires. Null if the token is a service key without an expiry, or if the server requires no token.',
      ),
    role: roleSchema.nullable().describe('Role of the token. Null if the server requires no token.'),
    rate: z
      .strictObject({
        requests: z.int().min(1).describe('Maximum number of requests in this period.'),
        seconds: z.int().min(1).describe('Length of the period, in seconds.'),
        remaining: z.int().min(0).describe('Number of further requests that the server accepts in the current period.'),
      })
      .nullable()
      .describe('How many requests the server accepts from the IP address of the caller. Null if there is no limit.'),
  }),
)

const callerBody = (
  caller: Caller,
  expires_at: number | undefined,
  rate: Rate | null,
): z.infer<typeof callerSchema> => {
  const { by, may, scope, digest } = caller
  return {
    by: by ?? null,
    may,
    mentor_id: scope.mentor_id ?? null,
    organisation_id: scope.organisation_id ?? null,
    expires_at: expires_at === undefined ? null : shownTime(timestamp(new Date(expires_at))),
    role: digest === undefined ? null : roleOf(caller),
    rate,
  }
}

component('MentorErased', erasureSchema)

const mentorId = pathParameter('mentor_id', {
  description: 'Id of the mentor.',
  example: examples.calculated.mentor_id,
  notFound: 'route_not_found',
})

const readCaller: Handler = ({ response, useCases: { caller } }) =>
  sendJson(response, 200, callerBody(caller, streamAccessOf(caller)?.expires_at, response.locals.rate ?? null))

const eraseMentor: Handler = async ({ request, response, useCases: { erasure } }) =>
  sendJson(response, 200, await erasure.erase(mentorId(request), clientOf(request, response)))

export const accessResources: Resource[] = [
  {
    path: callerPath,
    get: {
      handler: readCaller,
      id: 'readCaller',
      tag: tags.access,
      summary: 'Read the caller and its permissions',
      description:
        "Returns the permissions of the request's token. If the server requires no tokens, every caller is allowed to do everything, and all members except `may` and `rate` are null.",
      responses: {
        200: {
          description: 'The caller.',
          body: callerSchema,
          example: callerBody(examples.caller, Date.parse('2026-03-26T09:30:00Z'), {
            requests: 50,
            seconds: 1,
            remaining: 49,
          }),
        },
      },
    },
  },
  {
    path: `${mentorsPath}/:mentor_id`,
    requireChange: async (_request, { erasure }) => erasure.requireAdmin(),
    delete: {
      handler: eraseMentor,
      id: 'eraseMentor',
      tag: tags.mentors,
      summary: 'Erase a mentor',
      description:
        'For admins. Closes all sessions of the mentor. Then erases what the server stores about closed sessions: the idempotency records of their starts and closes, and their history in the feed. Of this history, the feed keeps only the SessionClosed transitions, without the mentor. A request takes up to 20 seconds. If `erased` is false, send the request again. When `erased` is true, no process shows the mentor in the feed, whatever the cursor. If the store is MongoDB, its oplog contains the earlier writes until MongoDB overwrites them, but no operation shows them. Sessions that are started for the mentor later are not affected.',
      responses: { 200: { description: 'The progress of the erasure.', body: erasureSchema } },
    },
  },
]
