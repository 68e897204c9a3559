// This folder contains the core's REST resources, with their handlers and descriptions. Each capability's resources are
// in the capability's folder.

import type { Response } from 'express'
import { z } from 'zod'
import { currencySchema } from '../../domain/calculator'
import { streamAccessOf } from '../../domain/caller'
import { startSchema } from '../../domain/decide'
import { DomainError } from '../../domain/errors'
import { exampleOf } from '../../domain/example'
import {
  type Filter,
  filterMembers,
  filterOf,
  filterSchema,
  sessionsLimitDefault,
  sessionsLimitSchema,
  withOneOrganisation,
} from '../../domain/list-query'
import { withMonthsInOrder } from '../../domain/month-schemas'
import {
  newestFirst,
  type SessionOrder,
  sessionCursorOf,
  sessionOrderFields,
  sessionOrderSchema,
  sortKeyFromCursor,
} from '../../domain/order'
import {
  payloadSchemas,
  resultSchema,
  type Snapshot,
  sessionEventSchema,
  sessionEvents,
  snapshotSchema,
  stateSchema,
} from '../../domain/session'
import { shownBy } from '../../domain/shown'
import { compareSortKeys } from '../../domain/sort-key'
import { publicPath } from '../../http/base-path'
import { sendCompressedJson } from '../../http/compression'
import { matchesStrongly, tagsOf } from '../../http/etags'
import { sendJson } from '../../http/json'
import type { ChangeOutcome } from '../../sessions/session-commands'
import {
  deepOffset,
  type ListedSession,
  type SessionQueries,
  type SortedPage,
  type SortedSessions,
} from '../../sessions/session-queries'
import { csvHead, csvName, csvRows, sendCsv, setCsvHeaders } from '../csv'
import { examples } from '../description/examples'
import { tags } from '../description/headers-and-tags'
import { component } from '../description/json-schemas'
import {
  accepting,
  booleanOf,
  conditionsOf,
  type Exchange,
  etag,
  type Handler,
  isKnown,
  numberOf,
  parsedBody,
  pathParameter,
  type Resource,
  revalidated,
} from '../resource'

export const sessionsPath = '/api/v1/benefit-calculator-sessions'

/** The published contract lists each endpoint also with the base path repeated. */
export const bothPaths = (path: string): string[] => [sessionsPath + path, sessionsPath + sessionsPath + path]

component('SessionState', stateSchema)
component('SessionEvent', sessionEventSchema)

const { organisation_id, external_id, version } = snapshotSchema.shape
const onlyInFull = 'Only with `view=full`.'

/** Schema of a session without `view=full`: the members of the published contract, in the contract's order. */
const publishedSchema = snapshotSchema.pick({
  session_id: true,
  mentor_id: true,
  state: true,
  last_event: true,
  result_id: true,
  created_at: true,
  updated_at: true,
})

/** Schema of a session: the members of the published contract, and then the members that `view=full` adds. */
export const sessionSchema = component(
  'Session',
  publishedSchema.extend({
    organisation_id: organisation_id.exactOptional().describe(onlyInFull),
    external_id: external_id.exactOptional().describe(`${external_id.description} ${onlyInFull}`),
    version: version.exactOptional().describe(`Sequence of the last transition. ${onlyInFull}`),
    result: resultSchema
      .nullable()
      .exactOptional()
      .describe(`The current result. Null if the session has no current result. ${onlyInFull}`),
  }),
)

const viewSchema = z
  .enum(['full'])
  .optional()
  .describe('`full` adds `organisation_id`, `external_id`, `version` and `result` to each session.')

export const sessionBody: (session: Snapshot) => z.output<typeof sessionSchema> = shownBy(publishedSchema)

/** Returns the `view=full` body of a session that was read with its result. */
export const fullBody: (session: ListedSession) => z.output<typeof sessionSchema> = shownBy(sessionSchema)

export function sendChanged(response: Response, status: number, outcome: ChangeOutcome): void {
  markReplayed(response, outcome)
  sendSession(response, status, outcome.session)
}

function markReplayed(response: Response, { replayed, closed }: ChangeOutcome): void {
  if (replayed) response.setHeader('Idempotency-Replayed', 'true')
  if (closed) response.setHeader('Session-Closed', 'true')
}

function sendSession(response: Response, status: number, session: Snapshot, bodyOf = sessionBody): void {
  response.setHeader('Session-Version', session.version)
  sendJson(response, status, bodyOf(session))
}

// One session

export const sessionId = pathParameter('session_id', {
  description: 'Id of the session.',
  example: examples.calculated.session_id,
  notFound: 'session_not_found',
})

