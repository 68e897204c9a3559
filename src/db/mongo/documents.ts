import type { Document } from 'mongodb'
import { type Commit, commitOf, snapshotAfter } from '../../domain/commit'
import { type Contribution, type MinuteCount, minuteOf, type ResultContribution } from '../../domain/contribution'
import { type IdempotencyRecord, maxIdempotencyRecords } from '../../domain/idempotency-record'
import { maxTransitions } from '../../domain/limits'
import {
  type Change,
  changingMembers,
  type FormerOwner,
  hidesOrganisation,
  initialInternals,
  internalMembers,
  lastEvent,
  originMembers,
  type Result,
  reassignmentIn,
  type Session,
  type SessionEvent,
  type SessionInternals,
  type Share,
  type Snapshot,
  type StoredTransition,
  snapshotMembers,
  type Transition,
  withOwners,
  withoutHistory,
} from '../../domain/session'
import { minuteMs, type Timestamp, timestamp } from '../../domain/timestamp'
import type { Write } from '../store'
import { daysOfFirstShares } from '../upcasting'
import { type SortFieldsDocument, sortFieldsDocument } from './indexes'
import { contributionPositions, inputsDocument, inputsOf, type Packed, packed, unpacked } from './packed'
import { type ResultDocument, resultDocument, resultIdField, resultOf, resultsOf } from './result-document'
import {
  stateCodes,
  statesByCode,
  type TransitionDocument,
  transitionDocuments,
  transitionsOf,
  type Written,
} from './transition-document'

/** The same type with the named times as BSON dates. */
type Dated<T, Name extends keyof T> = Omit<T, Name> & Record<Name, Date>

export function dated<T extends object, Name extends keyof T>(value: T, ...names: Name[]): Dated<T, Name> {
  const times = {} as Record<Name, Date>
  for (const name of names) times[name] = new Date(value[name] as Timestamp)
  return { ...value, ...times }
}

/** A stored share link. Links of version 1.0.0 have no days. */
export interface ShareDocument extends Omit<Dated<Share, 'expires_at'>, 'days' | 'show_organisation'> {
  days?: number
  /** If absent, the link does not show the organisation. */
  show_organisation?: true
}

/** Idempotency key of a start. `version` is the version that the start created. If it is absent, that version is 1. */
type StartDocument = Pick<Dated<IdempotencyRecord, 'at'>, 'key' | 'request' | 'at'> & {
  version?: number
  /** The session's external id. The closed session loses it, so that another session can use it. */
  external_id?: string
}

/** A session is one document, so that one update is one atomic write. */
export interface SessionDocument
  extends Omit<Dated<Snapshot, 'created_at' | 'updated_at'>, 'session_id' | 'external_id'>,
    Omit<SessionInternals, 'last_inputs' | 'start_digest'> {
  _id: string
  /** Absent if there is none, and once the session is closed. */
  external_id?: string
  last_inputs: Packed | null
  /** Absent without an external id, and once the session is closed. */
  start_digest?: string
  /** All transitions. The position in the array is the sequence. */
  transitions: TransitionDocument[]
  results: ResultDocument[]
  shares: ShareDocument[]
  /** Former owners, oldest first. Absent if there are none. */
  former?: FormerOwner[]
  keys: IdempotencyRecordDocument[]
  sort: SortFieldsDocument
  /** The latest write as a whole. The change stream delivers it to the subscribers. */
  commit: CommitDocument
  /**
   * Idempotency key of the session's start, if it had one. It is unique among all documents. A closed session with this
   * field stays in the store until the key expires.
   */
  start?: StartDocument
  /** Set when the session is closed. At this time, the TTL index deletes the document if it still exists. */
  purge_at?: Date
}

/** Projection of a range of transitions, for `rangeOf`. MongoDB refuses an element count beyond 32 bits. */
export const rangeFields = (after: number, limit: number) => {
  const skipped = Math.min(after, maxTransitions)
  return {
    transitions: { $slice: [skipped, limit] },
    before: { $let: { vars: { before: { $slice: ['$transitions', skipped] } }, in: { $last: '$$before.r' } } },
  }
}

/** Projection of the owners of a range of transitions, for `ownedRangeOf`. */
export const ownerFields = { mentor_id: 1, organisation_id: 1, former: 1 } as const

/** Like `rangeOf`, but with the owners. */
export const ownedRangeOf = (document: SessionDocument, after: number): StoredTransition[] =>
  withOwners(rangeOf(document, after), document, document.former ?? [])

