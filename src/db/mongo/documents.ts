import type { Document } from 'mongodb'
import { type Commit, commitOf } from '../../domain/commit'
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
  originOf,
  type Result,
  reassignmentIn,
  type Session,
  type SessionEvent,
  type SessionInternals,
  type Share,
  type Snapshot,
  type StoredTransition,
  snapshotAfter,
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

type Dated<T, Name extends keyof T> = Omit<T, Name> & Record<Name, Date>

export function dated<T extends object, Name extends keyof T>(value: T, ...names: Name[]): Dated<T, Name> {
  const times = {} as Record<Name, Date>
  for (const name of names) times[name] = new Date(value[name] as Timestamp)
  return { ...value, ...times }
}

/** A stored share link. Share links created by version 1.0.0 have no `days`. */
export interface ShareDocument extends Omit<Dated<Share, 'expires_at'>, 'days' | 'show_organisation'> {
  days?: number
  /** True if the link shows the organisation, and otherwise absent. */
  show_organisation?: true
}

/** Idempotency key of a start. `version` is the session version that the start created, and defaults to 1. */
type StartDocument = Pick<Dated<IdempotencyRecord, 'at'>, 'key' | 'request' | 'at'> & {
  version?: number
  /** For repeated starts, because a closed session no longer has its own `external_id`. */
  external_id?: string
}

/** A stored session. Each session is a single document, so that a single update is an atomic write. */
export interface SessionDocument
  extends Omit<Dated<Snapshot, 'created_at' | 'updated_at'>, 'session_id' | 'external_id'>,
    Omit<SessionInternals, 'last_inputs'> {
  _id: string
  /** External id of the session, absent if the session is closed or has no external id. */
  external_id?: string
  last_inputs: Packed | null
  /** All transitions, in the order of their sequence numbers 1, 2, 3, … */
  transitions: TransitionDocument[]
  results: ResultDocument[]
  shares: ShareDocument[]
  /** Former owners, oldest first, absent if the session was never reassigned. */
  former?: FormerOwner[]
  keys: IdempotencyRecordDocument[]
  sort: SortFieldsDocument
  /** The commit of the latest write, which the change stream delivers to subscribers. */
  commit: CommitDocument
  /**
   * Idempotency key of the session's start, if the request had a key. The start's key is unique across all documents. A
   * closed session with such a key remains in the store until the key expires.
   */
  start?: StartDocument
  /** Idempotency key of the request that closed the session, if the request had a key. */
  closing?: Pick<Dated<IdempotencyRecord, 'at'>, 'key' | 'request' | 'at'>
  /** When the TTL index deletes a closed session's document. Set when the session is closed. */
  purge_at?: Date
}

/** Caps `after`, because MongoDB refuses `$slice` arguments of more than 32 bits. */
export const rangeFields = (after: number, limit: number) => {
  const skipped = Math.min(after, maxTransitions)
  return {
    transitions: { $slice: [skipped, limit] },
    before: { $let: { vars: { before: { $slice: ['$transitions', skipped] } }, in: { $last: '$$before.r' } } },
  }
}

/** Projection of a session's present and former owners, which `ownedRangeOf` needs. */
export const ownerFields = { mentor_id: 1, organisation_id: 1, former: 1 } as const

/** Like `rangeOf`, but adds the session's owners to each transition. */
export const ownedRangeOf = (document: SessionDocument, after: number): StoredTransition[] =>
  withOwners(rangeOf(document, after), document, document.former ?? [])

const rangeOf = (
  { transitions, before = null }: Pick<SessionDocument, 'transitions'> & { before?: string | null },
  after: number,
): Transition[] => transitionsOf(transitions, after + 1, before)

/** The response to replay is rebuilt from the session's transitions. */
interface IdempotencyRecordDocument extends Pick<Dated<IdempotencyRecord, 'at'>, 'key' | 'request' | 'at'>, Written {
  /** Session version after the request. */
  version: number
  /** Number of transitions that the recorded request made. */
  made: number
}

export const idempotencyRecordDocument = (record: IdempotencyRecord, write: string): IdempotencyRecordDocument => {
  const { key, request, at, session, transitions } = record
  return { key, request, at: new Date(at), version: session.version, made: transitions.length, write }
}

/**
 * Returns the range of transitions to read for an idempotency record. If the request made no transitions, the range
 * contains the last transition before the request, because the session is rebuilt from that transition.
 */
const recordedRange = ({ version, made }: IdempotencyRecordDocument) => {
  const limit = Math.max(made, 1)
  return { after: version - limit, limit }
}

/** Projection of the fields from which `idempotencyRecordOf` rebuilds the response to a request. */
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

/** Returns an open session's snapshot directly after a transition. */
function snapshotAt(document: SessionDocument, transition: Transition): Snapshot {
  const { _id: session_id, external_id = null, created_at } = document
  const stored = { ...document, session_id, external_id, created_at: timestamp(created_at), last_event: null }
  return snapshotAfter(stored, transition)
}