const sessionQuery = z.strictObject({ view: viewSchema })

const readSession: Handler<z.output<typeof sessionQuery>> = async ({
  request,
  response,
  useCases: { queries },
  query: { view },
}) => {
  const session_id = sessionId(request)
  const session = await (view ? queries.withResult(session_id) : queries.snapshot(session_id))
  const current = etag(session.version)
  const expected = tagsOf(request, 'If-Match')
  const known = isKnown(request, current)
  if (expected && !matchesStrongly(expected, current)) {
    throw new DomainError('version_mismatch', { current_version: session.version })
  }
  response.setHeader('ETag', current)
  if (!known) return sendSession(response, 200, session, view && fullBody)
  response.setHeader('Session-Version', session.version)
  response.status(304).end()
}

const dispatchEvent: Handler = async ({ request, response, useCases: { sessions } }) => {
  const body = parsedBody(request)
  sendChanged(response, 200, await sessions.dispatch(sessionId(request), body, conditionsOf(request, response)))
}

const closeSession: Handler = async ({ request, response, useCases: { sessions } }) => {
  const session_id = sessionId(request)
  markReplayed(response, await sessions.close(session_id, conditionsOf(request, response)))
  sendJson(response, 200, { deleted: true, session_id })
}

const eventSchemas = sessionEvents.map(event =>
  component(event, z.strictObject({ event: z.literal(event), payload: payloadSchemas[event] })),
)

const commandSchema = component(
  'Command',
  z.discriminatedUnion('event', eventSchemas as [(typeof eventSchemas)[number]]).meta({
    discriminator: {
      propertyName: 'event',
      mapping: Object.fromEntries(sessionEvents.map(event => [event, `#/components/schemas/${event}`])),
    },
  }),
)

const sessionResource: Resource = {
  path: bothPaths('/:session_id'),
  cached: revalidated,
  requireChange: (request, { sessions }) => sessions.requireChange(sessionId(request)),
  get: {
    handler: readSession,
    id: 'readSession',
    tag: tags.sessions,
    summary: 'Read a session',
    description:
      'The `ETag` is the version, with or without `view=full`, because everything that `view=full` adds changes only with the version. If you send the tag in `If-None-Match` to the same URL, you get 304 until the session changes. To change the session, send the tag in `If-Match`.',
    query: sessionQuery,
    headers: ['If-None-Match', 'If-Match'],
    responses: {
      200: {
        description: 'The session.',
        body: sessionSchema,
        example: examples.session,
        headers: ['ETag', 'Session-Version'],
      },
      304: { description: 'The session has not changed.', headers: ['ETag', 'Session-Version'] },
    },
  },
  put: {
    handler: dispatchEvent,
    id: 'dispatchEvent',
    tag: tags.sessions,
    summary: 'Dispatch an event to a session',
    description:
      'The server refuses an event that the session does not accept in its state. If an event changes nothing, the server returns the unchanged session. The response has no `ETag` (RFC 9110 §9.3.4). `Session-Version` contains the version.',
    headers: ['If-Match', 'If-None-Match', 'Idempotency-Key'],
    requestBody: {
      schema: commandSchema,
      examples: {
        calculate: examples.calculate,
        share: { event: 'ShareRequested' },
        shareFor90Days: examples.share90,
        reassign: { event: 'ReassignRequested', payload: exampleOf(payloadSchemas.ReassignRequested) },
      },
    },
    responses: {
      200: {
        description: 'The session after the event.',
        body: sessionSchema,
        example: examples.calculated,
        headers: ['Session-Version', 'Idempotency-Replayed'],
        links: { readResult: { session_id: 'session_id', result_id: 'result_id' } },
      },
    },
    problems: ['event_refused', 'session_full', 'external_id_taken', 'limit_reached'],
  },
  delete: {
    handler: closeSession,
    id: 'closeSession',
    tag: tags.sessions,
    summary: 'Close and delete a session',
    description:
      'Deletes the session with its results and share links. From then on, every request for the session returns 404.',
    headers: ['If-Match', 'If-None-Match', 'Idempotency-Key'],
    responses: {
      200: {
        description: 'The session is deleted.',
        headers: ['Idempotency-Replayed'],
        body: component(
          'SessionClosed',
          z.strictObject({
            deleted: z.boolean().describe('Always true.'),
            session_id: snapshotSchema.shape.session_id,
          }),
        ),
        example: examples.closed,
      },
    },
  },
}

// All sessions