/** Returns the transitions of a range that starts after a sequence. */
const rangeOf = (
  { transitions, before = null }: Pick<SessionDocument, 'transitions'> & { before?: string | null },
  after: number,
): Transition[] => transitionsOf(transitions, after + 1, before)

/** A stored idempotency record. The response is rebuilt from the transitions. */
interface IdempotencyRecordDocument extends Pick<Dated<IdempotencyRecord, 'at'>, 'key' | 'request' | 'at'>, Written {
  /** Version of the session after the request. */
  version: number
  /** Number of transitions that the request made. */
  made: number
}

export const idempotencyRecordDocument = (record: IdempotencyRecord, write: string): IdempotencyRecordDocument => {
  const { key, request, at, session, transitions } = record
  return { key, request, at: new Date(at), version: session.version, made: transitions.length, write }
}

/** Include the last transition, even if the request made none, because the session is rebuilt from it. */
const recordedRange = ({ version, made }: IdempotencyRecordDocument) => {
  const limit = Math.max(made, 1)
  return { after: version - limit, limit }
}

/** Projection of the fields from which `idempotencyRecordOf` rebuilds a record's response. */
export const recordedFields = (record: IdempotencyRecordDocument) => {
  const { after, limit } = recordedRange(record)
  return { ...projectionOf(originMembers), ...rangeFields(after, limit) }
}

export function idempotencyRecordOf(record: IdempotencyRecordDocument, document: SessionDocument): IdempotencyRecord {
  const { key, request, at, made } = record
  const transitions = rangeOf(document, recordedRange(record).after)
  const session = snapshotAt(document, transitions.at(-1) as Transition)
  return { key, request, at: timestamp(at), session, transitions: made === 0 ? [] : transitions }
}

/** Returns the snapshot of an open session after a transition. */
function snapshotAt(document: SessionDocument, transition: Transition): Snapshot {
  const { _id: session_id, mentor_id, organisation_id, external_id = null, created_at } = document
  const origin = { session_id, mentor_id, organisation_id, external_id, created_at: timestamp(created_at) }
  return snapshotAfter({ ...origin, last_event: null }, transition)
}

interface ContributionDocument {
  /** Code of the state. */
  s: string
  /** Contribution of the current result. */
  r?: Packed
  /** Calculations: minutes since 1970, each followed by its count. */
  c: number[]
}

const contributionDocument = ({ state, result, calculations }: Contribution): ContributionDocument => ({
  s: stateCodes[state],
  ...(result && { r: packed(contributionPositions, result) }),
  c: calculations.flatMap(({ minute, count }) => [Date.parse(`${minute}Z`) / minuteMs, count]),
})

export const contributionIn = ({ s, r, c }: ContributionDocument): Contribution => ({
  state: statesByCode[s] as Contribution['state'],
  result: r ? ({ currency: null, ...unpacked(contributionPositions, r) } as ResultContribution) : null,
  calculations: calculationsOf(c),
})

const calculationsOf = (stored: number[]): MinuteCount[] =>
  Array.from({ length: stored.length / 2 }, (_, i) => ({
    minute: minuteOf(timestamp(new Date((stored[2 * i] as number) * minuteMs))),
    count: stored[2 * i + 1] as number,
  }))

/**
 * A stored commit. The change stream's event adds the session's id, and the commit's other content is derived from the
 * transitions.
 */
export interface CommitDocument
  extends Pick<Dated<Commit, 'created_at'>, 'mentor_id' | 'organisation_id' | 'external_id' | 'former' | 'created_at'> {
  /** Sequence of the last transition. */
  version: number
  transitions: TransitionDocument[]
  /** Only in a close: the session's last event. In all other commits, it is the event of the last transition. */
  last_event?: SessionEvent | null
  /** The session's contribution to the totals before and after the write. Absent if there is none. */
  before?: ContributionDocument
  after?: ContributionDocument
  /**
   * Label of the current result. Only in a commit that changes the owner, so that followers move the label with the
   * session.
   */
  label?: string
}

function commitDocument({ session, changes, before: contributionBefore }: Write): CommitDocument {
  const commit = commitOf(session, changes, contributionBefore)
  const { mentor_id, organisation_id, external_id, former, created_at, last_event, contribution } = commit
  const { before, after } = contribution
  return {
    mentor_id,
    organisation_id,
    ...(external_id && { external_id }),
    ...(former && { former, label: session.result?.inputs.label ?? '' }),
    created_at: new Date(created_at),
    version: session.version,
    transitions: transitionDocuments(changes, true),
    ...(session.state === 'closed' && { last_event }),
    ...(before && { before: contributionDocument(before) }),
    ...(after && { after: contributionDocument(after) }),
  }
}

