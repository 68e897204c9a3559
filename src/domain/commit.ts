import type { Contribution } from './contribution'
import { type OwnerFilter, ownerMatches } from './owner'
import {
  type Change,
  contributionOf,
  type Origin,
  type Owner,
  originOf,
  reassignmentIn,
  type Session,
  type Snapshot,
  type Transition,
} from './session'

export { snapshotAfter } from './session'

/**
 * One atomic write to a session, with enough data to send each transition together with the session's state after it.
 */
export interface Commit extends Omit<Origin, 'external_id'>, Pick<Snapshot, 'last_event'> {
  external_id?: string | null
  /** Previous owner of the session, present only if the write changed the owner. */
  former?: Owner
  transitions: Transition[]
  /** The session's contribution to counts and sums, before and after the write. */
  contribution: { before: Contribution | null; after: Contribution | null }
}

/** Builds the commit for a write. `session` is the session after the changes. `before` is its previous contribution. */
export const commitOf = (session: Session, changes: Change[], before: Contribution | null = null): Commit => ({
  ...originOf(session),
  last_event: session.last_event,
  ...formerOf(changes),
  transitions: changes.map(change => change.transition),
  contribution: { before, after: contributionOf(session) },
})

const formerOf = (changes: Change[]): Pick<Commit, 'former'> => {
  const reassignment = reassignmentIn(changes)
  return reassignment ? { former: reassignment.from } : {}
}

export const commitMatches = (filter: OwnerFilter, commit: Commit): boolean =>
  ownerMatches(filter, commit) || (commit.former !== undefined && ownerMatches(filter, commit.former))
