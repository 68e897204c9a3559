import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ExecutionResult, getOperationAST } from 'graphql'
import type { Logger } from 'pino'
import type { Sink } from '../concurrency/source'
import type { EventStream, EventStreams } from '../http/event-stream'
import { bytesOf } from '../http/json'
import { probe } from '../telemetry/probe'
import type { UseCases } from '../use-cases'
import type { Documents, Parameters } from './documents'
import { sendError, unknownOperation } from './error-responses'
import { graphqlErrorOf } from './errors'
import { operationNameOf } from './root-fields'
import type { StreamFraming } from './stream-framings'
import { formattedResult, type SubscriptionStream, type Subscriptions } from './subscriptions'

/** Streams the results of an operation: those of a subscription as they come, otherwise the single one. */
export type ServeStream = (
  request: IncomingMessage,
  response: ServerResponse,
  useCases: UseCases,
  parameters: Parameters,
  framing: StreamFraming,
) => Promise<void>

export function streamedResponses(
  documents: Documents,
  streams: Subscriptions,
  events: EventStreams,
  log: Logger,
): ServeStream {
  function sendResult(
    out: EventStream,
    { next, complete }: StreamFraming,
    result: ExecutionResult,
    request_id: string,
  ): void {
    const text = JSON.stringify(formattedResult(result, log, request_id))
    out.end(next(bytesOf(text)) + complete)
  }

  function sendStream(
    out: EventStream,
    framing: StreamFraming,
    stream: SubscriptionStream,
    request_id: string,
    until?: number,
  ): void {
    out.onOver(() => stream.release())
    const write = (text: string): void | Promise<void> => out.write(framing.next(text))
    const sink: Sink<object> = {
      via: framing.transport,
      take: item => {
        const text = stream.text(item)
        return typeof text === 'string' ? write(text) : text.then(write)
      },
      end: error => {
        if (error) sendResult(out, framing, { errors: [graphqlErrorOf(error)] }, request_id)
        else out.end(framing.complete)
      },
    }
    events.keep(out, () => stream.source.attach(sink), until)
  }

  return async (request, response, useCases, parameters, framing) => {
    const { query, operationName, variables } = parameters
    const request_id = String(response.getHeader('X-Request-Id'))
    const document = await documents.admit(query, { operationName, variables })
    if (Array.isArray(document)) {
      return sendResult(events.open(response, framing.format), framing, { errors: document }, request_id)
    }
    const operation = getOperationAST(document, operationName)?.operation
    if (operation === undefined) return sendError(response, 400, unknownOperation, 'BAD_REQUEST')
    if (operation === 'mutation' && request.method === 'GET') {
      response.setHeader('Allow', 'POST')
      return sendError(response, 405, 'Send a mutation by POST: GET does not allow it.', 'METHOD_NOT_ALLOWED')
    }
    const args = documents.executionArgs(document, parameters, { ...useCases, request_id })
    probe?.operationKnown(response, operationNameOf(document, operationName))
    // Opening the stream may throw. Do it first, so that a refused request has no effect.
    const out = events.open(response, framing.format)
    const outcome = await streams.begin(args, query, () => !request.socket.destroyed)
    if ('source' in outcome) sendStream(out, framing, outcome, request_id, useCases.caller.expires_at)
    else sendResult(out, framing, outcome, request_id)
  }
}
