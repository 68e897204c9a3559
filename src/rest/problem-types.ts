import { maxTransitions } from '../domain/decide'
import { DomainError, type ErrorCode } from '../domain/errors'
import { idempotencyHours } from '../domain/idempotency-record'
import { restBodyBytes } from './request'

/** The title of an error code, and an explanation for people. */
export interface ProblemType<C extends ErrorCode = ErrorCode> {
  title: string
  /** When it happens. */
  when: string
  /** What to do about it. */
  remedy: string
  example: DomainError<C>
}

/** The problem type (RFC 9457 §4) of each error code. */
export const problemTypes: { [C in ErrorCode]: ProblemType<C> } = {
  invalid_json: {
    title: 'The body is not JSON',
    when: 'The request should have a body that is JSON in UTF-8; it has none, or one that cannot be read as that.',
    remedy: 'Correct the body. `errors` says where reading it ended.',
    example: new DomainError('invalid_json', { errors: [{ detail: 'has no body', pointer: '' }] }),
  },
  invalid_query: {
    title: 'A query parameter is not valid',
    when: 'A query parameter has a value that it cannot have, or is stated more than once.',
    remedy: 'Correct the parameters that `errors` names. Parameters that are unknown are ignored.',
    example: new DomainError('invalid_query', { errors: [{ detail: 'must be at least 1', parameter: 'page' }] }),
  },
  invalid_cursor: {
    title: 'The cursor is not one that was issued here',
    when: 'The cursor was not issued here: it was altered, or it belongs to another store.',
    remedy: 'Read the sessions again, and go on with the cursor of now: ask for the events without `after`.',
    example: new DomainError('invalid_cursor', {
      errors: [{ detail: 'is not a cursor that was issued here', parameter: 'after' }],
    }),
  },
  invalid_request: {
    title: 'The request is malformed',
    when: 'A header, the path or the encoding of the body is malformed.',
    remedy: 'Correct what `errors` names. Most often it is an entity tag without its quotes: write `If-Match: "3"`.',
    example: new DomainError('invalid_request', {
      errors: [{ detail: 'must be * or a list of entity tags such as "3"', header: 'If-Match' }],
    }),
  },
  unauthenticated: {
    title: 'Who asks is not known',
    when: 'The request has no bearer token, or one that is not good here: malformed, expired, not valid yet, or of another issuer or audience.',
    remedy:
      'Sign in, and state the token as `Authorization: Bearer …`. `WWW-Authenticate` says what is wrong with the one that was stated.',
    example: new DomainError('unauthenticated'),
  },
  forbidden: {
    title: 'Not for this role',
    when: 'The token is good, and whom it names may not do this: a reader changes nothing, and nobody starts a session for a mentor outside his scope.',
    remedy: 'Ask those who give out roles. A token that names no role that is known here may do nothing.',
    example: new DomainError('forbidden'),
  },
  route_not_found: {
    title: 'No such resource',
    when: 'No resource has this path.',
    remedy: 'Compare the path with those of the description at /docs. Paths are case-sensitive.',
    example: new DomainError('route_not_found'),
  },
  session_not_found: {
    title: 'No such session',
    when: 'No session has this id: it never existed, or it was closed.',
    remedy: 'Start a new session.',
    example: new DomainError('session_not_found'),
  },
  result_not_found: {
    title: 'No such result',
    when: 'The session exists and has no result with this id.',
    remedy: 'Read the results of the session; those of other sessions are not found here.',
    example: new DomainError('result_not_found'),
  },
  share_not_found: {
    title: 'No such share link',
    when: 'No share was issued with this token, or the current result of the session has no live share.',
    remedy: 'Compare the link with the one that was handed out, or dispatch ShareRequested to have one.',
    example: new DomainError('share_not_found'),
  },
  method_not_allowed: {
    title: 'Method not allowed',
    when: 'The resource exists and does not take this method.',
    remedy: 'Use one of the methods that the `Allow` header lists.',
    example: new DomainError('method_not_allowed'),
  },
  not_acceptable: {
    title: 'Not acceptable',
    when: 'The `Accept` header leaves no media type that this resource has.',
    remedy: 'Accept `application/json`, or whatever the description lists for the resource.',
    example: new DomainError('not_acceptable'),
  },
  event_refused: {
    title: 'The session refuses this event',
    when: 'The event is a known one that the session does not accept in the state that it is in. Nothing was changed.',
    remedy: 'Dispatch one of `allowed_events`, or read the session again: another client may have moved it on.',
    example: new DomainError('event_refused', {
      current_state: 'initial',
      event: 'ShareRequested',
      allowed_events: ['CalculateRequested', 'ResetRequested'],
    }),
  },
  session_full: {
    title: 'The session is full',
    when: `The session has no room for what the event would add: it holds ${maxTransitions} transitions at most.`,
    remedy: 'Start a new session. This one can still be read and closed.',
    example: new DomainError('session_full', { limit: maxTransitions }),
  },
  request_in_flight: {
    title: 'The same request is being served',
    when: 'A request with the same `Idempotency-Key` is being served at this moment.',
    remedy: 'Repeat the request after the seconds in `Retry-After`: it gets the answer of the first one.',
    example: new DomainError('request_in_flight'),
  },
  share_gone: {
    title: 'The share link is gone',
    when: 'The share was revoked, or it has expired.',
    remedy: 'Ask whoever handed out the link for a new one.',
    example: new DomainError('share_gone'),
  },
  cursor_expired: {
    title: 'The events after the cursor are gone',
    when: 'What was committed after the cursor is older than what is kept.',
    remedy: 'Read the sessions again, and go on with the cursor of now: ask for the events without `after`.',
    example: new DomainError('cursor_expired'),
  },
  version_mismatch: {
    title: 'The session has another version',
    when: '`If-Match` states a version that the session no longer has. Nothing was changed.',
    remedy:
      'Read the session again, decide anew, and state the version that it has now. A weak tag matches none: where a proxy weakens tags, state the `Session-Version` as a strong one.',
    example: new DomainError('version_mismatch', { current_version: 3 }),
  },
  payload_too_large: {
    title: 'The body is too large',
    when: 'The body, once decoded, is larger than what is read.',
    remedy: 'Send a body of at most `limit` bytes.',
    example: new DomainError('payload_too_large', { limit: restBodyBytes }),
  },
  unsupported_media_type: {
    title: 'The body has an unsupported media type',
    when: 'The body is not said to be JSON in UTF-8, or its content encoding is unknown.',
    remedy: 'Send `Content-Type: application/json`. `Accept-Encoding` lists the encodings where one was refused.',
    example: new DomainError('unsupported_media_type'),
  },
  validation_failed: {
    title: 'The content is not valid',
    when: 'The body is JSON, and its content is not what the request takes. Nothing was changed.',
    remedy: 'Correct every fault in `errors`; each `pointer` is a JSON Pointer into the body.',
    example: new DomainError('validation_failed', {
      errors: [{ detail: 'must be at most 1000000', pointer: '/payload/sessions' }],
    }),
  },
  idempotency_key_reused: {
    title: 'The idempotency key was used for another request',
    when: `Another request was answered under the same \`Idempotency-Key\` within the last ${idempotencyHours} hours.`,
    remedy: 'Make a new key for every new request; use a key again only to repeat the same request.',
    example: new DomainError('idempotency_key_reused'),
  },
  rate_limited: {
    title: 'Too many requests',
    when: 'This address has asked more often, or has more event streams open, than one address may.',
    remedy: 'Try again after the seconds in `Retry-After`.',
    example: new DomainError('rate_limited'),
  },
  internal: {
    title: 'Internal error',
    when: 'Something failed here that should not. The cause stands in the log of the server.',
    remedy: 'Report it with the value of the `X-Request-Id` header. Repeating the request may help.',
    example: new DomainError('internal'),
  },
  unavailable: {
    title: 'Temporarily unavailable',
    when: 'The store cannot be reached, or too much is waiting. A change may or may not have been made.',
    remedy:
      'Repeat the request after the seconds in `Retry-After`. A change that has an `Idempotency-Key` takes effect once.',
    example: new DomainError('unavailable'),
  },
}
