import type { Request, Response } from 'express'
import { z } from 'zod'
import { DomainError } from '../../domain/errors'
import { maxShareDays, shareDays } from '../../domain/limits'
import { filterOf, sessionsLimitDefault, sessionsLimitSchema, withOneOrganisation } from '../../domain/list-query'
import { resultSchema, type Share, sharePath, shareSchema, snapshotSchema } from '../../domain/session'
import { type ListedLink, linkCursorOf, linkPositionOf, listedLinkSchema } from '../../domain/shared-link'
import { shownBy } from '../../domain/shown'
import { publicPath } from '../../http/base-path'
import { acceptsExplicitly } from '../../http/content-negotiation'
import { sendJson } from '../../http/json'
import { nameFile, resultCsv, sendCsvOf } from '../csv'
import { examples } from '../description/examples'
import { tags } from '../description/headers-and-tags'
import { component } from '../description/json-schemas'
import { sendNoShare, sendSharedResult } from '../pages/shared-page'
import { conditionsOf, type Handler, numberOf, pathParameter, type Resource } from '../resource'
import { bothPaths, ownerParameters, sendChanged, sessionId, sessionSchema } from './sessions'

const linkSchema = component(
  'Share',
  z.strictObject({
    path: z.string().describe('Path of the shared result, relative to the server.'),
    ...shareSchema.omit({ days: true, revoked: true }).shape,
  }),
)

const shownLink = shownBy(linkSchema)
const shareBody = (share: Share) => shownLink({ path: publicPath(sharePath(share)), ...share })

const sharedSchema = component(
  'SharedResult',
  resultSchema.omit({ result_id: true }).extend({
    organisation_id: snapshotSchema.shape.organisation_id
      .exactOptional()
      .describe(
        'Organisation of the session. Present only if the link was requested with `show_organisation`. Null if the session has no organisation.',
      ),
    expires_at: shareSchema.shape.expires_at,
  }),
)

/** Returns a shared result in its JSON form. The JSON form omits `superseded`, which only the HTML page shows. */
const sharedBody = shownBy(sharedSchema)

const listedSchema = component(
  'SharedLink',
  z.strictObject({
    ...linkSchema.shape,
    ...snapshotSchema.pick({ session_id: true, mentor_id: true, organisation_id: true }).shape,
    ...listedLinkSchema.pick({ label: true, views: true }).shape,
  }),
)

function listedLinkBody({ session, share, label, views }: ListedLink): z.infer<typeof listedSchema> {
  const { session_id, mentor_id, organisation_id } = session
  return { ...shareBody(share), session_id, mentor_id, organisation_id, label, views }
}

const linksQuery = withOneOrganisation(
  z.strictObject({
    ...ownerParameters,
    limit: z
      .preprocess(numberOf, sessionsLimitSchema.default(sessionsLimitDefault))
      .describe('Maximum number of share links per page.'),
    after: z.string().optional().describe('`next` from the previous page.'),
  }),
)

export const linkToken = pathParameter('token', {
  description: 'Token of the link.',
  example: examples.share.token,
  notFound: 'share_not_found',
})

const listLinks: Handler<z.output<typeof linksQuery>> = async ({
  response,
  useCases: { queries },
  query: { limit, after, ...filter },
}) => {
  const position = after === undefined ? undefined : linkPositionOf(queries.cursors, after)
  const { links, more } = await queries.links(filterOf(filter), { limit, after: position })
  const last = links.at(-1)
  const next = more && last ? linkCursorOf(queries.cursors, last) : null
  sendJson(response, 200, { data: links.map(listedLinkBody), pagination: { limit, next } })
}

const shareExample = shareBody(examples.share)
const { result_id: _, ...result } = examples.result
const sharedExample = { ...result, expires_at: examples.share.expires_at }

const noLiveShare = 'The current result has no live share link. Dispatch ShareRequested to create one.'

const readShare: Handler = async ({ request, response, useCases: { queries } }) => {
  const share = queries.liveShare(await queries.get(sessionId(request)))
  if (!share) throw new DomainError('share_not_found').withMessage(noLiveShare)
  sendJson(response, 200, shareBody(share))
}

const listShares: Handler = async ({ request, response, useCases: { queries } }) => {
  const shares = queries.liveShares(await queries.get(sessionId(request)))
  sendJson(response, 200, { data: shares.map(shareBody) })
}

const revokeShare: Handler = async ({ request, response, useCases: { sessions } }) => {
  const token = linkToken(request)
  sendChanged(response, 200, await sessions.revokeShare(sessionId(request), token, conditionsOf(request, response)))
}

/** Keeps a page's URL out of other servers' logs and out of search engines. */
export function keepPrivate(response: Response): void {
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('X-Robots-Tag', 'noindex')
}

/** Whether a request counts as a view of a page. HEAD requests and prefetches do not count. */
export const isView = ({ method, headers }: Request): boolean =>
  method === 'GET' && !/^\s*prefetch\b/i.test(String(headers['sec-purpose'] ?? headers.purpose ?? ''))

const sharedQuery = z.object({
  format: z.enum(['json', 'csv']).optional().describe('Returns the result as a downloadable file in this format.'),
})
type FileFormat = z.output<typeof sharedQuery>['format']