interface ContributionDocument {
  /** Code of the session's state. */
  s: string
  /** The current result's contribution to the totals. */
  r?: Packed
  /** For each minute: the minute's number since the Unix epoch, followed by its number of calculations. */
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

/** The session id is in the change-stream event, and the rest of the commit is derived from the transitions. */
export interface CommitDocument
  extends Omit<Dated<Commit, 'created_at'>, 'session_id' | 'last_event' | 'transitions' | 'contribution'> {
  /** Sequence number of the commit's last transition. */
  version: number
  transitions: TransitionDocument[]
  /** Stored only in the commit that closes the session. Otherwise, it is the last transition's event. */
  last_event?: SessionEvent | null
  /** The session's contributions before and after the write, absent if the session contributes nothing. */
  before?: ContributionDocument
  after?: ContributionDocument
}

function commitDocument({ session, changes, before: contributionBefore }: Write): CommitDocument {
  const commit = commitOf(session, changes, contributionBefore)
  const { session_id: _, external_id, last_event, transitions: __, contribution, ...origin } = commit
  const { before, after } = contribution
  return {
    ...dated(origin, 'created_at'),
    ...(external_id && { external_id }),
    version: session.version,
    transitions: transitionDocuments(changes, true),
    ...(session.state === 'closed' && { last_event }),
    ...(before && { before: contributionDocument(before) }),
    ...(after && { after: contributionDocument(after) }),
  }
}

export function storedCommit(session_id: string, stored: CommitDocument): Commit {
  const { external_id, former, version, before, after } = stored
  const transitions = transitionsOf(stored.transitions, version - stored.transitions.length + 1)
  const { event } = transitions.at(-1) as Transition
  return {
    ...originOf({ ...stored, session_id, external_id: external_id ?? null, created_at: timestamp(stored.created_at) }),
    last_event: lastEvent(event, stored.last_event ?? null),
    ...(former && { former }),
    transitions,
    contribution: {
      before: before ? contributionIn(before) : null,
      after: after ? contributionIn(after) : null,
    },
  }
}

export const documentOf = (write: Write, writeId: string): SessionDocument => {
  const { session, changes, idempotency } = write
  const { session_id, external_id, result: _, result_ids: __, calculations: ___, ...parts } = session
  const { shares, last_inputs, ...fields } = parts
  return {
    _id: session_id,
    ...dated(fields, 'created_at', 'updated_at'),
    ...(external_id !== null && { external_id }),
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

/** Without the version, which is incremented instead. */
const writtenMembers = [...changingMembers, ...internalMembers].filter(name => name !== 'version')

/**
 * The sessions' validation rule. Each write increments the version, and sets a commit with the version that the session
 * should then have. If the session has changed since it was read, the two versions differ, and MongoDB refuses the
 * write. A filter on the version would be slower: MongoDB skips query planning only for filters on the id alone.
 */
export const versionRule = { $expr: { $eq: ['$version', '$commit.version'] } } as const

/** Returns the fields that a write sets in a session's document, except for the version and array elements. */
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
 * Keyed by path, such as `transitions.12`. Setting an element by its path is much cheaper than `$push`, because after a
 * `$push` MongoDB checks every element of the array.
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

/** Returns the elements to append to an array, keyed by path. `length` is the array's length after the append. */
const byPath = (array: string, length: number, elements: object[]): Document =>
  Object.fromEntries(elements.map((element, i) => [`${array}.${length - elements.length + i}`, element]))

/** Only the first of a write's transitions contains the write's id. */
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

/** Projection of the current result, which is always the session's latest result. */
export const currentResultFields = { results: { $slice: -1 } } as const

export const currentResultOf = ({ result_id, results }: SessionDocument): Result | null => {
  const latest = result_id === null ? undefined : results.at(-1)
  return latest ? resultOf(latest) : null
}

export const sessionFields = {
  ...snapshotFields,
  ...currentResultFields,
  ...(Object.fromEntries(internalMembers.map(name => [name, 1])) as Record<keyof SessionInternals, 1>),
  result_ids: `$${resultIdField}`,
  shares: 1,
  'commit.after.c': 1,
} as const

/** A field that an older program version did not store gets its initial value. */
function internalsOf(document: SessionDocument): SessionInternals {
  const stored = { ...document, last_inputs: document.last_inputs && inputsOf(document.last_inputs) }
  return Object.fromEntries(
    internalMembers.map(name => [name, stored[name] === undefined ? initialInternals[name] : stored[name]]),
  ) as unknown as SessionInternals
}

export const sessionOf = (document: SessionDocument & Pick<Session, 'result_ids'>): Session => ({
  ...snapshotOf(document),
  result: currentResultOf(document),
  result_ids: document.result_ids,
  ...internalsOf(document),
  shares: document.shares.map(shareOf),
  calculations: calculationsOf(document.commit.after?.c ?? []),
})

/** MongoDB expression for the transitions written by a session's start. */
export const startTransitions = { $slice: ['$transitions', { $ifNull: ['$start.version', 1] }] }

/** Projection of the fields from which `startRecordOf` rebuilds the response to a start. */
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

/** Projection of the fields from which `closingRecordOf` rebuilds the record of the request that closed the session. */
export const closingFields = { ...snapshotFields, closing: 1 } as const

export function closingRecordOf({ closing, ...document }: SessionDocument): IdempotencyRecord | null {
  return closing ? { ...closing, at: timestamp(closing.at), session: snapshotOf(document), transitions: [] } : null
}

/** Selects the records with this key that are newer than `since` and among the session's latest records. */
export const recordsOf = (key: string, since: Timestamp): Document => ({
  $filter: {
    input: { $slice: ['$keys', -maxIdempotencyRecords] },
    cond: { $and: [{ $eq: ['$$this.key', { $literal: key }] }, { $gt: ['$$this.at', new Date(since)] }] },
  },
})

/** Projection of the share link with this token, its result, and the id of the session's latest result. */
export function sharedFields(token: string): Document {
  const shares = { $filter: { input: '$shares', cond: { $eq: ['$$this.token', { $literal: token }] } } }
  return {
    shares,
    results: { $let: { vars: { shares }, in: resultsOf('$$shares.result_id') } },
    organisation_id: 1,
    latest: { $last: `$${resultIdField}` },
  }
}