export function storedCommit(session_id: string, stored: CommitDocument): Commit {
  const { mentor_id, organisation_id, external_id, former, created_at, version, before, after } = stored
  const transitions = transitionsOf(stored.transitions, version - stored.transitions.length + 1)
  const { event } = transitions.at(-1) as Transition
  return {
    session_id,
    mentor_id,
    organisation_id,
    ...(external_id && { external_id }),
    created_at: timestamp(created_at),
    last_event: lastEvent(event, stored.last_event ?? null),
    ...(former && { former }),
    transitions,
    contribution: {
      before: before ? contributionIn(before) : null,
      after: after ? contributionIn(after) : null,
    },
  }
}

/** Returns the document of a new session. */
export const documentOf = (write: Write, writeId: string): SessionDocument => {
  const { session, changes, idempotency } = write
  const { session_id, external_id, result: _, calculations: __, ...parts } = session
  const { shares, last_inputs, start_digest, ...fields } = parts
  return {
    _id: session_id,
    ...dated(fields, 'created_at', 'updated_at'),
    ...(external_id !== null && { external_id }),
    ...(start_digest !== null && { start_digest }),
    last_inputs: last_inputs && inputsDocument(last_inputs),
    transitions: storedTransitions(write, writeId),
    results: addedResults(changes),
    shares: shares.map(shareDocument),
    keys: [],
    sort: sortFieldsDocument(session),
    commit: commitDocument(write),
    ...(idempotency && { start: startDocument(idempotency) }),
  }
}

const startDocument = ({ key, request, at, session }: IdempotencyRecord): StartDocument => ({
  key,
  request,
  at: new Date(at),
  ...(session.version > 1 && { version: session.version }),
  ...(session.external_id !== null && { external_id: session.external_id }),
})

/** Members that each write sets. Without the version, which is incremented, and the digest, which never changes. */
const writtenMembers = [...changingMembers, ...internalMembers].filter(
  name => name !== 'version' && name !== 'start_digest',
)

/**
 * Validation rule of the collection: a session's version equals the version of its latest commit. A write increments
 * the version, and sets a commit with the expected version. If the session has changed since it was read, the two
 * differ, and MongoDB refuses the write. A filter on the version would do the same, but MongoDB plans no query for a
 * filter on only the id.
 */
export const versionRule = { $expr: { $eq: ['$version', '$commit.version'] } } as const

/** Returns the fields that a write sets in a session's document, except the version and array elements. */
export function changedFields(write: Write): Document {
  const { session } = write
  return {
    ...Object.fromEntries(writtenMembers.map(name => [name, session[name]])),
    ...reassignmentIn(write.changes)?.to,
    updated_at: new Date(session.updated_at),
    last_inputs: session.last_inputs && inputsDocument(session.last_inputs),
    sort: sortFieldsDocument(session),
    commit: commitDocument(write),
  }
}

/**
 * Returns the transitions, results and share links that a write adds or changes, by path, such as `transitions.12`.
 * Setting an element costs MongoDB much less than pushing it, because after a push it checks each element of the array.
 */
export function changedElements(write: Write, id: string): Document {
  const { session, changes } = write
  const transitions = storedTransitions(write, id)
  return {
    ...byPath('transitions', session.version, transitions),
    ...byPath('results', session.result_count, addedResults(changes)),
    ...(changes.some(changesShares) && sharesByPath(write)),
  }
}

export const addedFormerOwners = (changes: Change[]): FormerOwner[] =>
  changes.flatMap(({ reassignment, transition }) =>
    reassignment ? [{ until: transition.sequence, ...reassignment.from }] : [],
  )

const addedResults = (changes: Change[]): ResultDocument[] =>
  changes.flatMap(({ result }) => (result ? [resultDocument(result)] : []))

export const changesShares = (change: Change): boolean =>
  change.share !== undefined || change.revokesShares === true || hidesOrganisation(change)

/** Returns the share links that a write adds or changes, by path. */
function sharesByPath({ session: { shares }, changes }: Write): Document {
  const tokens = new Set(changes.flatMap(({ share }) => share?.token ?? []))
  const revokesAll = changes.some(change => change.revokesShares)
  const hidesAll = changes.some(hidesOrganisation)
  if (tokens.size === 0 && !hidesAll) return { 'shares.$[].revoked': true }
  const changed = shares.flatMap((share, i) =>
    revokesAll || hidesAll || tokens.has(share.token) ? [[`shares.${i}`, shareDocument(share)]] : [],
  )
  return Object.fromEntries(changed)
}

