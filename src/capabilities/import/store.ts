import { createHash } from 'node:crypto'
import type { Write } from '../../db/store'
import type { Start } from '../../domain/decide'
import type { Snapshot } from '../../domain/session'

/**
 * Recognises sessions by their start parameters, because a session's owner or inputs may have changed since its start.
 * The write that starts a session with an external id also stores a digest of its start parameters.
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

/** Implements `StorePart.ofFirstMentor`: a digest confirms a guessed mentor id. */
export const fieldsOfFirstMentor = ['start_digest'] as const

/** Implements `StorePart.fields`: adds `start_digest` to each session that is started with an external id. */
export function startFields({ session, changes }: Write): { start_digest?: string | undefined } {
  const { mentor_id, organisation_id, external_id, last_inputs: inputs } = session
  if (session.state === 'closed') return { start_digest: undefined }
  const isStart = changes[0]?.transition.event === 'SessionStarted'
  if (!isStart || external_id === null) return {}
  // After a start, `last_inputs` are its inputs, even if the calculation has failed.
  return { start_digest: startDigest({ mentor_id, organisation_id, external_id, inputs }) }
}