const readSharedResult: Handler<z.output<typeof sharedQuery>> = async ({
  request,
  response,
  useCases: { queries, viewCounter },
  type,
  query: { format },
}) => {
  keepPrivate(response)
  try {
    const token = linkToken(request)
    const shared = await queries.sharedResult(token)
    // A download does not count as a view, because the view of the page with the download link has already been
    // counted.
    if (isView(request) && !format && type !== 'text/csv') viewCounter.countView(token)
    if (format) nameFile(response, shared, format)
    if (format === 'csv' || (!format && type === 'text/csv')) sendCsvOf(response, shared)
    else if (format === 'json' || type === 'application/json') sendJson(response, 200, sharedBody(shared))
    else sendSharedResult(request, response, shared)
  } catch (error) {
    if (!isNoShare(error) || !isForPage(request, type, format)) throw error
    sendNoShare(request, response, error.code)
  }
}

export const isNoShare = (error: unknown): error is DomainError<'share_gone' | 'share_not_found'> =>
  error instanceof DomainError && /^share_(gone|not_found)$/.test(error.code)

/** Whether to respond to an error with an HTML page. Browsers get an HTML page even if they requested a file. */
const isForPage = (request: Request, type: string, format: FileFormat): boolean =>
  type === 'text/html' && (format === undefined || acceptsExplicitly(request, 'text/html'))

export const shareResources: Resource[] = [
  {
    path: '/api/v1/benefit-shares',
    get: {
      handler: listLinks,
      id: 'listSharedLinks',
      tag: tags.shares,
      summary: 'List all live share links',
      description:
        'Lists the live share links of all sessions that match the filter. The links are sorted by the time at which their expiry was last set, newest first.',
      query: linksQuery,
      responses: {
        200: {
          description: 'A page of share links, and the cursor of the next page.',
          body: component(
            'SharedLinkPage',
            z.strictObject({
              data: z.array(listedSchema),
              pagination: component(
                'SharedLinkPagination',
                z.strictObject({
                  limit: z.int().min(1),
                  next: z
                    .string()
                    .nullable()
                    .describe('Cursor of the next page. Send it as `after`. Null on the last page.'),
                }),
              ),
            }),
          ),
          example: {
            data: [
              listedLinkBody({
                session: examples.exported,
                share: examples.share,
                label: examples.statedInputs.label ?? null,
                views: 12,
              }),
            ],
            pagination: { limit: sessionsLimitDefault, next: null },
          },
        },
      },
      problems: ['invalid_cursor'],
    },
  },
  {
    path: bothPaths('/:session_id/share'),
    get: {
      handler: readShare,
      id: 'readShare',
      tag: tags.shares,
      summary: 'Read the live share link of the current result',
      description: `The event \`ShareRequested\` creates a share link. The link expires after ${shareDays} days, or after the \`expires_in_days\` of the payload, at most ${maxShareDays}. Another number of days gives a live link a new expiry, counted from now. With \`show_organisation\`, the shared result names the organisation of the session. \`ShareRevokeRequested\` revokes all links of the session.`,
      responses: {
        200: {
          description: 'The share link.',
          body: linkSchema,
          example: shareExample,
          links: { readSharedResult: { token: 'token' } },
        },
      },
      problems: ['share_not_found'],
    },
  },
  {
    path: bothPaths('/:session_id/shares'),
    get: {
      handler: listShares,
      id: 'listShares',
      tag: tags.shares,
      summary: 'List the live share links of a session, newest first',
      description:
        'The list includes the links of earlier results, because a new result does not change them. DELETE revokes one link, and `ShareRevokeRequested` revokes all links.',
      responses: {
        200: {
          description: 'The share links.',
          body: component('ShareList', z.strictObject({ data: z.array(linkSchema) })),
          example: { data: [shareExample] },
        },
      },
    },
  },
  {
    path: bothPaths('/:session_id/shares/:token'),
    link: 'session_share_link',
    requireChange: (request, { sessions }) => sessions.requireChange(sessionId(request)),
    delete: {
      handler: revokeShare,
      id: 'revokeShare',
      tag: tags.shares,
      summary: 'Revoke one share link of a session',
      description:
        "The revocation appears as a transition with the event `ShareRevokeRequested`. The session's other links do not change. For a link that has already been revoked or has expired, the response is 410.",
      headers: ['If-Match', 'If-None-Match', 'Idempotency-Key'],
      responses: {
        200: {
          description: 'The session after the share link was revoked.',
          body: sessionSchema,
          example: { ...examples.calculated, last_event: 'ShareRevokeRequested' },
          headers: ['Session-Version', 'Idempotency-Replayed'],
        },
      },
      problems: ['share_gone', 'session_full'],
    },
  },
  {
    path: '/shared/:token',
    link: 'shared_result',
    isPublic: true,
    types: ['text/html', 'application/json', 'text/csv'],
    get: {
      handler: readSharedResult,
      id: 'readSharedResult',
      tag: tags.shares,
      summary: 'Read a shared result',
      description:
        'The result names no session and no mentor. The result names the organisation only if the link was requested with `show_organisation`. The response is an HTML page in English, German or French, according to `Accept-Language`, unless the client requests JSON or CSV.',
      query: sharedQuery,
      responses: {
        200: {
          description: 'The shared result.',
          body: sharedSchema,
          example: sharedExample,
          samples: { 'text/csv': resultCsv(sharedExample) },
          headers: ['Content-Disposition'],
        },
      },
      pages: ['share_not_found', 'share_gone'],
      problems: ['share_gone'],
    },
  },
]