/** Returns the elements to append to an array, by path. `length` is the length of the array afterwards. */
const byPath = (array: string, length: number, elements: object[]): Document =>
  Object.fromEntries(elements.map((element, i) => [`${array}.${length - elements.length + i}`, element]))

/** Returns a write's transitions as stored in the session's document. The first one has the write's id. */
const storedTransitions = ({ changes }: Write, write: string): TransitionDocument[] =>
  transitionDocuments(changes, false).map((transition, i) => (i === 0 ? { ...transition, write } : transition))

const shareDocument = ({ show_organisation, ...share }: Share): ShareDocument => ({
  ...dated(share, 'expires_at'),
  ...(show_organisation && { show_organisation: true as const }),
})

export const shareOf = ({
  token,
  result_id,
  expires_at,
  days = daysOfFirstShares,
  show_organisation,
  revoked,
}: ShareDocument): Share => ({
  token,
  result_id,
  expires_at: timestamp(expires_at),
  days,
  show_organisation: show_organisation ?? false,
  revoked,
})

/** Projection of those session members that have the same name in the document. */
const projectionOf = <Name extends keyof Snapshot>(members: Name[]) =>
  Object.fromEntries(members.filter(name => name !== 'session_id').map(name => [name, 1])) as Record<
    Exclude<Name, 'session_id'>,
    1
  >

export const snapshotFields = projectionOf(snapshotMembers)

export function snapshotOf(document: Pick<SessionDocument, '_id' | keyof typeof snapshotFields>): Snapshot {
  const snapshot = withoutHistory(document as object as Snapshot)
  snapshot.session_id = document._id
  snapshot.created_at = timestamp(document.created_at)
  snapshot.updated_at = timestamp(document.updated_at)
  return snapshot
}

/** Projection of the current result. If a session has one, it is always the session's latest result. */
export const currentResultFields = { results: { $slice: -1 } } as const

export const currentResultOf = ({ result_id, results }: SessionDocument): Result | null => {
  const latest = result_id === null ? undefined : results.at(-1)
  return latest ? resultOf(latest) : null
}

export const sessionFields = {
  ...snapshotFields,
  ...currentResultFields,
  ...(Object.fromEntries(internalMembers.map(name => [name, 1])) as Record<keyof SessionInternals, 1>),
  shares: 1,
  'commit.after.c': 1,
} as const

/** Returns the internal data of a document. A member that an older version did not store gets its initial value. */
function internalsOf(document: SessionDocument): SessionInternals {
  const stored = { ...document, last_inputs: document.last_inputs && inputsOf(document.last_inputs) }
  return Object.fromEntries(
    internalMembers.map(name => [name, stored[name] === undefined ? initialInternals[name] : stored[name]]),
  ) as unknown as SessionInternals
}

export const sessionOf = (document: SessionDocument): Session => ({
  ...snapshotOf(document),
  result: currentResultOf(document),
  ...internalsOf(document),
  shares: document.shares.map(shareOf),
  calculations: calculationsOf(document.commit.after?.c ?? []),
})

/** Expression for the transitions that a session's start wrote. */
export const startTransitions = { $slice: ['$transitions', { $ifNull: ['$start.version', 1] }] }

/** The fields from which `startRecordOf` rebuilds the response to a start. */
export const startFields = { ...projectionOf(originMembers), start: 1, transitions: startTransitions } as const

export function startRecordOf(document: SessionDocument): IdempotencyRecord | null {
  const { start } = document
  const transitions = transitionsOf(document.transitions, 1)
  const last = transitions.at(-1)
  if (!start || !last) return null
  const { key, request, at, external_id = null } = start
  const session = { ...snapshotAt(document, last), external_id }
  return { key, request, at: timestamp(at), session, transitions }
}

/** Expression for a key's idempotency records since a time, limited to those that the session must still honour. */
export const recordsOf = (key: string, since: Timestamp): Document => ({
  $filter: {
    input: { $slice: ['$keys', -maxIdempotencyRecords] },
    cond: { $and: [{ $eq: ['$$this.key', { $literal: key }] }, { $gt: ['$$this.at', new Date(since)] }] },
  },
})

/** Projection of the share link with a token, its result, and the id of the latest result. */
export function sharedFields(token: string): Document {
  const shares = { $filter: { input: '$shares', cond: { $eq: ['$$this.token', { $literal: token }] } } }
  return {
    shares,
    results: { $let: { vars: { shares }, in: resultsOf('$$shares.result_id') } },
    organisation_id: 1,
    latest: { $last: `$${resultIdField}` },
  }
}