export const ownerParameters = {
  ...filterSchema.shape,
  without_organisation: z
    .preprocess(booleanOf, z.boolean().optional())
    .describe('`true` selects only sessions without an organisation. Cannot be combined with `organisation_id`.'),
}

export const filterParameters = { ...ownerParameters, ...filterMembers }

/** `to` must not be before `from`, and `without_organisation` excludes `organisation_id`. */
export const selecting = <S extends z.ZodObject>(query: S): S => withMonthsInOrder(withOneOrganisation(query))

/** Maximum number of ids in the query parameter `session_id`. */
const idsPerList = 100

/** Maximum characters per id in `session_id`. 100 ids of this length still fit into a request line. */
const listedIdCharacters = 100

const listedIdFault = `must have ids of 1 to ${listedIdCharacters} letters, digits, _ or -`
const listedIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/, listedIdFault)
  .refine(id => id.length <= listedIdCharacters, listedIdFault)
  .meta({ maxLength: listedIdCharacters })

const idsSchema = z
  .array(listedIdSchema)
  .refine(ids => ids.length <= idsPerList, `must have at most ${idsPerList} ids`)
  .meta({ minItems: 1, maxItems: idsPerList })

/** If the parameter occurs more than once, returns null, which the schema refuses. */
const idsIn = (text: unknown): unknown =>
  typeof text === 'string' ? text.split(',') : text === undefined ? undefined : null

const byIdsSchema = z.preprocess(idsIn, idsSchema.optional())
const byIds = 'Comma-separated ids. Selects only the sessions with these ids, and ignores unknown ids.'

const fileQuery = selecting(z.strictObject({ ...filterParameters, session_id: byIdsSchema.describe(byIds) }))

const listQuery = selecting(
  z.strictObject({
    page: z
      .preprocess(numberOf, z.int().min(1).default(1))
      .describe('Page number, starting at 1. A page past the end is empty.'),
    limit: z
      .preprocess(numberOf, sessionsLimitSchema.optional())
      .describe(
        `Maximum number of sessions per page. The default is ${sessionsLimitDefault}. If \`session_id\` has more ids, the default is the number of ids.`,
      ),
    view: viewSchema,
    ...filterParameters,
    session_id: byIdsSchema.describe(`${byIds} The response has no \`Link\` header.`),
    sort: z
      .enum(sessionOrderFields.flatMap(name => [name, `-${name}` as const]))
      .optional()
      .describe(
        'Sort order. `-` sorts in descending order. Texts are compared by code point, and periods by their last day. Ties are ordered by id, in the same direction. Sessions without the value come last. To get further pages, follow `Link` from the first page.',
      ),
    currency: currencySchema
      .optional()
      .describe(
        'Only with `sort`. Sorts by the amounts in this currency. If `currency` is missing, sorts by the amounts without a currency.',
      ),
    after: z.string().optional().describe('Only with `sort`. Cursor of a page in this sort order, taken from `Link`.'),
    // OpenAPI describes the CSV file as a separate operation, because generated clients return a union type for an
    // operation with two media types.
    format: z.enum(['csv']).optional().meta({ isDescribed: false }),
  }),
)
  .refine(({ sort, after }) => sort !== undefined || after === undefined, {
    path: ['after'],
    error: 'works only with sort. Add sort, or use page',
  })
  .refine(({ sort, currency }) => sort !== undefined || currency === undefined, {
    path: ['currency'],
    error: 'works only with sort: it selects the amounts to sort by, not the sessions',
  })
type ListQuery = z.output<typeof listQuery>

const listSessions: Handler<ListQuery> = async exchange => {
  const { response, useCases, type, query } = exchange
  const { queries } = useCases
  const { page, limit: stated, view, session_id, sort, currency: _, after: __, format, ...selected } = query
  const filter = filterOf(selected)
  if (type === 'text/csv' || format) return sendFile(exchange, filter, session_id)
  const limit = stated ?? Math.max(sessionsLimitDefault, session_id?.length ?? 0)
  const request = { queries, filter, selected, query, limit }
  const { sessions, total, links } = await (sort === undefined ? newestPage(request) : sortedPage(request, sort))
  // A list of sessions selected by id has no `Link` header. All selected sessions fit on one page, and a link with
  // their ids could be too long for a header.
  if (session_id === undefined) response.setHeader('Link', links)
  const pagination = JSON.stringify({ page, limit, total })
  await sendCompressedJson(response, `{"data":${pageText(sessions, view)},"pagination":${pagination}}`)
}

const exportSessions: Handler<z.output<typeof fileQuery>> = exchange => {
  const { session_id, ...selected } = exchange.query
  return sendFile(exchange, filterOf(selected), session_id)
}

