import { idempotencyHours } from '../../domain/session'
import { keyLength } from '../../sessions/idempotency-keys'
import type { Json } from './schemas'

const textSchema: Json = { type: 'string' }
/** Request headers that this server reads. All are optional. */
export const requestHeaders: Record<string, { description: string; schema: Json }> = {
  'If-Match': {
    description:
      'Serves the request only if the session has one of these versions: strong entity tags such as `"3"`, or `*`. Otherwise the response is 412.',
    schema: textSchema,
  },
  'If-None-Match': {
    description:
      'Entity tags that the client already has, or `*`. If one matches, a read returns 304 and a change returns 412.',
    schema: textSchema,
  },
  'Idempotency-Key': {
    description: `The server stores the first response under this key for ${idempotencyHours} hours, and repeats it for the same request. A structured string (RFC 8941) or a bare one, 1 to ${keyLength} characters.`,
    schema: textSchema,
  },
  'Last-Event-ID': {
    description: 'Id of the last event that the client received. Takes precedence over `after`.',
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
    'Id of the request: the one that the client sent, if it is well formed, otherwise a generated one.',
    textSchema,
    'b4ad1d2c-0f4c-4f6c',
    true,
  ),
  ETag: header(
    'Entity tag of the content. For a session and its results it contains the version.',
    textSchema,
    '"3"',
    true,
  ),
  'Session-Version': header(
    'Version of the session: the sequence of its last transition.',
    { type: 'integer', minimum: 1 },
    3,
    true,
  ),
  Location: header('Path of the session.', { type: 'string', format: 'uri-reference' }, '/api', true),
  Link: header('Links to the first, previous, next and last page (RFC 8288).', textSchema, '</api>; rel="first"'),
  'Content-Disposition': header('Name of the file.', textSchema, 'attachment; filename="sessions-2026-03-26.csv"'),
  'Idempotency-Replayed': header(
    'Present if the response repeats an earlier one.',
    { type: 'string', const: 'true' },
    'true',
  ),
  'Retry-After': header('Seconds to wait before a retry.', { type: 'integer', minimum: 0 }, 2),
  'WWW-Authenticate': header(
    'The required scheme and, for a bad token, what is wrong with it (RFC 6750).',
    textSchema,
    'Bearer error="invalid_token", error_description="The token has expired."',
    true,
  ),
  Accept: header('Media types that the server accepts.', textSchema, 'application/json'),
  'Accept-Post': header('Media types that the server accepts.', textSchema, 'application/json'),
  'Accept-Encoding': header(
    'Content encodings that the server accepts. Present if another one was refused.',
    textSchema,
    'gzip, deflate, br',
  ),
}
