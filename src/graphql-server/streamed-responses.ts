import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import type { Logger } from 'pino'
import { probe, type Transport } from '../concurrency/probe'
import type { Sink } from '../concurrency/source'
import { type Caller, streamAccessOf } from '../domain/caller'
import { isDomainError } from '../domain/errors'
import { ConnectionSignal } from '../http/connection-signal'
import { acceptedRanges } from '../http/content-negotiation'
import {
  type EventStream,
  type EventStreams,
  eventText,
  type StreamFormat,
  serverSentEvents,
} from '../http/event-stream'
import { bytesOf } from '../http/json'
import { methodNotAllowed } from '../http/refusals'
import type { UseCases } from '../use-cases'
import type { Admission } from './admission'
import { formattedResult, graphqlErrorOf, requestId } from './errors'
import type { Parameters } from './parameters'
import type { SubscriptionStream, Subscriptions } from './subscriptions'

interface StreamedResponsesOptions {
  admission: Admission
  subscriptions: Subscriptions
  eventStreams: EventStreams
  log: Logger
}

interface StreamedRequest {
  useCases: UseCases
  parameters: Parameters
  framing: StreamFraming
}

interface OpenStream {
  out: EventStream
  framing: StreamFraming
  request_id: string
}

export class StreamedResponses {
  constructor(readonly options: StreamedResponsesOptions) {}

  async serve(response: ServerResponse, { useCases, parameters, framing }: StreamedRequest): Promise<void> {
    const { admission, subscriptions, eventStreams } = this.options
    const { req: request } = response
    const request_id = requestId(response)
    const open = (): OpenStream => ({ out: eventStreams.open(response, framing.format), framing, request_id })
    const { socket: connection } = request
    const signal = new ConnectionSignal(connection)
    const operation = await admission.admit(parameters, useCases, { request_id, connection, signal })
    if (Array.isArray(operation)) {
      const [error] = operation
      if (error?.extensions.code === 'OPERATION_RESOLUTION_FAILURE') throw error
      return this.#sendResult(open(), { errors: operation })
    }
    const { type, name } = operation.compiled
    if (type === 'mutation' && request.method === 'GET') {
      response.setHeader('Allow', 'POST')
      throw methodNotAllowed('GET', ['POST'])
    }
    probe?.operationKnown(response, name)
    // Open the stream before the operation starts, because opening the stream can throw, and a refused request must
    // have no effect.
    const stream = open()
    if (type === 'query') stream.out.endWith(useCases.caller.access)
    const outcome = await subscriptions.begin(operation)
    if ('source' in outcome) this.#follow(stream, outcome, useCases.caller)
    else this.#sendResult(stream, outcome)
  }

  #sendResult({ out, framing: { next, complete }, request_id }: OpenStream, result: ExecutionResult): void {
    const text = JSON.stringify(formattedResult(result, this.options.log, request_id))
    out.end(next(bytesOf(text)) + complete)
  }

  #follow(stream: OpenStream, subscription: SubscriptionStream, caller: Caller): void {
    const { out, framing } = stream
    out.onOver(() => subscription.release())
    const write = (text: string): void | Promise<void> => out.write(framing.next(text))
    const sink: Sink<object> = {
      via: framing.transport,
      take: item => {
        const text = subscription.text(item)
        return typeof text === 'string' ? write(text) : text.then(write)
      },
      end: error => {
        if (!error) return out.end(framing.complete)
        // If the subscribed session has moved out of the caller's scope, do not send `complete`: the session still
        // exists, so the stream must not seem complete.
        const complete = isDomainError(error, 'session_not_found') ? '' : framing.complete
        this.#sendResult({ ...stream, framing: { ...framing, complete } }, { errors: [graphqlErrorOf(error)] })
      },
    }
    this.options.eventStreams.keep(out, () => subscription.source.attach(sink), streamAccessOf(caller))
  }
}

export interface StreamFraming {
  transport: Transport
  format: StreamFormat
  /** Frames one result, which is passed as encoded JSON (see `bytesOf`). */
  next(result: string): string
  /** Text that tells the client that no more results follow. */
  complete: string
}

/**
 * GraphQL over Server-Sent Events
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode).
 */
export const eventFraming: StreamFraming = {
  transport: 'sse',
  format: serverSentEvents,
  next: result => eventText(result, { name: 'next' }),
  complete: eventText('', { name: 'complete' }),
}

const boundary = '\r\n--graphql'
const part = (body: string): string => `\r\nContent-Type: application/json\r\n\r\n${body}${boundary}`
const end = '--\r\n'
const expired = '{"payload":null,"errors":[{"message":"Token expired","extensions":{"code":"UNAUTHENTICATED"}}]}'

/**
 * https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol. The boundary
 * immediately follows each part, so that the client can read a part before the next part arrives.
 */
export const multipartFraming: StreamFraming = {
  transport: 'multipart',
  format: {
    contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    opening: boundary + part('{}'),
    heartbeat: part('{}'),
    // Send the error as a part, because Apollo's clients interpret a closing delimiter without a preceding part as
    // completion.
    expired: part(expired) + end,
  },
  next: result => part(`{"payload":${result}}`),
  complete: end,
}

/** Returns the stream format that the `Accept` header prefers, or undefined if the header names no stream format. */
export function framingOf(request: IncomingMessage): StreamFraming | undefined {
  // Most requests accept no stream format. For these requests, testing the text of `Accept` avoids parsing the header.
  if (!/event-stream|multipart/i.test(request.headers.accept ?? '')) return undefined
  for (const { type, parameters } of acceptedRanges(request)) {
    if (type === 'text/event-stream') return eventFraming
    if (type === 'multipart/mixed' && parameters.get('subscriptionspec') === '1.0') return multipartFraming
  }
  return undefined
}
