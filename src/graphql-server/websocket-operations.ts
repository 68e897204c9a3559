import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import { DomainError } from '../domain/errors'
import { bytesOf } from '../http/json'
import type { UseCases } from '../use-cases'
import type { Parameters } from './documents'
import { graphqlErrorOf } from './errors'
import { formattedResult, type SubscriptionStream } from './subscriptions'
import { messageEnd, nextOf } from './websocket-messages'
import type { WebSocketWriter } from './websocket-writer'

/** Maximum total size of the messages that started a connection's operations. A subscription counts until it ends. */
export const operationTextBytes = 2 * 1024 * 1024

interface RunningOperation {
  id: string
  bytes: number
  isOver: boolean
  /** Releases the stream of a subscription. */
  release: () => void
}

export interface OperationMeans {
  /**
   * Starts an operation. `wanted` returns whether the client still waits for it. A thrown error is sent to the client.
   */
  operate(
    parameters: Parameters,
    wanted: () => boolean,
    useCases: UseCases,
    resume?: string | number,
  ): Promise<SubscriptionStream | ExecutionResult | GraphQLError[]>
  operationsAllowed: number
  log: Logger
  request_id: string
}

/**
 * Operations of one WebSocket, from `subscribe` until they complete or the client leaves them. Sends results under the
 * operation's id when the socket has room. Sends nothing more for an operation that the client has left.
 */
export class WebSocketOperations {
  readonly #running = new Map<string, RunningOperation>()
  #bytes = 0
  /** Number of operations that are being started or answered. Established subscriptions do not count. */
  serving = 0
  /** Where the subscriptions of an earlier connection resume, by operation id. */
  resumptions = new Map<string, string | number>()

  constructor(
    readonly writer: WebSocketWriter,
    readonly means: OperationMeans,
    /** Called when an operation was answered or a subscription is established. */
    readonly served: () => void,
  ) {}

  has(id: string): boolean {
    return this.#running.has(id)
  }

  async serve(id: string, parameters: Parameters, bytes: number, useCases: UseCases): Promise<void> {
    const operation: RunningOperation = { id, bytes, isOver: false, release: () => {} }
    this.#running.set(id, operation)
    this.#bytes += bytes
    this.serving++
    try {
      if (this.#running.size > this.means.operationsAllowed || this.#bytes > operationTextBytes) {
        throw new DomainError('rate_limited').withMessage('This connection has too many operations. End some first.')
      }
      const resume = this.resumptions.get(id)
      this.resumptions.delete(id)
      const outcome = await this.means.operate(parameters, () => !operation.isOver, useCases, resume)
      if ('source' in outcome) return operation.isOver ? outcome.release() : this.#follow(operation, outcome)
      await this.writer.room()
      if (Array.isArray(outcome)) return this.#end(operation, outcome)
      const result = formattedResult(outcome, this.means.log, this.means.request_id)
      if (!operation.isOver) this.writer.send(nextOf(id) + JSON.stringify(result) + messageEnd)
      this.#end(operation)
    } catch (error) {
      await this.writer.room()
      this.#end(operation, [graphqlErrorOf(error)])
    } finally {
      this.serving--
      this.served()
    }
  }

  #follow(operation: RunningOperation, stream: SubscriptionStream): void {
    const { writer } = this
    let detach = (): void => {}
    operation.release = () => {
      detach()
      stream.release()
    }
    const head = bytesOf(nextOf(operation.id))
    const take = (item: object): void | Promise<void> => {
      if (operation.isOver) return
      if (!writer.isOpen) return this.#leave(operation)
      // While the socket is full, hold the item and not its text, because all subscribers share the item.
      if (writer.isFull) return writer.room().then(() => take(item))
      const text = stream.text(item)
      if (typeof text === 'string') return writer.write(head + text + messageEnd)
      return text.then(async text => {
        await writer.room()
        if (!operation.isOver) writer.write(head + text + messageEnd)
      })
    }
    detach = stream.source.attach({
      via: 'websocket',
      take,
      end: async error => {
        await writer.room()
        this.#end(operation, error === undefined ? undefined : [graphqlErrorOf(error)])
      },
    })
    if (operation.isOver) detach()
  }

  /** Sends the last message of an operation: `complete`, or `error` with the errors. */
  #end(operation: RunningOperation, errors?: GraphQLError[]): void {
    if (operation.isOver) return
    this.#leave(operation)
    const { id } = operation
    const payload = errors && formattedResult({ errors }, this.means.log, this.means.request_id).errors
    this.writer.send(JSON.stringify({ id, type: errors ? 'error' : 'complete', payload }))
  }

  #leave(operation: RunningOperation): void {
    if (operation.isOver) return
    operation.isOver = true
    this.#running.delete(operation.id)
    this.#bytes -= operation.bytes
    operation.release()
  }

  /** Ends the operation with this id, if there is one, and sends nothing more for it. */
  leave(id: string): void {
    const operation = this.#running.get(id)
    if (operation) this.#leave(operation)
  }

  leaveAll(): void {
    for (const operation of this.#running.values()) this.#leave(operation)
  }
}
