import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApolloServer, HeaderMap } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import type { Logger } from 'pino'
import type { Sessions } from '../sessions'
import { errorLog, formatError, logUnexpected } from './errors'
import { schema } from './schema'
import type { Context } from './session'

/** A request body is at most this large. */
export const bodyLimit = 64 * 1024

/** GraphQL over HTTP: what Apollo Server admits and answers, read from and written to node's own streams. */
export async function graphqlDoor(sessions: Sessions, log: Logger) {
  const apollo = new ApolloServer<Context>({
    schema,
    formatError,
    includeStacktraceInErrorResponses: false,
    introspection: true,
    logger: log,
    plugins: [ApolloServerPluginLandingPageDisabled(), errorLog(log)],
    stopOnTerminationSignals: false,
  })
  await apollo.start()

  async function answer(request: IncomingMessage, response: ServerResponse, request_id: string): Promise<void> {
    const bytes = await readBody(request)
    if (bytes === undefined)
      return refuse(response, 413, `The body is larger than ${bodyLimit} bytes.`, 'PAYLOAD_TOO_LARGE')
    const body = bodyOf(request, bytes)
    if (body instanceof Error) return refuse(response, 400, `The body is not JSON: ${body.message}.`, 'INVALID_JSON')

    const headers = new HeaderMap()
    for (const [name, value] of Object.entries(request.headers)) {
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
    }
    const url = request.url ?? ''
    const search = url.includes('?') ? url.slice(url.indexOf('?')) : ''
    const answered = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: request.method?.toUpperCase() ?? '', headers, search, body },
      context: async () => ({ sessions, request_id }),
    })
    response.statusCode = answered.status ?? 200
    for (const [name, value] of answered.headers) response.setHeader(name, value)
    if (answered.body.kind === 'complete') {
      response.end(answered.body.string)
    } else {
      for await (const chunk of answered.body.asyncIterator) response.write(chunk)
      response.end()
    }
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    const request_id = String(response.getHeader('X-Request-Id'))
    answer(request, response, request_id).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return
      logUnexpected(log, request_id, error)
      if (response.headersSent) response.destroy()
      else refuse(response, 500, 'Something went wrong here. It is logged under the request id.', 'INTERNAL')
    })
  }
}

/** The body's bytes; undefined where there are more than the limit. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bodyLimit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** What the body says, if it says that it is JSON; an Error where it is not. */
function bodyOf({ method, headers }: IncomingMessage, bytes: Buffer): unknown {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (method !== 'POST' || type !== 'application/json' || bytes.length === 0) return undefined
  if (!isUtf8(bytes)) return new Error('it is not UTF-8')
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    return error
  }
}

function refuse(response: ServerResponse, status: number, message: string, code: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }))
}
