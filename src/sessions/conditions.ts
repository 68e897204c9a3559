import { DomainError } from '../domain/errors'
import type { Snapshot } from '../domain/session'

/** Conditions and context of a change. */
export interface Conditions {
  /** The session must have one of these versions. Undefined: any version. */
  expected_versions?: number[] | undefined
  /** The session must have none of these versions. `*` excludes every version. */
  excluded_versions?: number[] | '*' | undefined
  /** A repeat of the request with this key gets the first response again. */
  idempotency_key?: string | undefined
  /** Request id for the log. */
  request_id?: string
  /** Whether the client is still connected. No work starts for a client that is gone. */
  wanted?: (() => boolean) | undefined
}

/** Throws version_mismatch if the session's version does not meet the conditions. */
export function requireVersion({ version }: Snapshot, { expected_versions, excluded_versions }: Conditions): void {
  const expected = !expected_versions || expected_versions.includes(version)
  const excluded = excluded_versions === '*' || excluded_versions?.includes(version)
  if (!expected || excluded) throw new DomainError('version_mismatch', { current_version: version })
}
