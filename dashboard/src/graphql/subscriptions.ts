import { createClient, type FormattedExecutionResult } from 'graphql-ws/client'
import { basePath } from '../base-path'
import { currentAuthorization, renewedAuthorization } from './authorization'
import { backoffMs } from './backoff'
import { isUnavailable, Refusal } from './requests'

/** A connection that says nothing for this long is taken for dead. */
const silenceMs = 8_000

/** Makes the next attempt of each subscription that waits for one. */
const waiting = new Set<() => void>()
const attemptAll = (): void => {
  for (const attempt of [...waiting]) attempt()
}
addEventListener('online', attemptAll)
// Nobody answers any more: it is not for the silence to show that.
addEventListener('offline', () => client.terminate())

/** How the connection introduced itself. */
let introducedBy: string | undefined

let pongTimer: ReturnType<typeof setTimeout> | undefined

// Every subscription reconnects for itself (see `subscribe`), from where it stands: the client is not to repeat its first words.
const client = createClient({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${basePath}/graphql`,
  retryAttempts: 0,
  keepAlive: silenceMs,
  connectionParams: async () => {
    introducedBy = await currentAuthorization()
    return introducedBy ? { authorization: introducedBy } : {}
  },
  on: {
    connected: attemptAll,
    ping: received => {
      if (received) return
      clearTimeout(pongTimer)
      pongTimer = setTimeout(() => client.terminate(), silenceMs / 2)
    },
    pong: received => {
      if (received) clearTimeout(pongTimer)
    },
    closed: () => clearTimeout(pongTimer),
  },
})

/** The connection was closed for its token: that has expired, or is not taken. */
const isOfToken = (error: unknown): boolean => (error as { code?: unknown } | undefined)?.code === 4401

export interface Subscriber<T> {
  /** Where to go on: asked anew for each connection. */
  variables(): Record<string, unknown>
  next(data: T): void
  /** The connection is gone, and is tried again at that time. */
  lost?(retryAt: number): void
  refused?(refusal: Refusal): void
  /** The server has told all there was. False when it should be asked for more. */
  complete?(): boolean
}

/** Follows a subscription through lost connections until it is stopped. */
export function subscribe<T>(query: string, { variables, next, lost, refused, complete }: Subscriber<T>): () => void {
  let stopped = false
  let attempt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let unsubscribe = (): void => {}

  function open(): void {
    clearTimeout(timer)
    timer = undefined
    waiting.delete(open)
    unsubscribe = client.subscribe<T>(
      { query, variables: variables() },
      {
        next: ({ data, errors }: FormattedExecutionResult<T>) => {
          if (stopped) return
          if (errors) return end(errors)
          attempt = 0
          if (data) next(data)
        },
        error: end,
        complete: () => {
          if (!stopped && !complete?.()) end(undefined)
        },
      },
    )
  }

  function end(error: unknown): void {
    if (stopped || timer !== undefined) return
    if (Array.isArray(error) && !isUnavailable(error)) {
      stopped = true
      refused?.(new Refusal(error))
      return
    }
    if (isOfToken(error) && introducedBy && attempt === 0) {
      attempt++
      timer = setTimeout(reopen, 0, introducedBy)
      return
    }
    const wait = backoffMs(attempt++)
    timer = setTimeout(open, wait)
    waiting.add(open)
    lost?.(Date.now() + wait)
  }

  /** Goes on with another token: where that is there already, nobody needs to know. */
  async function reopen(refused: string): Promise<void> {
    if ((await currentAuthorization()) === refused) {
      lost?.(Date.now())
      await renewedAuthorization(refused)
    }
    if (!stopped) open()
  }

  open()
  return () => {
    stopped = true
    clearTimeout(timer)
    waiting.delete(open)
    unsubscribe()
  }
}
