import { z } from 'zod'
import { idempotencyLifetime } from './idempotency-record'
import { maxTransitions } from './limits'
import { sessionEventSchema as event, stateSchema as state } from './session'

/** Definition of one error code, which REST, GraphQL and the pages at `/problems` share. */
export interface ErrorRow<F extends z.ZodRawShape = z.ZodRawShape> {
  status: number
  /** Value of the `Retry-After` header, in seconds (RFC 9110 §10.2.3). */
  retryAfter?: number
  /** Whether every operation other than GET can respond with this code. */
  refusesChanges?: true
  facts: z.ZodObject<F>
  message(facts: z.infer<z.ZodObject<F>>): string
  title: string
  when: string
  remedy: string
  example: z.infer<z.ZodObject<F>>
  /** Set `exampleMessage` for codes that are thrown with a more specific message (`withMessage`). */
  exampleMessage?: string
}

type StatedRow<F extends z.ZodRawShape> = Omit<ErrorRow<F>, 'facts' | 'example'> &
  (Pick<ErrorRow<F>, 'facts' | 'example'> | { facts?: undefined; example?: undefined })

/** Without facts, the response contains only the code. */
export const row = <F extends z.ZodRawShape = Record<never, never>>({
  facts = z.object({}) as z.ZodObject<F>,
  example = {} as z.infer<z.ZodObject<F>>,
  ...rest
}: StatedRow<F>): ErrorRow<F> => ({ ...rest, facts, example })

export type FactsOf<Rows extends Record<string, { facts: z.ZodType }>> = {
  [C in keyof Rows]: z.infer<Rows[C]['facts']>
}

export const faultSchema = z.object({
  detail: z.string(),
  pointer: z.string().exactOptional().describe('JSON Pointer into the body.'),
  parameter: z.string().exactOptional().describe('Name of the query parameter.'),
  header: z.string().exactOptional().describe('Name of the header.'),
})

/** One error in a request, with its location. An error without a location concerns the whole request. */
export type Fault = z.infer<typeof faultSchema>

const count = z.int().min(0)
const errors = z.array(faultSchema)

const faults = ({ errors }: { errors: Fault[] }): string =>
  errors
    .map(({ detail, pointer, parameter, header }) => {
      const location = pointer ?? parameter ?? header
      return location ? `${location} ${detail}` : `The request ${detail}`
    })
    .join('; ')
    .concat('.')

