import type { Request, Response } from 'express'
import type { z } from 'zod'
import { DomainError, validQuery } from '../domain/errors'
import { sessionCursorOf, sessionOrderSchema, sortKeyFromCursor } from '../domain/order'
import type { Snapshot } from '../domain/session'
import { publicPath } from '../http/base-path'
import { sendCompressedJson, varyByEncoding } from '../http/compression'
import { matchesStrongly, tagsOf } from '../http/etags'
import { sendJson } from '../http/json'
import { deepOffset, type Filter, type SessionReads } from '../sessions/session-reads'
import type { UseCases } from '../use-cases'
import { resultBody, sessionBody, shareBody } from './bodies'
import { sendCsv, setCsvHeaders } from './csv'
import { sessionsPath as base } from './paths'
import { listQuery } from './query-parameters'
import { accepting, conditionsOf, etag, isKnown, parameter, parsedBody, sendTagged, weakEtag } from './request'
import { type AddResource, type Handler, streamedTypes, validated } from './resource'

function sendSession(response: Response, status: number, session: Snapshot): void {
  response.setHeader('Session-Version', session.version)
  sendJson(response, status, sessionBody(session))
}

/** JSON of a page, shared by all requests that shared the read of that page. */
const pageTexts = new WeakMap<Snapshot[], string>()

function pageText(sessions: Snapshot[]): string {
  const text = pageTexts.get(sessions) ?? JSON.stringify(sessions.map(sessionBody))
  pageTexts.set(sessions, text)
  return text
}

/** Returns both spellings of a path. The contract lists each endpoint with the base path repeated. */
const at = (path: string): string[] => [base + path, base + base + path]

