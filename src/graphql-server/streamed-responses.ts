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
import { type Admission, operationNameOf, type Parameters } from './admission'
import { formattedResult, graphqlErrorOf, sendRefusal, unknownOperation } from './errors'
import type { SubscriptionStream, Subscriptions } from './subscriptions'

/**
 * Streams operation results over HTTP: the results of a subscription as they arrive, or the single result of a query or
 * mutation.
 */
export class StreamedResponses {
  constructor(
    readonly admission: Admission,
    readonly subscriptions: Subscriptions,
    readonly eventStreams: EventStreams,
    readonly log: Logger,
  ) {}

  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    useCases: UseCases,
    parameters: Parameters,
    framing: StreamFraming,
  ): Promise<void> {
    const request_id = String(response.getHeader('X-Request-Id'))
    const operation = await this.admission.admit(parameters, { ...useCases, request_id, connection: request.socket })
    if (Array.isArray(operation)) {
      return this.#sendResult(
        this.eventStreams.open(response, framing.format),
        framing,
        { errors: operation },
        request_id,
      )
    }
    if (operation.type === undefined) return sendRefusal(response, 'operation_resolution_failure', unknownOperation)
    if (operation.type === 'mutation' && request.method === 'GET') {
      response.setHeader('Allow', 'POST')
      throw methodNotAllowed('GET', ['POST'])
    }
    probe?.operationKnown(response, operationNameOf(operation))
    // Open the stream before the operation starts. Opening the stream can throw, and a refused request must have no
    // effect.
    const out = this.eventStreams.open(response, framing.format)
    if (operation.type === 'query') out.endWith(useCases.caller.access)
    const outcome = await this.subscriptions.begin(operation, new ConnectionSignal(request.socket))
    if ('source' in outcome) this.#follow(out, framing, outcome, request_id, useCases.caller)
    else this.#sendResult(out, framing, outcome, request_id)
  }

  #sendResult(out: EventStream, { next, complete }: StreamFraming, result: ExecutionResult, request_id: string): void {
    const text = JSON.stringify(formattedResult(result, this.log, request_id))
    out.end(next(bytesOf(text)) + complete)
  }

  /** Sends the results of a subscription until the subscription or the caller's access ends. */
  #follow(
    out: EventStream,
    framing: StreamFraming,
    stream: SubscriptionStream,
    request_id: string,
    caller: Caller,
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
        if (!error) return out.end(framing.complete)
        // If the subscribed session has moved out of the caller's scope, do not send `complete`: the session still
        // exists, so the stream must not seem complete.
        const complete = isDomainError(error, 'session_not_found') ? '' : framing.complete
        this.#sendResult(out, { ...framing, complete }, { errors: [graphqlErrorOf(error)] }, request_id)
      },
    }
    this.eventStreams.keep(out, () => stream.source.attach(sink), streamAccessOf(caller))
  }
}

/** Defines how a streamed response frames an operation's results. */
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
 * Apollo's multipart protocol
 * (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol). The multipart
 * boundary immediately follows each part, so that the client can read a part before the next part arrives.
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
