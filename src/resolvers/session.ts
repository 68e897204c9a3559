import { Arg, Ctx, Extensions, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql'
import { z } from 'zod'
import type * as calculator from '../domain/calculator'
import { visibleOwner } from '../domain/caller'
import type { Commit } from '../domain/commit'
import { allowedEvents } from '../domain/decide'
import type { ErasureProgress } from '../domain/erasure'
import { DomainError, isDomainError, valid } from '../domain/errors'
import { commandOf, flatPointer } from '../domain/flat-command'
import { maxTransitions } from '../domain/limits'
import {
  type Edge,
  edgeWith,
  type Filter,
  filterOf,
  sequenceSchema,
  sessionFilterSchema,
  sessionsLimitDefault,
  sessionsLimitSchema,
  transitionsLimitDefault,
  transitionsLimitSchema,
} from '../domain/list-query'
import {
  isOfResult,
  newestFirst,
  type SessionOrder,
  sessionCursorOf,
  sessionOrderSchema,
  sortKeyFromCursor,
  sortKeyOf,
} from '../domain/order'
import * as domain from '../domain/session'
import { linkCursorOf, linkPositionOf } from '../domain/shared-link'
import { publicPath } from '../http/base-path'
import { globalResultId } from '../sessions/result-ids'
import type { ChangeOutcome, Conditions } from '../sessions/session-commands'
import type { SessionQueries } from '../sessions/session-queries'
import { pageInfoOf } from './connections'
import type { Context } from './context'
import { linkField, publicField } from './links'
import { camel, snakeMembers, snakeMembersWithNulls, unlessEmpty } from './names'
import { price } from './price'
import { OrderKey } from './scalars'
import * as types from './types'

type SessionParent = domain.Snapshot & Partial<domain.Session>

interface ResultParent extends domain.Result {
  id: string
}

interface SessionPage {
  filter: Filter
  edges: (Edge & { order_key: OrderKey; node: SessionParent })[]
  nodes: SessionParent[]
  page_info: ReturnType<typeof pageInfoOf>
}

/** Results per session: of its `maxTransitions` transitions, its start uses one, and each calculation uses two. */
const resultsASession = Math.floor((maxTransitions - 1) / 2)
/** Live share links per session. Each uses three transitions, because it has its own result. */
const sharesASession = Math.floor((maxTransitions - 1) / 3)

/**
 * In objects. To sort sessions or select them by month, the store reads every session that matches the rest of the
 * filter. A query for a page of the default size, with the total, still costs less than `lightObjects`.
 */
const sortingWeight = 200

const pageArguments = z.object({ first: sessionsLimitSchema.nullish() })
const transitionsArguments = z.object({ after: sequenceSchema, first: transitionsLimitSchema })

/** Returns a transition, together with the session's state directly after it. */
export function withSession(session: Omit<Commit, 'transitions' | 'contribution'>, transition: domain.Transition) {
  const snapshot = domain.snapshotAfter(session, transition)
  return { ...transition, session: snapshot, snapshot }
}

function payloadOf({ session, transitions, replayed, closed = false }: ChangeOutcome) {
  return { session, transitions: transitions.map(transition => withSession(session, transition)), replayed, closed }
}

const conditionsOf = (
  {
    expectedVersion,
    idempotencyKey,
  }: { expectedVersion?: number | null | undefined; idempotencyKey?: string | null | undefined },
  { request_id, signal }: Context,
): Conditions => ({
  expected_versions: expectedVersion === undefined || expectedVersion === null ? undefined : [expectedVersion],
  idempotency_key: unlessEmpty(idempotencyKey),
  request_id,
  signal,
})

/** Translates an error's JSON Pointers to GraphQL, where an event and its payload are fields of the same input. */
function errorOfCommand(error: unknown, event: domain.SessionEvent): unknown {
  if (!isDomainError(error, 'validation_failed')) return error
  const faults = error.facts.errors.map(fault =>
    fault.pointer === undefined ? fault : { ...fault, pointer: flatPointer(event, fault.pointer) },
  )
  return new DomainError('validation_failed', { errors: faults })
}

/** Throws `validation_failed`. An empty id is invalid, because it would otherwise select all sessions. */
export function validFilter(filter: object | null | undefined): Filter {
  const { months, ...others } = valid(sessionFilterSchema, snakeMembers(filter ?? {}), ['filter'])
  return filterOf({ ...others, ...months })
}

const orderOf = (orderBy: types.SessionOrder | null | undefined): SessionOrder =>
  orderBy ? valid(sessionOrderSchema, snakeMembers(orderBy), ['order_by']) : newestFirst

/**
 * Returns no transitions if the session was closed or is no longer in the caller's scope. A feed message can contain
 * such a session, and an error in its `transitions` would make the whole message null, including its cursor.
 */
function noneIfGone(error: unknown): [] {
  if (isDomainError(error, 'session_not_found')) return []
  throw error
}

const withGlobalId = (session_id: string, result: domain.Result): ResultParent => ({
  ...result,
  id: globalResultId(session_id, result.result_id),
})

async function currentResultOf(source: SessionParent, queries: SessionQueries): Promise<domain.Result | null> {
  if (source.result_id === null) return null
  if (source.result?.result_id === source.result_id) return source.result
  return queries.findResult(source.session_id, source.result_id)
}

async function shownResultOf(source: SessionParent, queries: SessionQueries): Promise<ResultParent | null> {
  const result = await currentResultOf(source, queries)
  return result && withGlobalId(source.session_id, result)
}

async function orderKeyOf(
  orderBy: types.SessionOrder | null | undefined,
  source: SessionParent,
  queries: SessionQueries,
): Promise<OrderKey> {
  const order = orderOf(orderBy)
  const result = isOfResult(order) ? await currentResultOf(source, queries) : null
  return sortKeyOf(order, { ...source, result }).key
}

@Resolver(() => types.SessionSnapshot)
export class SessionSnapshotResolver {
  @FieldResolver(() => types.Result, { nullable: true })
  @Extensions(price({ weight: 1 }))
  result(@Root() source: SessionParent, @Ctx() { queries }: Context): Promise<ResultParent | null> {
    return shownResultOf(source, queries)
  }

  @FieldResolver(() => OrderKey, {
    nullable: true,
    description: 'Sort key that the session had after the transition, in an order of `sessions`.',
  })
  @Extensions(price({ weight: 1 }))
  orderKey(
    @Arg('orderBy', () => types.SessionOrder, { nullable: true }) orderBy: types.SessionOrder | null | undefined,
    @Root() source: SessionParent,
    @Ctx() { queries }: Context,
  ): Promise<OrderKey> {
    return orderKeyOf(orderBy, source, queries)
  }

  @FieldResolver(() => [types.SessionEvent], { description: 'Events that the session accepted in this state.' })
  @Extensions(price({ size: domain.sessionEvents.length, part: true }))
  allowedEvents(@Root() source: SessionParent): domain.SessionEvent[] {
    return allowedEvents(source)
  }
}

@Resolver(() => types.Session)
export class SessionResolver {
  @Query(() => types.Session, {
    nullable: true,
    description: 'Returns one session, or null if no session has this id.',
  })
  session(@Arg('id', () => ID) id: string, @Ctx() { queries, selectsResult }: Context): Promise<SessionParent | null> {
    return selectsResult ? queries.findWithResult(id) : queries.findSnapshot(id)
  }

  @Query(() => types.Node, {
    nullable: true,
    description:
      'Returns the object with this id, or null if there is none. All such objects are sessions. Use this field in clients that refetch objects by id.',
  })
  node(@Arg('id', () => ID) id: string, @Ctx() context: Context): Promise<SessionParent | null> {
    return this.session(id, context)
  }

  @Query(() => types.SessionConnection, {
    description: 'Lists sessions. The default order is newest first.',
  })
  @Extensions(
    price({ most: sessionsLimitSchema.maxValue, weights: { orderBy: sortingWeight, 'filter.months': sortingWeight } }),
  )
  async sessions(
    @Arg('first', () => Int, { defaultValue: sessionsLimitDefault, nullable: true }) first: number,
    @Arg('after', () => String, { nullable: true }) cursor: string | null | undefined,
    @Arg('orderBy', () => types.SessionOrder, { nullable: true }) orderBy: types.SessionOrder | null | undefined,
    @Arg('filter', () => types.SessionFilter, { nullable: true }) filter: types.SessionFilter | null | undefined,
    @Ctx() { queries }: Context,
  ): Promise<SessionPage> {
    const limit = valid(pageArguments, { first }).first ?? sessionsLimitDefault
    const selected = validFilter(filter)
    const order = orderOf(orderBy)
    const given = unlessEmpty(cursor)
    const after = given === undefined ? undefined : sortKeyFromCursor(queries.cursors, order, given)
    const { sessions, more } = await queries.sorted(selected, order, { limit, after })
    const cursorOf = (entry: (typeof sessions)[number]) => sessionCursorOf(queries.cursors, order, entry)
    const cursorAt = (index: number) => {
      const entry = sessions.at(index)
      return entry && cursorOf(entry)
    }
    return {
      filter: selected,
      // Most operations select `nodes`, so the edges are created only if they are read.
      get edges() {
        return sessions.map(entry => edgeWith(() => cursorOf(entry), { order_key: entry.key, node: entry.session }))
      },
      nodes: sessions.map(({ session }) => session),
      page_info: pageInfoOf(cursorAt, more, after),
    }
  }

  @Query(() => types.SharedResult, {
    description: 'Returns the result behind a share link. Errors: SHARE_NOT_FOUND, SHARE_GONE.',
  })
  @Extensions(publicField)
  async sharedResult(@Arg('token', () => ID) token: string, @Ctx() { queries, viewCounter }: Context) {
    const shared = await queries.sharedResult(token)
    viewCounter.countView(token)
    return shared
  }

  @Query(() => types.SharedLinkConnection, {
    description:
      'Lists the live share links of the sessions that match the filter. The links are sorted by the time at which their expiry was last set, newest first.',
  })
  @Extensions(price({ most: sessionsLimitSchema.maxValue, weight: sortingWeight }))
  async sharedLinks(
    @Arg('filter', () => types.SessionFilter, { nullable: true }) filter: types.SessionFilter | null | undefined,
    @Arg('first', () => Int, { defaultValue: sessionsLimitDefault, nullable: true }) first: number,
    @Arg('after', () => String, { nullable: true }) cursor: string | null | undefined,
    @Ctx() { queries }: Context,
  ) {
    const limit = valid(pageArguments, { first }).first ?? sessionsLimitDefault
    const selected = validFilter(filter)
    const given = unlessEmpty(cursor)
    const after = given === undefined ? undefined : linkPositionOf(queries.cursors, given)
    const { links, more } = await queries.links(selected, { limit, after })
    const edges = links.map(node => edgeWith(() => linkCursorOf(queries.cursors, node), { node }))
    return { edges, nodes: links, page_info: pageInfoOf(index => edges.at(index)?.cursor, more, after) }
  }

  @Query(() => types.CalculationOutputs, {
    description: 'Calculates the outputs for these inputs. Nothing is stored.',
  })
  calculate(
    @Arg('inputs', () => types.CalculationInputs) inputs: types.CalculationInputs,
    @Ctx() { sessions }: Context,
  ): Promise<calculator.Outputs> {
    return sessions.calculate(snakeMembers(inputs))
  }

  @Mutation(() => types.SessionPayload, {
    description: 'Starts a session for a mentor. With `inputs`, it also calculates, in the same atomic write.',
  })
  async startSession(
    @Arg('input', () => types.StartSessionInput) { idempotencyKey, ...start }: types.StartSessionInput,
    @Ctx() context: Context,
  ) {
    const conditions = conditionsOf(idempotencyKey === undefined ? {} : { idempotencyKey }, context)
    return payloadOf(await context.sessions.start(snakeMembers(start), conditions))
  }

  @Mutation(() => types.SessionPayload, {
    description:
      'Dispatches an event to a session. Errors: SESSION_NOT_FOUND, EVENT_REFUSED, VALIDATION_FAILED, VERSION_MISMATCH, …',
  })
  async dispatchEvent(
    @Arg('input', () => types.DispatchEventInput) input: types.DispatchEventInput,
    @Ctx() context: Context,
  ) {
    const { sessionId, expectedVersion: _, idempotencyKey: __, ...command } = input
    const body = commandOf(snakeMembersWithNulls(command))
    try {
      return payloadOf(await context.sessions.dispatch(sessionId, body, conditionsOf(input, context)))
    } catch (error) {
      throw errorOfCommand(error, input.event)
    }
  }

  @Mutation(() => types.SessionPayload, {
    description:
      'Revokes one share link of a session, and adds a transition with the event SHARE_REVOKE_REQUESTED. Errors: SESSION_NOT_FOUND, SHARE_NOT_FOUND, SHARE_GONE, VERSION_MISMATCH, …',
  })
  async revokeShare(
    @Arg('sessionId', () => ID) sessionId: string,
    @Arg('token', () => ID) token: string,
    @Arg('expectedVersion', () => Int, { nullable: true }) expectedVersion: number | null | undefined,
    @Arg('idempotencyKey', () => String, { nullable: true, description: types.keyDescription })
    idempotencyKey: string | null | undefined,
    @Ctx() context: Context,
  ) {
    const conditions = conditionsOf({ expectedVersion, idempotencyKey }, context)
    return payloadOf(await context.sessions.revokeShare(sessionId, token, conditions))
  }

  @Mutation(() => types.CloseSessionPayload, {
    description: 'Closes a session, and deletes it with its results and share links.',
  })
  async closeSession(
    @Arg('input', () => types.CloseSessionInput) input: types.CloseSessionInput,
    @Ctx() context: Context,
  ) {
    const { replayed } = await context.sessions.close(input.sessionId, conditionsOf(input, context))
    return { session_id: input.sessionId, deleted: true, replayed }
  }

  @Mutation(() => types.EraseMentorPayload, {
    description:
      'For admins. Closes all sessions of a mentor, and erases what the server stores about them. A request works for up to 20 seconds. Repeat it until `erased` is true. Errors: FORBIDDEN, …',
  })
  eraseMentor(
    @Arg('input', () => types.EraseMentorInput) { mentorId }: types.EraseMentorInput,
    @Ctx() { erasure, request_id, signal }: Context,
  ): Promise<ErasureProgress> {
    return erasure.erase(mentorId, { request_id, signal })
  }

  @FieldResolver(() => types.Result, { nullable: true })
  @Extensions(price({ weight: 1 }))
  result(@Root() source: SessionParent, @Ctx() { queries }: Context): Promise<ResultParent | null> {
    return shownResultOf(source, queries)
  }

  @FieldResolver(() => OrderKey, {
    nullable: true,
    description:
      'Sort key of this session in an order of `sessions`. With sort keys, a client that follows the feed can keep a list in order.',
  })
  @Extensions(price({ weight: 1 }))
  orderKey(
    @Arg('orderBy', () => types.SessionOrder, { nullable: true }) orderBy: types.SessionOrder | null | undefined,
    @Root() source: SessionParent,
    @Ctx() { queries }: Context,
  ): Promise<OrderKey> {
    return orderKeyOf(orderBy, source, queries)
  }

  @FieldResolver(() => [types.Result], { description: 'All results of the session, newest first.' })
  @Extensions(price({ size: resultsASession }))
  async results(@Root() { session_id }: SessionParent, @Ctx() { queries }: Context): Promise<ResultParent[]> {
    return (await queries.results(session_id)).map(result => withGlobalId(session_id, result))
  }

  @FieldResolver(() => types.Share, {
    nullable: true,
    description: 'The live share link of the current result. Null if the current result has no live link.',
  })
  @Extensions(price({ weight: 1 }))
  @Extensions(linkField)
  share(@Root() { session_id }: SessionParent, @Ctx() { queries }: Context): Promise<domain.Share | null> {
    return queries.findShare(session_id)
  }

  @FieldResolver(() => [types.Share], {
    description: 'All live share links, including those of earlier results, newest first.',
  })
  @Extensions(price({ size: sharesASession }))
  @Extensions(linkField)
  shares(@Root() { session_id }: SessionParent, @Ctx() { queries }: Context): Promise<domain.Share[]> {
    return queries.findShares(session_id)
  }

  @FieldResolver(() => [types.SessionEvent], { description: 'Events that the session accepts in its current state.' })
  @Extensions(price({ size: domain.sessionEvents.length, part: true }))
  allowedEvents(@Root() source: SessionParent): domain.SessionEvent[] {
    return allowedEvents(source)
  }

  @FieldResolver(() => [types.Transition], {
    description:
      'Transitions of the session after the sequence `after`. Empty if the session was closed, or is outside your scope.',
  })
  @Extensions(price({ size: 'limit', most: transitionsLimitSchema.maxValue }))
  async transitions(
    @Arg('after', () => Int, { defaultValue: 0, nullable: true }) after: number | null,
    @Arg('first', () => Int, { defaultValue: transitionsLimitDefault, nullable: true }) first: number | null,
    @Root() source: SessionParent,
    @Ctx() { queries, caller }: Context,
  ) {
    const page = valid(transitionsArguments, { after: after ?? 0, first: first ?? transitionsLimitDefault })
    const transitions = await queries.transitions(source.session_id, page.after, page.first).catch(noneIfGone)
    return transitions.map(transition => {
      const owner = transition.owners && visibleOwner(caller.scope, transition.owners)
      return withSession({ ...source, ...owner }, transition)
    })
  }
}

@Resolver(() => types.SessionConnection)
export class SessionConnectionResolver {
  @FieldResolver(() => Int)
  @Extensions(price({ weight: 10 }))
  totalCount(@Root() { filter }: SessionPage, @Ctx() { queries }: Context): Promise<number> {
    return queries.count(filter)
  }
}

@Resolver(() => types.Transition)
export class TransitionResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Name of the caller that made the transition. Null if the server requires no tokens.',
  })
  by(@Root() { by }: domain.Transition, @Ctx() { caller }: Context): string | null {
    return caller.digest === undefined ? null : (by ?? null)
  }
}

@Resolver(() => types.Share)
export class ShareResolver {
  @FieldResolver(() => String)
  path(@Root() share: domain.Share): string {
    return publicPath(domain.sharePath(share))
  }
}

@Resolver(() => types.UndefinedOutput)
export class UndefinedOutputResolver {
  @FieldResolver(() => String)
  output(@Root() { output }: { output: string }): string {
    return camel(output)
  }
}
