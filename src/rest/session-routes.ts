import type { Request, Response } from 'express'
import { DomainError, validQuery } from '../domain/errors'
import type { Snapshot } from '../domain/session'
import { publicPath } from '../http/base-path'
import { sendCompressedJson, varyByEncoding } from '../http/compressed'
import { matchesStrongly, tagsOf } from '../http/etags'
import { sendJson } from '../http/json'
import { deepOffset, type Filter, type Sessions } from '../sessions/sessions'
import type { UseCases } from '../use-cases'
import { resultBody, sessionBody, shareBody } from './bodies'
import { sendCsv, setCsvHeaders } from './csv'
import { sessionsPath as base } from './paths'
import { listQuery } from './queries'
import { accepting, conditionsOf, etag, isKnown, parameter, parsedBody, sendTagged, weakEtag } from './request'
import { type AddResource, type Handler, streamedTypes, validated } from './resource'

function sendSession(response: Response, status: number, session: Snapshot): void {
  response.setHeader('Session-Version', session.version)
  sendJson(response, status, sessionBody(session))
}

/** All who shared the read of a page are sent one text. */
const pageTexts = new WeakMap<Snapshot[], string>()

function pageText(sessions: Snapshot[]): string {
  const text = pageTexts.get(sessions) ?? JSON.stringify(sessions.map(sessionBody))
  pageTexts.set(sessions, text)
  return text
}

/** The contract lists every endpoint with the base path repeated: both spellings are one resource. */
const at = (path: string): string[] => [base + path, base + base + path]

/** The sessions. What is asked for most is looked for first. */
export function sessionRoutes(resource: AddResource, events: Handler): void {
  /** How many sessions there are, and those of a page: a deep one is read from the end that it is nearer to. */
  async function found(
    { sessions, totals }: UseCases,
    filter: Filter,
    offset: number,
    limit: number,
  ): Promise<[number, Snapshot[]]> {
    if (offset < deepOffset) return Promise.all([totals.count(filter), sessions.list(filter, { offset, limit })])
    const total = await totals.count(filter)
    const held = Math.min(limit, total - offset)
    if (held <= 0) return [total, []]
    const fromEnd = total - offset - held
    const page = fromEnd < offset ? { offset: fromEnd, limit: held, fromEnd: true } : { offset, limit }
    return [total, await sessions.list(filter, page)]
  }

  async function sendFile(request: Request, response: Response, sessions: Sessions, filter: Filter): Promise<void> {
    accepting(request, 'csv')
    const now = sessions.clock()
    if (request.method !== 'HEAD') return sendCsv(response, now, signal => sessions.export(filter, signal))
    setCsvHeaders(response, now)
    response.end()
  }

  const one = (request: Request): string => parameter(request, 'session_id')

  resource(at('/:session_id'), {
    cached: validated,
    requireChange: (request, { sessions }) => sessions.requireChange(one(request)),
    methods: {
      async get(request, response, { sessions }) {
        const session = await sessions.snapshot(one(request))
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
        const { page, limit, format, ...selected } = validQuery(listQuery, request.query)
        const filter = selected as Filter
        if (type === 'csv' || format) return sendFile(request, response, useCases.sessions, filter)
        const [total, data] = await found(useCases, filter, (page - 1) * limit, limit)
        response.setHeader('Link', pageLinks({ limit, ...selected }, page, Math.max(1, Math.ceil(total / limit))))
        const pagination = JSON.stringify({ page, limit, total })
        await sendCompressedJson(response, `{"data":${pageText(data)},"pagination":${pagination}}`)
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
      async get(request, response, { sessions }) {
        const session_id = one(request)
        const { version } = await sessions.snapshot(session_id)
        varyByEncoding(response)
        await sendTagged(request, response, weakEtag(version), async () => {
          const data = (await sessions.results(session_id)).map(resultBody)
          await sendCompressedJson(response, JSON.stringify({ data }))
        })
      },
    },
  })
  resource(at('/:session_id/results/:result_id'), {
    cached: validated,
    methods: {
      async get(request, response, { sessions }) {
        const result = await sessions.result(one(request), parameter(request, 'result_id'))
        // It never changes, but it goes with its session.
        await sendTagged(request, response, `"${result.result_id}"`, () => {
          sendJson(response, 200, resultBody(result))
        })
      },
    },
  })
  resource(at('/:session_id/share'), {
    methods: {
      async get(request, response, { sessions }) {
        const share = sessions.liveShare(await sessions.get(one(request)))
        if (!share) throw new DomainError('share_not_found')
        sendJson(response, 200, shareBody(share))
      },
    },
  })
}

/** First, previous, next and last page (RFC 8288), with the request's own limit and filters. */
function pageLinks(query: Record<string, string | number | undefined>, page: number, last: number): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  const stated = parameters.toString()
  const link = (to: number, rel: string): string => `<${publicPath(base)}?page=${to}&${stated}>; rel="${rel}"`
  const links = [link(1, 'first')]
  if (page > 1) links.push(link(Math.min(page - 1, last), 'prev'))
  if (page < last) links.push(link(page + 1, 'next'))
  return [...links, link(last, 'last')].join(', ')
}
