import type { ErrorCode } from '../domain/errors'

/** The status that says each code in HTTP (RFC 9110 §15). */
export const statuses: Record<ErrorCode, number> = {
  invalid_json: 400,
  invalid_query: 400,
  invalid_cursor: 400,
  invalid_request: 400,
  route_not_found: 404,
  session_not_found: 404,
  result_not_found: 404,
  share_not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  event_refused: 409,
  session_full: 409,
  request_in_flight: 409,
  share_gone: 410,
  cursor_expired: 410,
  version_mismatch: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  idempotency_key_reused: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
}