async function sendFile(
  { request, response, useCases: { queries, caller } }: Exchange,
  filter: Filter,
  session_ids: string[] | undefined,
): Promise<void> {
  accepting(request, 'text/csv')
  const organisation_id = filter.organisation_id ?? caller.scope.organisation_id
  const name = csvName(queries.clock(), { ...filter, organisation_id })
  if (request.method !== 'HEAD') {
    const read = session_ids
      ? () => exportByIds(queries, session_ids, filter)
      : (signal: AbortSignal) => queries.export(filter, signal)
    return sendCsv(response, { name, read, access: streamAccessOf(caller) })
  }
  setCsvHeaders(response, name)
  response.end()
}

async function* exportByIds(queries: SessionQueries, session_ids: string[], filter: Filter) {
  yield (await queries.byIds(session_ids, filter, newestFirst)).map(({ session }) => session)
}

interface ListRequest {
  queries: SessionQueries
  query: ListQuery
  filter: Filter
  selected: LinkQuery
  limit: number
}

interface Page {
  sessions: ListedSession[]
  total: number
  links: string
}

async function newestPage({ queries, query, filter, selected, limit }: ListRequest): Promise<Page> {
  const { page, view, session_id } = query
  const offset = (page - 1) * limit
  const read = { offset, limit, ...(view && { withResults: true }) }
  const [total, sessions] = session_id
    ? pageOf(await queries.byIds(session_id, filter, newestFirst), read)
    : offset < deepOffset
      ? await Promise.all([queries.count(filter), queries.list(filter, read)])
      : await deepPage(queries, filter, read)
  return {
    sessions,
    total,
    links: pageLinks({ limit, view, ...selected }, page, Math.max(1, Math.ceil(total / limit))),
  }
}

const pageOf = (found: { session: ListedSession }[], { offset, limit }: OffsetPage): [number, ListedSession[]] => [
  found.length,
  found.slice(offset, offset + limit).map(({ session }) => session),
]

interface OffsetPage {
  offset: number
  limit: number
  withResults?: boolean
}

/** Counts from the nearer end of the list. */
async function deepPage(queries: SessionQueries, filter: Filter, page: OffsetPage): Promise<[number, ListedSession[]]> {
  const { offset, limit } = page
  const total = await queries.count(filter)
  const count = Math.min(limit, total - offset)
  if (count <= 0) return [total, []]
  const fromEnd = total - offset - count
  const nearer = fromEnd < offset ? { ...page, offset: fromEnd, limit: count, fromEnd: true } : page
  return [total, await queries.list(filter, nearer)]
}

async function sortedPage({ queries, query, filter, selected, limit }: ListRequest, sort: string): Promise<Page> {
  const { page, view, currency, after: cursor, session_id } = query
  if (page > 1 && cursor === undefined) {
    const detail = 'cannot be chosen in a sorted list: follow the Link header from the first page'
    throw new DomainError('invalid_query', { errors: [{ detail, parameter: 'page' }] })
  }
  const descending = sort.startsWith('-')
  const order = sessionOrderSchema.parse({ by: descending ? sort.slice(1) : sort, descending, currency })
  const after = cursor === undefined ? undefined : sortKeyFromCursor(queries.cursors, order, cursor)
  const [total, read] = session_id
    ? sortedPageOf(await queries.byIds(session_id, filter, order), order, { limit, after })
    : await Promise.all([
        queries.count(filter),
        queries.sorted(filter, order, { limit, after, ...(view && { withResults: true }) }),
      ])
  const last = read.sessions.at(-1)
  const next = last && read.more ? sessionCursorOf(queries.cursors, order, last) : undefined
  return {
    sessions: read.sessions.map(({ session }) => session),
    total,
    links: sortedLinks({ limit, view, sort, currency, ...selected }, page, next),
  }
}

function sortedPageOf(
  found: SortedSessions['sessions'],
  order: SessionOrder,
  { limit, after }: SortedPage,
): [number, SortedSessions] {
  const compare = compareSortKeys(order)
  const rest = after ? found.filter(session => compare(session, after) > 0) : found
  return [found.length, { sessions: rest.slice(0, limit), more: rest.length > limit }]
}

type LinkQuery = Record<string, string | number | boolean | null | undefined>

/** Returns a link (RFC 8288) to a page of the list, with the limit, filters and sort order of the request. */
function pageLink(rel: string, query: LinkQuery): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  return `<${publicPath(sessionsPath)}?${parameters}>; rel="${rel}"`
}

