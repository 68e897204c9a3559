import { idempotencyHours } from '../../domain/idempotency-record'
import { keyLength } from '../../sessions/idempotency-keys'
import type { Json } from './schemas'

const textSchema: Json = { type: 'string' }
/** Request headers that this server reads. All are optional. */
export const requestHeaders: Record<string, { description: string; schema: Json }> = {
  'If-Match': {
    description:
      'The versions on one of which alone the request is served, as strong entity tags such as `"3"`, or `*`.',
    schema: textSchema,
  },
  'If-None-Match': {
    description:
      'The entity tags, or `*`, of what is not asked for: a read is answered with 304 then, and a change is refused.',
    schema: textSchema,
  },
  'Idempotency-Key': {
    description: `The first answer is kept under this key for ${idempotencyHours} hours and given again to the same request. A structured string (RFC 8941), or bare; 1 to ${keyLength} characters.`,
    schema: textSchema,
  },
  'Last-Event-ID': {
    description: 'The id of the last event that a client of the stream has; it goes before `after`.',
    schema: textSchema,
  },
}

const header = (description: string, schema: Json, example: string | number, required = false): Json => ({
  description,
  required,
  schema,
  example,
})

/** Response headers. A required header is in every response that lists it. */
export const responseHeaders: Record<string, Json> = {
  'X-Request-Id': header(
    "The request's, where it was well formed; made otherwise.",
    textSchema,
    'b4ad1d2c-0f4c-4f6c',
    true,
  ),
  ETag: header(
    'What the content is validated by; of a session and of its results the version.',
    textSchema,
    '"3"',
    true,
  ),
  'Session-Version': header(
    'The sequence of the last transition of the session.',
    { type: 'integer', minimum: 1 },
    3,
    true,
  ),
  Location: header('Where the session is.', { type: 'string', format: 'uri-reference' }, '/api', true),
  Link: header('Of a page: the first, previous, next and last one (RFC 8288).', textSchema, '</api>; rel="first"'),
  'Content-Disposition': header('Of a file: its name.', textSchema, 'attachment; filename="sessions-2026-03-26.csv"'),
  'Idempotency-Replayed': header(
    'There where the answer is a repetition of an earlier one.',
    { type: 'string', const: 'true' },
    'true',
  ),
  'Retry-After': header('In how many seconds to try again.', { type: 'integer', minimum: 0 }, 2),
  'WWW-Authenticate': header(
    'What is to be sent, and what is wrong with what was sent (RFC 6750).',
    textSchema,
    'Bearer error="invalid_token", error_description="The token has expired."',
    true,
  ),
  Accept: header('The media types that are taken.', textSchema, 'application/json'),
  'Accept-Post': header('The media types that are taken.', textSchema, 'application/json'),
  'Accept-Encoding': header(
    'The content encodings that are taken, where one was refused.',
    textSchema,
    'gzip, deflate, br',
  ),
}
