import { maxTransitions } from '../domain/decide'
import { DomainError, type ErrorCode } from '../domain/errors'
import { idempotencyLifetime } from '../domain/session'
import { endpointsOfOrganisation } from '../domain/webhook-endpoint'
import { methodNotAllowed, notAcceptable, restBodyBytes } from './resource'

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
    when: 'The request needs a body that is JSON in UTF-8. The body is missing or cannot be parsed.',
    remedy: 'Correct the body. `errors` says where parsing failed.',
    example: new DomainError('invalid_json', { errors: [{ detail: 'has no body', pointer: '' }] }),
  },
  invalid_query: {
    title: 'A query parameter is not valid',
    when: 'A query parameter has an invalid value, appears more than once, is not known, or needs another one.',
    remedy:
      'Correct the parameters that `errors` names. For an unknown parameter, `detail` has the nearest known name. Only resources that need no token ignore unknown parameters.',
    example: new DomainError('invalid_query', { errors: [{ detail: 'must be at least 1', parameter: 'page' }] }),
  },
  invalid_cursor: {
    title: 'The cursor is not one that was issued here',
    when: 'This server did not issue the cursor for this list or feed. It was altered, or it belongs to another list, order or store.',
    remedy:
      'In a list, start again from the first page. In the feed, read the sessions again, then request the events without `after` to get the current cursor.',
    example: new DomainError('invalid_cursor', {
      errors: [{ detail: 'is not a cursor of this feed', parameter: 'after' }],
    }),
  },
  invalid_request: {
    title: 'The request is malformed',
    when: 'A header, the path or the encoding of the body is malformed.',
    remedy: 'Correct what `errors` names. A common mistake is an entity tag without quotes: write `If-Match: "3"`.',
    example: new DomainError('invalid_request', {
      errors: [{ detail: 'must be * or a list of entity tags such as "3"', header: 'If-Match' }],
    }),
  },
  unauthenticated: {
    title: 'Who asks is not known',
    when: 'The request has no bearer token, or the token is not valid: malformed, expired, not valid yet, from another issuer, for another audience or of another type, or a service key that is unknown or expired.',
    remedy:
      'Sign in, and send the token as `Authorization: Bearer …`. If you sent a token, `detail` and `WWW-Authenticate` say what is wrong with it.',
    example: new DomainError('unauthenticated'),
  },
  forbidden: {
    title: 'Not for this role',
    when: 'The token is valid, but its role does not allow this. A reader cannot change anything. A session cannot be started for a mentor or organisation outside the scope of the token. A token without a known role, or with a malformed claim about role, organisation or mentor, allows nothing. `detail` says which it is.',
    remedy: 'Ask your administrator for the role or the scope that you need.',
    example: new DomainError('forbidden'),
  },
  route_not_found: {
    title: 'No such resource',
    when: 'No resource has this path.',
    remedy: 'Compare the path with the description at `/docs`. Paths are case-sensitive.',
    example: new DomainError('route_not_found'),
  },
  session_not_found: {
    title: 'No such session',
    when: 'No session has this id. It was closed, it never existed, or it is outside the scope of your token.',
    remedy: 'Check the id, or start a new session.',
    example: new DomainError('session_not_found'),
  },
  result_not_found: {
    title: 'No such result',
    when: 'The session exists, but it has no result with this id.',
    remedy: 'List the results of the session. Results of other sessions have other paths.',
    example: new DomainError('result_not_found'),
  },
  share_not_found: {
    title: 'No such share link',
    when: 'No share link or report has this token, no report has this id, or the current result of the session has no live share link.',
    remedy: 'Check the link, or dispatch `ShareRequested` to create one.',
    example: new DomainError('share_not_found'),
  },
  webhook_endpoint_not_found: {
    title: 'No such webhook endpoint',
    when: 'No webhook endpoint has this id. It was deleted, it never existed, or it is outside the scope of your token.',
    remedy: 'List the webhook endpoints, or create a new one.',
    example: new DomainError('webhook_endpoint_not_found'),
  },
  method_not_allowed: {
    title: 'Method not allowed',
    when: 'The resource exists, but it does not support this method.',
    remedy: 'Use a method that the `Allow` header lists.',
    example: methodNotAllowed('PATCH', ['GET', 'HEAD', 'PUT', 'DELETE']),
  },
  not_acceptable: {
    title: 'Not acceptable',
    when: 'The resource is not available in any media type that the `Accept` header allows.',
    remedy: 'Accept a media type that `detail` lists.',
    example: notAcceptable('image/png', ['application/json', 'text/event-stream']),
  },
  event_refused: {
    title: 'The session refuses this event',
    when: 'The session does not accept this event in its current state. Nothing was changed.',
    remedy:
      'Read the session again, because another client may have changed it. Then dispatch one of `allowed_events`.',
    example: new DomainError('event_refused', {
      current_state: 'initial',
      event: 'ShareRequested',
      allowed_events: ['CalculateRequested', 'ResetRequested'],
    }),
  },
  session_full: {
    title: 'The session is full',
    when: `The session has no room for the transitions of the event. It holds at most ${maxTransitions}.`,
    remedy: 'Start a new session. You can still read and close this one.',
    example: new DomainError('session_full', { limit: maxTransitions }),
  },
  limit_reached: {
    title: 'The maximum number is reached',
    when: 'There are as many webhook endpoints, reports, or test messages that wait, as the server allows. `limit` is the number.',
    remedy:
      'Delete a webhook endpoint or revoke a report that you no longer need, or wait until the test messages are sent.',
    example: new DomainError('limit_reached', { limit: endpointsOfOrganisation }),
  },
  endpoint_inactive: {
    title: 'The webhook endpoint is not active',
    when: 'The webhook endpoint is paused, or it is disabled because its receiver failed too often or returned 410. It sends nothing.',
    remedy: 'Change the endpoint with `paused: false`. Then send the request again.',
    example: new DomainError('endpoint_inactive'),
  },
  request_in_flight: {
    title: 'The same request is being served',
    when: 'A request with the same `Idempotency-Key` is still in progress.',
    remedy: 'Retry after the seconds in `Retry-After`. You get the response of the first request.',
    example: new DomainError('request_in_flight'),
  },
  share_gone: {
    title: 'The share link is gone',
    when: 'The share link or the report was revoked, or it has expired.',
    remedy: 'Ask the sender of the link for a new one.',
    example: new DomainError('share_gone'),
  },
  cursor_expired: {
    title: 'The events after the cursor are gone',
    when: 'The events after the cursor are older than the history that the server stores.',
    remedy:
      'Request the events without `after` to get the current cursor, read the sessions again, then continue from that cursor.',
    example: new DomainError('cursor_expired'),
  },
  version_mismatch: {
    title: 'The session has another version',
    when: 'The session does not have the version that `If-Match` requires, or has one that `If-None-Match` excludes. Nothing was changed.',
    remedy:
      'Read the session again, and send your change with its current version. A weak tag never matches `If-Match`: if a proxy weakens tags, send the `Session-Version` as a strong tag.',
    example: new DomainError('version_mismatch', { current_version: 3 }),
  },
  payload_too_large: {
    title: 'The body is too large',
    when: 'The decoded body is larger than the maximum.',
    remedy: 'Send a body of at most `limit` bytes.',
    example: new DomainError('payload_too_large', { limit: restBodyBytes }),
  },
  unsupported_media_type: {
    title: 'The body has an unsupported media type',
    when: 'The `Content-Type` of the body is not JSON in UTF-8, or its `Content-Encoding` is not supported.',
    remedy:
      'Send `Content-Type: application/json`. If the encoding was refused, `Accept-Encoding` lists the supported ones.',
    example: new DomainError('unsupported_media_type'),
  },
  validation_failed: {
    title: 'The content is not valid',
    when: 'The body is JSON, but its content is not valid. Nothing was changed.',
    remedy: 'Correct every fault in `errors`. Each `pointer` is a JSON Pointer into the body.',
    example: new DomainError('validation_failed', {
      errors: [{ detail: 'must be at most 1000000', pointer: '/payload/sessions' }],
    }),
  },
  idempotency_key_reused: {
    title: 'The idempotency key was used for another request',
    when: `A different request used the same \`Idempotency-Key\`. The server stores a key for ${idempotencyLifetime}.`,
    remedy: 'Use a new key for every new request. Reuse a key only to repeat the same request.',
    example: new DomainError('idempotency_key_reused'),
  },
  rate_limited: {
    title: 'Too many requests',
    when: 'This address sends too many requests, or has too many open event streams. Or the mentor has too many open sessions: `detail` says so.',
    remedy:
      'Retry after the seconds in `Retry-After`. If `detail` names the limit of open sessions, close a session first: a retry alone fails again.',
    example: new DomainError('rate_limited'),
  },
  internal: {
    title: 'Internal error',
    when: 'The server failed unexpectedly. Its log has the cause, under the request id.',
    remedy: 'Report the value of the `X-Request-Id` header. A retry may help.',
    example: new DomainError('internal'),
  },
  unavailable: {
    title: 'Temporarily unavailable',
    when: 'The server cannot reach its store or the issuer of the tokens, or too many requests wait. A change may or may not have taken effect.',
    remedy: 'Retry after the seconds in `Retry-After`. A change with an `Idempotency-Key` takes effect only once.',
    example: new DomainError('unavailable'),
  },
}