export const coreErrors = {
  invalid_json: row({
    status: 400,
    facts: z.object({ errors }),
    message: faults,
    title: 'The body is not JSON',
    when: 'The request needs a JSON body in UTF-8, but the body is missing or cannot be parsed.',
    remedy: 'Correct the body. `errors` says where parsing failed.',
    example: { errors: [{ detail: 'has no body', pointer: '' }] },
  }),
  invalid_query: row({
    status: 400,
    facts: z.object({ errors }),
    message: faults,
    title: 'A query parameter is not valid',
    when: 'A query parameter has an invalid value, appears more than once, is unknown, or requires another parameter.',
    remedy:
      'Correct the parameters that `errors` names. For an unknown parameter, `detail` suggests the nearest known name. Only resources that need no token ignore unknown parameters.',
    example: { errors: [{ detail: 'must be at least 1', parameter: 'page' }] },
  }),
  invalid_cursor: row({
    status: 400,
    facts: z.object({ errors }),
    message: faults,
    title: 'The cursor is not valid',
    when: 'This server did not issue the cursor for this list or feed. The cursor was altered, or it belongs to another list, order or store.',
    remedy:
      'In a list, start again from the first page. In the feed, read the sessions again, then request the events without `after` to get the current cursor.',
    example: {
      errors: [{ detail: 'is not a cursor of this feed: leave it out to get the current cursor', parameter: 'after' }],
    },
  }),
  invalid_request: row({
    status: 400,
    facts: z.object({ errors }),
    message: faults,
    title: 'The request is malformed',
    when: 'A header, the path or the encoding of the body is malformed.',
    remedy:
      'Correct each part of the request that `errors` names. A common mistake is an entity tag without quotes: write `If-Match: "3"`.',
    example: {
      errors: [{ detail: 'must be * or a list of entity tags such as "3"', header: 'If-Match' }],
    },
  }),
  unauthenticated: row({
    status: 401,
    message: () => 'Not signed in: send a bearer token in `Authorization`.',
    title: 'Not signed in',
    when: 'The request has no bearer token, or its token is malformed, expired, not valid yet, from another issuer, for another audience or of another type. An unknown or expired service key also causes this error. So does a token that expires, or a service key that is revoked, during the request.',
    remedy:
      'Sign in, and send the token as `Authorization: Bearer …`. If you sent a token, `detail` and `WWW-Authenticate` say what is wrong with it.',
  }),
  forbidden: row({
    status: 403,
    message: () => 'Your role does not allow this. Ask your administrator for the role that you need.',
    title: 'The request is not allowed',
    when: 'The token is valid, but its role or scope does not allow the request, or the server has turned the capability off. For example, a reader cannot change anything, and no token allows starting a session for a mentor or organisation outside its scope, or moving a session to one. A token without a known role, or with a malformed role, organisation or mentor claim, allows nothing. `detail` gives the reason.',
    remedy: 'Ask your administrator for what `detail` names: the role, the scope or the setting.',
  }),
  route_not_found: row({
    status: 404,
    message: () => 'Nothing is served at this path. `/docs` lists all paths.',
    title: 'No such resource',
    when: 'No resource has this path.',
    remedy: 'Compare the path with the description at `/docs`. Paths are case-sensitive.',
  }),
  session_not_found: row({
    status: 404,
    message: () =>
      'No session that you can see has this id. It was closed, it never existed, or it is outside your scope.',
    title: 'No such session',
    when: 'No session that you can see has this id. It was closed, it never existed, or it is outside the scope of your token.',
    remedy: 'Check the id, or start a new session.',
  }),
  result_not_found: row({
    status: 404,
    message: () => 'The session has no result with this id.',
    title: 'No such result',
    when: 'The session exists, but it has no result with this id.',
    remedy: 'List the results of the session. Results of other sessions have other paths.',
  }),
  share_not_found: row({
    status: 404,
    message: () => 'No share link has this token. Check the link.',
    title: 'No such share link',
    when: 'Nothing is shared under this token or id, or the current result of the session has no live share link.',
    remedy: 'Check the link, or dispatch `ShareRequested` to create one.',
  }),
  method_not_allowed: row({
    status: 405,
    message: () => 'This method is not allowed here. `Allow` lists the allowed methods.',
    title: 'Method not allowed',
    when: 'The resource exists, but it does not support this method.',
    remedy: 'Use a method that the `Allow` header lists.',
    exampleMessage: '`PATCH` is not allowed here. Allowed: GET, HEAD, PUT, DELETE.',
  }),
  not_acceptable: row({
    status: 406,
    message: () => 'Not available in any media type that `Accept` allows.',
    title: 'The media type is not available',
    when: 'The resource is not available in any media type that the `Accept` header allows.',
    remedy: 'Accept a media type that `detail` lists.',
    exampleMessage: 'Not available as image/png. Available: application/json, text/event-stream.',
  }),
  event_refused: row({
    status: 409,
    facts: z.object({ current_state: state, event, allowed_events: z.array(event) }),
    message: ({ current_state, event, allowed_events }) =>
      `A session in state ${current_state} does not accept ${event}. It accepts ${allowed_events.join(', ') || 'no event'}.`,
    title: 'The session refuses this event',
    when: 'The session does not accept this event in its current state. Nothing was changed.',
    remedy:
      'Read the session again, because another client may have changed it. Then dispatch one of `allowed_events`.',
    example: {
      current_state: 'initial',
      event: 'ShareRequested',
      allowed_events: ['CalculateRequested', 'ResetRequested'],
    },
  }),
  session_full: row({
    status: 409,
    facts: z.object({ limit: count.describe('Maximum number of transitions of a session.') }),
    message: ({ limit }) =>
      `A session has at most ${limit} transitions, and this event would exceed that maximum. You can still read and close the session.`,
    title: 'The session is full',
    when: `The event would exceed the maximum of ${maxTransitions} transitions per session.`,
    remedy: 'Start a new session. You can still read and close the full session.',
    example: { limit: maxTransitions },
  }),
  limit_reached: row({
    status: 409,
    facts: z.object({ limit: count }),
    message: ({ limit }) => `The limit of ${limit} objects has been reached. Delete an object first.`,
    title: 'The maximum number is reached',
    when: 'The maximum number of objects of this kind already exists. `limit` is the maximum, and `detail` names the kind of object.',
    remedy: 'Delete an object that you no longer need, or do what `detail` says. Retrying alone does not help.',
    example: { limit: 100 },
  }),
  external_id_taken: row({
    status: 409,
    facts: z.object({ session_id: z.string().exactOptional() }),
    message: ({ session_id }) =>
      session_id === undefined
        ? 'A session that you cannot see has this external_id. Send another external_id.'
        : `Session ${session_id} has this external_id. Use that session, or close it first.`,
    title: 'The external id is taken',
    when: 'Another session of the same organisation has this `external_id`. All sessions without an organisation share one namespace.',
    remedy:
      'Use the session that `session_id` names, or send another `external_id`. `session_id` is missing if you cannot see the session. When the session is closed, the id is free again.',
    example: { session_id: 'session_e9a3f1c8' },
  }),
  request_in_flight: row({
    status: 409,
    retryAfter: 1,
    message: () => 'A request with this idempotency key is still in progress. Retry to get its response.',
    title: 'The same request is still in progress',
    when: 'A request with the same `Idempotency-Key` is still in progress.',
    remedy: "Wait for the number of seconds in `Retry-After`, then retry. You get the first request's response.",
  }),
  share_gone: row({
    status: 410,
    message: () => 'This share link was revoked or has expired. Ask for a new one.',
    title: 'The share link is gone',
    when: 'The link was revoked, or it has expired.',
    remedy: 'Ask the sender of the link for a new one.',
  }),
  cursor_expired: row({
    status: 410,
    message: () => 'The events after this cursor are no longer stored. Read the sessions again.',
    title: 'The events after the cursor are gone',
    when: 'The server no longer stores the events after the cursor, because they are too old.',
    remedy:
      'Request the events without `after` to get the current cursor, read the sessions again, then continue from that cursor.',
  }),
  version_mismatch: row({
    status: 412,
    facts: z.object({ current_version: count, errors: errors.exactOptional() }),
    message: ({ current_version, errors }) =>
      errors
        ? `${faults({ errors })} The session is at version ${current_version}.`
        : `Precondition failed: the session is at version ${current_version}. Read it again before you retry.`,
    title: 'The version does not match',
    when: 'The session or webhook endpoint does not have the version that `If-Match` requires, or has a version that `If-None-Match` excludes. Nothing was changed.',
    remedy:
      'Read the session or webhook endpoint again, and send your change with its current version. A weak tag never matches `If-Match`. If a proxy weakens tags, send the value of `Session-Version` as a strong tag, such as `"3"`.',
    example: { current_version: 3 },
  }),
  payload_too_large: row({
    status: 413,
    facts: z.object({ limit: count.describe('Maximum size of the body, in bytes.') }),
    message: ({ limit }) => `The body is larger than the maximum of ${limit} bytes.`,
    title: 'The body is too large',
    when: 'The decoded body is larger than the maximum.',
    remedy: 'Send a body of at most `limit` bytes.',
    example: { limit: 16_384 },
  }),
  unsupported_media_type: row({
    status: 415,
    message: () => 'Send the body as application/json in UTF-8.',
    title: 'The body has an unsupported media type',
    when: 'The operation does not read the media type in `Content-Type`, or the server does not support the `Content-Encoding` of the body. Most operations read only JSON in UTF-8.',
    remedy:
      'Send the media type that the `Accept` header of the response names, such as `Content-Type: application/json`. If the server refused the encoding, `Accept-Encoding` lists the encodings that it supports.',
  }),
  validation_failed: row({
    status: 422,
    facts: z.object({ errors }),
    message: faults,
    title: 'The content is not valid',
    when: 'The body is JSON, but its content is not valid. Nothing was changed.',
    remedy: 'Correct everything that `errors` lists. Each `pointer` is a JSON Pointer into the body.',
    example: {
      errors: [{ detail: 'must be at most 1000000', pointer: '/payload/sessions' }],
    },
  }),
  idempotency_key_reused: row({
    status: 422,
    message: () => 'This idempotency key was used for a different request. Use a new key.',
    title: 'The idempotency key was used for another request',
    when: `A different request used the same \`Idempotency-Key\`. The server stores a key for ${idempotencyLifetime}.`,
    remedy: 'Use a new key for every new request. Reuse a key only to repeat the same request.',
  }),
  rate_limited: row({
    status: 429,
    retryAfter: 1,
    message: () => 'Too many requests from this address. Try again later.',
    title: 'Too many requests',
    when: 'This address sends too many requests, or has too many open event streams.',
    remedy: 'Wait for the number of seconds in `Retry-After`, then retry.',
  }),
  internal: row({
    status: 500,
    message: () => 'Internal error. The server logged the cause under the request id.',
    title: 'Internal error',
    when: 'The server failed unexpectedly. Its log has the cause, under the request id.',
    remedy: 'Report the value of the `X-Request-Id` header. A retry may help.',
  }),
  unavailable: row({
    status: 503,
    retryAfter: 2,
    message: () => 'The server is temporarily unavailable. Try again in a few seconds.',
    title: 'Temporarily unavailable',
    when: 'The server cannot reach its store or the issuer of the tokens, or too many requests are waiting. A change may or may not have taken effect.',
    remedy:
      'Wait for the number of seconds in `Retry-After`, then retry. A change with an `Idempotency-Key` takes effect only once.',
  }),
}