/** Adds the resources of sessions. The most requested one comes first, because Express tries routes in order. */
export function sessionRoutes(resource: AddResource, events: Handler): void {
  /** Returns the total and the sessions of a page. A deep page is read from the nearer end. */
  async function found(
    { reads, totals }: UseCases,
    filter: Filter,
    offset: number,
    limit: number,
  ): Promise<[number, Snapshot[]]> {
    if (offset < deepOffset) return Promise.all([totals.count(filter), reads.list(filter, { offset, limit })])
    const total = await totals.count(filter)
    const held = Math.min(limit, total - offset)
    if (held <= 0) return [total, []]
    const fromEnd = total - offset - held
    const page = fromEnd < offset ? { offset: fromEnd, limit: held, fromEnd: true } : { offset, limit }
    return [total, await reads.list(filter, page)]
  }

  /** Returns a page in a sort order, and the cursor of the next page. */
  async function sorted(
    { reads, totals }: UseCases,
    filter: Filter,
    { page, limit, currency, after: cursor }: z.output<typeof listQuery>,
    sort: string,
  ): Promise<{ sessions: Snapshot[]; total: number; next: string | undefined }> {
    if (page > 1 && cursor === undefined) {
      const detail = 'cannot be chosen in a sorted list: follow the Link header from the first page'
      throw new DomainError('invalid_query', { errors: [{ detail, parameter: 'page' }] })
    }
    const descending = sort.startsWith('-')
    const order = sessionOrderSchema.parse({ by: descending ? sort.slice(1) : sort, descending, currency })
    const after = cursor === undefined ? undefined : sortKeyFromCursor(order, cursor)
    const [total, found] = await Promise.all([totals.count(filter), reads.sorted(filter, order, { limit, after })])
    const last = found.sessions.at(-1)
    return {
      sessions: found.sessions.map(({ session }) => session),
      total,
      next: last && found.more ? sessionCursorOf(order, last) : undefined,
    }
  }

  async function sendFile(request: Request, response: Response, reads: SessionReads, filter: Filter): Promise<void> {
    accepting(request, 'csv')
    const now = reads.clock()
    if (request.method !== 'HEAD') return sendCsv(response, now, signal => reads.export(filter, signal))
    setCsvHeaders(response, now)
    response.end()
  }

  const one = (request: Request): string => parameter(request, 'session_id')

  resource(at('/:session_id'), {
    cached: validated,
    requireChange: (request, { sessions }) => sessions.requireChange(one(request)),
    methods: {
      async get(request, response, { reads }) {
        const session = await reads.snapshot(one(request))
        const current = etag(session.version)
        const expected = tagsOf(request, 'If-Match')
        const known = isKnown(request, current)
        if (expected && !matchesStrongly(expected, current)) {
          throw new DomainError('version_mismatch', { current_version: session.version })
        }
        response.setHeader('ETag', current)
        if (known) {
          response.setHeader('Session-Version', session.version)
          response.status(304).end()
          return
        }
        sendSession(response, 200, session)
      },
      async put(request, response, { sessions }) {
        const body = parsedBody(request)
        const id = one(request)
        const { session, replayed } = await sessions.dispatch(id, body, conditionsOf(request, response))
        if (replayed) response.setHeader('Idempotency-Replayed', 'true')
        sendSession(response, 200, session)
      },
      async delete(request, response, { sessions }) {
        const session_id = one(request)
        await sessions.close(session_id, conditionsOf(request, response))
        sendJson(response, 200, { deleted: true, session_id })
      },
    },
  })

  resource(at(''), {
    types: ['json', 'csv'],
    requireChange: (_request, { sessions }) => sessions.requireChange(),
    methods: {
      async get(request, response, useCases, type) {
        const query = validQuery(listQuery, request.query)
        const { page, limit, format, sort, currency, after, ...selected } = query
        const filter = selected as Filter
        if (type === 'csv' || format) return sendFile(request, response, useCases.reads, filter)
        const send = (data: Snapshot[], total: number, links: string): void | Promise<void> => {
          response.setHeader('Link', links)
          const pagination = JSON.stringify({ page, limit, total })
          return sendCompressedJson(response, `{"data":${pageText(data)},"pagination":${pagination}}`)
        }
        if (sort === undefined) {
          const [total, data] = await found(useCases, filter, (page - 1) * limit, limit)
          return send(data, total, pageLinks({ limit, ...selected }, page, Math.max(1, Math.ceil(total / limit))))
        }
        const { sessions, total, next } = await sorted(useCases, filter, query, sort)
        await send(sessions, total, sortedLinks({ limit, sort, currency, ...selected }, page, next))
      },
      async post(request, response, { sessions }) {
        const { session, replayed } = await sessions.start(parsedBody(request), conditionsOf(request, response))
        if (replayed) response.setHeader('Idempotency-Replayed', 'true')
        response.setHeader('Location', publicPath(`${base}/${encodeURIComponent(session.session_id)}`))
        response.setHeader('ETag', etag(session.version))
        sendSession(response, 201, session)
      },
    },
  })

  resource(at('/:session_id/events'), { methods: { get: events }, types: streamedTypes })
  resource(at('/:session_id/results'), {
    cached: validated,
    methods: {
      async get(request, response, { reads }) {
        const session_id = one(request)
        const { version } = await reads.snapshot(session_id)
        varyByEncoding(response)
        await sendTagged(request, response, weakEtag(version), async () => {
          const data = (await reads.results(session_id)).map(resultBody)
          await sendCompressedJson(response, JSON.stringify({ data }))
        })
      },
    },
  })
  resource(at('/:session_id/results/:result_id'), {
    cached: validated,
    methods: {
      async get(request, response, { reads }) {
        const result = await reads.result(one(request), parameter(request, 'result_id'))
        // A result never changes, but it is deleted with its session, so clients must revalidate it.
        await sendTagged(request, response, `"${result.result_id}"`, () => {
          sendJson(response, 200, resultBody(result))
        })
      },
    },
  })
  resource(at('/:session_id/share'), {
    methods: {
      async get(request, response, { reads }) {
        const share = reads.liveShare(await reads.get(one(request)))
        if (!share) throw new DomainError('share_not_found').withMessage(noLiveShare)
        sendJson(response, 200, shareBody(share))
      },
    },
  })
  resource(at('/:session_id/shares'), {
    methods: {
      async get(request, response, { reads }) {
        const shares = reads.liveShares(await reads.get(one(request)))
        sendJson(response, 200, { data: shares.map(shareBody) })
      },
    },
  })
}

const noLiveShare = 'The current result has no live share link. Dispatch ShareRequested to create one.'

type Stated = Record<string, string | number | undefined>

/** Returns a link (RFC 8288) to a page of the list, with the request's own limit, filters and order. */
function pageLink(rel: string, query: Stated): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  return `<${publicPath(base)}?${parameters}>; rel="${rel}"`
}

/** Returns links to the first, previous, next and last page. */
function pageLinks(query: Stated, page: number, last: number): string {
  const link = (to: number, rel: string): string => pageLink(rel, { page: to, ...query })
  const links = [link(1, 'first')]
  if (page > 1) links.push(link(Math.min(page - 1, last), 'prev'))
  if (page < last) links.push(link(page + 1, 'next'))
  return [...links, link(last, 'last')].join(', ')
}

/** Returns links to the first and the next page. The next page continues after a cursor. */
function sortedLinks(query: Stated, page: number, after: string | undefined): string {
  const links = [pageLink('first', { page: 1, ...query })]
  if (after !== undefined) links.push(pageLink('next', { page: page + 1, ...query, after }))
  return links.join(', ')
}
