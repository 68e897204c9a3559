import { DomainError } from '../domain/errors'
import type { Snapshot } from '../domain/session'

/** What a caller may state beside the change itself. */
export interface Conditions {
  /** The versions on one of which alone the change may be made; any where it is missing. */
  expected_versions?: number[] | undefined
  /** The versions on which the change may not be made; `*` stands for all. */
  excluded_versions?: number[] | '*' | undefined
  /** Repeats of the request under this key get the first answer again. */
  idempotency_key?: string | undefined
  /** For the log. */
  request_id?: string
  /** Whether the client is still there: for one that is gone nothing is begun. */
  wanted?: (() => boolean) | undefined
}

/** Refuses a change of a session whose version is not one that it may be made on. */
export function requireVersion({ version }: Snapshot, { expected_versions, excluded_versions }: Conditions): void {
  const expected = !expected_versions || expected_versions.includes(version)
  const excluded = excluded_versions === '*' || excluded_versions?.includes(version)
  if (!expected || excluded) throw new DomainError('version_mismatch', { current_version: version })
}
