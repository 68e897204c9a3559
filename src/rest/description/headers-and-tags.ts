import { idempotencyLifetime } from '../../domain/idempotency-record'
import { keyLength } from '../../sessions/idempotency-keys'
import type { Json } from './json-schemas'

const text: Json = { type: 'string' }

/** Request headers that this server reads. All are optional. */
export const requestHeaders = {
  'If-Match':
    'Strong entity tags such as `"3"`, or `*`. If the session has none of these versions, the response is 412.',
  'If-None-Match':
    'Entity tags that the client already has, or `*`. If one matches, a read returns 304 and a change returns 412.',
  'Idempotency-Key': `A repeated request with the same key gets the first response again, for ${idempotencyLifetime}. The key is a structured-field string (RFC 8941) or unquoted, with 1 to ${keyLength} characters.`,
  'Last-Event-ID': 'Id of the last event that the client received. Takes precedence over `after`.',
}

const header = (description: string, schema: Json, example: string | number, required = false): Json => ({
  description,
  required,
  schema,
  example,
})

/** Response headers. If a response's description lists a required header, every such response has the header. */
export const responseHeaders = {
  'X-Request-Id': header(
    'Id of the request: the id that the client sent, if it is well-formed, or a generated one.',
    text,
    'b4ad1d2c-0f4c-4f6c',
    true,
  ),
  ETag: header(
    "Entity tag of the content. For a session and its results, the tag contains the session's version.",
    text,
    '"3"',
    true,
  ),
  'Session-Version': header(
    'Version of the session: the sequence number of its last transition.',
    { type: 'integer', minimum: 1 },
    3,
    true,
  ),
  Location: header('Path of the new resource.', { type: 'string', format: 'uri-reference' }, '/api', true),
  Link: header('Links to the first, previous, next and last page (RFC 8288).', text, '</api>; rel="first"'),
  'Content-Disposition': header('Name of the file.', text, 'attachment; filename="calculations-as-of-2026-03-26.csv"'),
  'Idempotency-Replayed': header(
    'Present if this is the response to an earlier request with the same idempotency key.',
    { type: 'string', const: 'true' },
    'true',
  ),
  'Session-Closed': header(
    'Present if the response is replayed, and the session was closed after the first request.',
    { type: 'string', const: 'true' },
    'true',
  ),
  RateLimit: header(
    'Present if the server limits the rate of requests from an IP address. `r` is the number of further requests that the server accepts in the next `t` seconds (draft-ietf-httpapi-ratelimit-headers).',
    text,
    '"address";r=49;t=1',
  ),
  'RateLimit-Policy': header(
    'Present if the server limits the rate of requests from an IP address, to `q` requests in `w` seconds.',
    text,
    '"address";q=50;w=1',
  ),
  'Retry-After': header('Seconds to wait before a retry.', { type: 'integer', minimum: 0 }, 2),
  'WWW-Authenticate': header(
    'The required authentication scheme and, if a token was refused, the reason (RFC 6750).',
    text,
    'Bearer error="invalid_token", error_description="The token has expired."',
    true,
  ),
  Accept: header('Media types that the server accepts.', text, 'application/json'),
  'Accept-Post': header('Media types that the server accepts.', text, 'application/json'),
  'Accept-Encoding': header(
    'Content encodings that the server accepts. Present if the request used another encoding.',
    text,
    'gzip, deflate, br',
  ),
}

export interface Tag {
  name: string
  description: string
}

export const tags = {
  sessions: { name: 'Sessions', description: 'Start, read, change and close sessions.' },
  results: { name: 'Results', description: 'Calculation results.' },
  shares: { name: 'Shares', description: 'Read-only views of one result. Anyone with the link can read them.' },
  events: { name: 'Events', description: 'Transitions of one session or of all sessions.' },
  mentors: { name: 'Mentors', description: 'Erasure of mentors, for admins.' },
  access: { name: 'Access', description: 'The caller and its permissions.' },
  description: { name: 'Description', description: "Descriptions of this server's interfaces." },
  health: { name: 'Health', description: 'Liveness and readiness of this server.' },
} satisfies Record<string, Tag>
