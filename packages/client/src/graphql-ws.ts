/**
 * A graphql-ws client that resumes subscriptions: `import { createResumingClient } from
 * 'benefit-sessions-client/graphql-ws'`
 */
import { type Client, type ClientOptions, createClient } from 'graphql-ws/client'
import { backoffMs } from './retry.js'

/**
 * Options of graphql-ws, except `generateID`. By default, the client retries without limit after any lost connection.
 */
export type ResumingClientOptions = Omit<ClientOptions, 'generateID'>

/**
 * Creates a graphql-ws client that misses no message when it reconnects. The client tells the server where each
 * subscription resumes: `feed` after its last `cursor`, and `sessionTransitions` after its last `sequence`. Your
 * GraphQL documents must select the field `cursor` or `sequence`.
 *
 * For Apollo Client: `new GraphQLWsLink(createResumingClient({ url }))`. For urql: pass the client's `subscribe` to
 * `subscriptionExchange`.
 */
export function createResumingClient(options: ResumingClientOptions): Client {
  /** Last received cursor or sequence of each running subscription, keyed by subscription id. */
  const positions = new Map<string, string | number | undefined>()
  let lastId = 0
  const client = createClient({
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: retries => new Promise(resolve => setTimeout(resolve, backoffMs(retries))),
    ...options,
    generateID() {
      positions.set(String(++lastId), undefined)
      return String(lastId)
    },
    async connectionParams() {
      const { connectionParams } = options
      const params = typeof connectionParams === 'function' ? await connectionParams() : connectionParams
      return { ...params, resume: Object.fromEntries(positions) }
    },
    on: {
      ...options.on,
      message(message) {
        options.on?.message?.(message)
        // Ignore messages that arrive after their subscription has ended.
        if (message.type !== 'next' || !positions.has(message.id)) return
        const [field] = Object.values(message.payload.data ?? {}) as (Position | null)[]
        const position = field?.cursor ?? field?.sequence
        if (position !== undefined) positions.set(message.id, position)
      },
    },
  })
  return {
    ...client,
    subscribe(payload, sink) {
      const forget = (): boolean => positions.delete(id)
      const unsubscribe = client.subscribe(payload, {
        next: result => sink.next(result as never),
        error(error) {
          forget()
          sink.error(error)
        },
        complete() {
          forget()
          sink.complete()
        },
      })
      const id = String(lastId)
      return () => {
        forget()
        unsubscribe()
      }
    },
    iterate(payload) {
      const iterator = client.iterate<never, never>(payload)
      const id = String(lastId)
      const { next, return: leave } = iterator
      iterator.next = async () => {
        let isDone: boolean | undefined = true
        try {
          const result = await next.call(iterator)
          isDone = result.done
          return result
        } finally {
          if (isDone) positions.delete(id)
        }
      }
      iterator.return = async value => {
        positions.delete(id)
        return leave?.(value) ?? { done: true, value }
      }
      return iterator
    },
  }
}

/** Fields of a subscription message. One of these fields contains the position at which the subscription resumes. */
interface Position {
  cursor?: string
  sequence?: number
}
