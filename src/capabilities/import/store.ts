import { createHash } from 'node:crypto'
import type { Start } from '../../domain/decide'
import type { Session, Snapshot } from '../../domain/session'

/**
 * Recognises sessions by what they were started with, because an owner or inputs can have changed since. Each session
 * with an external id is stored with a digest of its start parameters, in the write that starts it.
 */
export interface ImportStore {
  /** Returns the open session that was started with the parameters that have this digest (see `startDigest`). */
  startedWith(digest: string): Promise<Snapshot | null>
}

declare module '../../db/store' {
  interface StoreParts {
    import: ImportStore
  }
}

/** Returns a digest of start parameters. Stored digests are compared with it, so it must never change. */
export function startDigest({ mentor_id, organisation_id, external_id, inputs = null }: Start): string {
  const content = JSON.stringify([mentor_id, organisation_id, external_id, inputs])
  return createHash('sha256').update(content).digest('base64url')
}

/** Returns the digest of the parameters of a session that has not changed since its start. */
export const digestOf = (session: Pick<Session, 'mentor_id' | 'organisation_id' | 'external_id' | 'last_inputs'>) =>
  startDigest({ ...session, inputs: session.last_inputs })