function pageLinks(query: LinkQuery, page: number, last: number): string {
  const links = [pageLink('first', { page: 1, ...query })]
  if (page > 1) links.push(pageLink('prev', { page: Math.min(page - 1, last), ...query }))
  if (page < last) links.push(pageLink('next', { page: page + 1, ...query }))
  return [...links, pageLink('last', { page: last, ...query })].join(', ')
}

function sortedLinks(query: LinkQuery, page: number, after: string | undefined): string {
  const links = [pageLink('first', { page: 1, ...query })]
  if (after !== undefined) links.push(pageLink('next', { page: page + 1, ...query, after }))
  return links.join(', ')
}

/**
 * JSON texts of pages, cached by each page's array of sessions. Requests that share one store read also share its JSON
 * text. When 64 clients requested the same page, serialising it for each of them took a tenth of the CPU time.
 */
const pageTexts = new WeakMap<ListedSession[], string>()

function pageText(sessions: ListedSession[], view: ListQuery['view']): string {
  const text = pageTexts.get(sessions) ?? JSON.stringify(sessions.map(view ? fullBody : sessionBody))
  pageTexts.set(sessions, text)
  return text
}

const startSession: Handler = async ({ request, response, useCases: { sessions } }) => {
  const outcome = await sessions.start(parsedBody(request), conditionsOf(request, response))
  const { session } = outcome
  response.setHeader('Location', publicPath(`${sessionsPath}/${encodeURIComponent(session.session_id)}`))
  response.setHeader('ETag', etag(session.version))
  sendChanged(response, 201, outcome)
}

/** Ids of the operations that a client can call with a new session's id (OpenAPI links). */
const sessionOperations = [
  'readSession',
  'dispatchEvent',
  'closeSession',
  'listTransitions',
  'listResults',
  'readShare',
  'listShares',
]

const collectionResource: Resource = {
  path: bothPaths(''),
  link: 'sessions',
  types: ['application/json', 'text/csv'],
  requireChange: (_request, { sessions }) => sessions.requireChange(),
  get: {
    handler: listSessions,
    id: 'listSessions',
    tag: tags.sessions,
    summary: 'List sessions, newest first',
    description:
      'A page past the end is empty and has the correct total. `Link` contains the first, previous, next and last page. In a list with `sort`, `Link` contains the first and the next page. With `Accept: text/csv` or `format=csv`, the response is the file that `exportSessions` returns.',
    query: listQuery,
    types: ['application/json'],
    responses: {
      200: {
        description: 'A page of sessions.',
        body: component(
          'SessionList',
          z.strictObject({
            data: z.array(sessionSchema),
            pagination: component(
              'Pagination',
              z.strictObject({ page: z.int().min(1), limit: z.int().min(1), total: z.int().min(0) }),
            ),
          }),
        ),
        example: examples.list,
        headers: ['Link'],
      },
    },
    problems: ['invalid_cursor'],
  },
  post: {
    handler: startSession,
    id: 'startSession',
    tag: tags.sessions,
    summary: 'Start a session for a mentor',
    description:
      'Without `inputs`, the new session is in the state `initial`. With `inputs`, the server stores the session and a result in one atomic write, so the new session is in the state `loaded` and at version 3. `organisation_id: null` means the same as omitting it.',
    headers: ['Idempotency-Key'],
    requestBody: {
      schema: component('SessionStart', startSchema),
      examples: { start: examples.start, startAndCalculate: examples.startCalculated },
    },
    responses: {
      201: {
        description: 'The new session.',
        body: sessionSchema,
        example: examples.started,
        headers: ['Location', 'ETag', 'Session-Version', 'Idempotency-Replayed', 'Session-Closed'],
        links: Object.fromEntries(sessionOperations.map(id => [id, { session_id: 'session_id' }])),
      },
    },
    problems: ['external_id_taken', 'limit_reached'],
  },
}

const fileResource: Resource = {
  path: bothPaths('.csv'),
  types: ['text/csv'],
  get: {
    handler: exportSessions,
    id: 'exportSessions',
    tag: tags.sessions,
    summary: 'Download sessions as a CSV file',
    description:
      'The file contains a consistent snapshot of all selected sessions, newest first, with the inputs and outputs of their current results.',
    query: fileQuery,
    responses: {
      200: {
        description: 'A file with all selected sessions.',
        samples: { 'text/csv': csvHead + csvRows([examples.exported]) },
        headers: ['Content-Disposition'],
      },
    },
  },
}

/** Resources of sessions, with the most requested one first. */
export const sessionResources = [sessionResource, collectionResource, fileResource]
