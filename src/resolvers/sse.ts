import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ExecutionResult, getOperationAST } from 'graphql'
import type { Logger } from 'pino'
import { names } from '../http/accept'
import type { Admit } from '../http/addresses'
import { bodyOf } from '../http/body'
import { bytesOf } from '../http/bytes'
import { type EventStream, type EventStreams, eventText } from '../http/event-stream'
import type { Callers } from '../use-cases'
import { type Documents, fromQuery, parametersSchema } from './documents'
import { graphqlErrorOf } from './errors'
import { graphqlBodyBytes, once, refuse, refuseUnexpected } from './http'
import { useCasesOf } from './open'
import { formattedResult, type Stream, type Streams } from './stream'

const completeEvent = eventText('', { name: 'complete' })

/**
 * GraphQL over Server-Sent Events, one connection an operation
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode).
 */
export function sseDoor(
  documents: Documents,
  streams: Streams,
  events: EventStreams,
  callers: Callers,
  admit: Admit,
  log: Logger,
) {
  async function answer(request: IncomingMessage, response: ServerResponse, request_id: string): Promise<void> {
    const { method } = request
    if (method === 'OPTIONS') {
      response.writeHead(204, { Allow: 'GET, POST, OPTIONS' }).end()
      return
    }
    admit(request)
    if (method !== 'GET' && method !== 'POST') {
      response.setHeader('Allow', 'GET, POST, OPTIONS')
      return refuse(response, 405, 'Only GET and POST are served here.', 'METHOD_NOT_ALLOWED')
    }
    const read = once(async () =>
      method === 'GET'
        ? fromQuery(request.url ?? '')
        : parametersSchema.safeParse(await bodyOf(request, graphqlBodyBytes)).data,
    )
    const useCases = await useCasesOf(callers, documents, request.headers.authorization, read)
    if (!names(request, 'text/event-stream')) {
      return refuse(response, 406, 'Only text/event-stream is served here.', 'NOT_ACCEPTABLE')
    }
    const parameters = await read()
    if (!parameters) return refuse(response, 400, 'There is no GraphQL query in the request.', 'BAD_REQUEST')
    const { query, operationName, variables } = parameters

    const document = await documents.admit(query, { operationName, variables })
    if (Array.isArray(document)) return sendResult(events.open(response), { errors: document }, request_id)
    const operation = getOperationAST(document, operationName)?.operation
    if (operation === undefined) return refuse(response, 400, 'The operation cannot be told.', 'BAD_REQUEST')
    if (operation === 'mutation' && method === 'GET') {
      response.setHeader('Allow', 'POST')
      return refuse(response, 405, 'A mutation is not made by GET.', 'METHOD_NOT_ALLOWED')
    }
    const args = documents.executionArgs(document, parameters, { ...useCases, request_id })
    // What may still be refused comes before what has an effect.
    const out = events.open(response)
    const outcome = await streams.begin(args, query, () => !request.socket.destroyed)
    if ('source' in outcome) sendStream(outcome, out, request_id, useCases.caller.expires_at)
    else sendResult(out, outcome, request_id)
  }

  function sendResult(out: EventStream, result: ExecutionResult, request_id: string): void {
    const text = JSON.stringify(formattedResult(result, log, request_id))
    out.end(eventText(bytesOf(text), { name: 'next' }) + completeEvent)
  }

  function sendStream(stream: Stream, out: EventStream, request_id: string, until: number | undefined): void {
    out.onOver(() => stream.release())
    const write = (text: string): void | Promise<void> => out.write(eventText(text, { name: 'next' }))
    const detach = stream.source.attach({
      take: item => {
        const text = stream.text(item)
        return typeof text === 'string' ? write(text) : text.then(write)
      },
      end: error => {
        if (error) sendResult(out, { errors: [graphqlErrorOf(error)] }, request_id)
        else out.end(completeEvent)
      },
    })
    events.keep(out, detach, until)
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    const request_id = String(response.getHeader('X-Request-Id'))
    answer(request, response, request_id).catch(refuseUnexpected(request, response, log, request_id))
  }
}
