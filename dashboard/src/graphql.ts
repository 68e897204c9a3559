import { createClient, type FormattedExecutionResult } from 'graphql-ws/client'

export interface Fault {
  detail: string
  pointer?: string
}

interface GraphQLFault {
  message: string
  extensions?: { code?: string; errors?: Fault[] }
}

/** What the server refuses, with its code and the faults that it names. */
export class Refusal extends Error {
  readonly code: string
  readonly faults: Fault[]

  constructor([error]: readonly GraphQLFault[]) {
    super(error?.message ?? 'The server refused this.')
    this.code = error?.extensions?.code ?? ''
    this.faults = error?.extensions?.errors ?? []
  }
}

/** The server could not be reached, or could not answer. */
export class Unreachable extends Error {
  constructor() {
    super('The server cannot be reached right now. Nothing was changed as far as we know; try again shortly.')
  }
}

/** Asks over HTTP. Throws Refusal or Unreachable. */
export async function ask<T>(query: string, variables: object = {}): Promise<T> {
  let said: { data?: T | null; errors?: GraphQLFault[] }
  try {
    const body = JSON.stringify({ query, variables })
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
    const response = await fetch('/graphql', { method: 'POST', headers, body })
    said = await response.json()
  } catch {
    throw new Unreachable()
  }
  if (said.errors?.length) throw unavailable(said.errors) ? new Unreachable() : new Refusal(said.errors)
  if (!said.data) throw new Unreachable()
  return said.data
}

const unavailable = ([error]: GraphQLFault[]): boolean =>
  error?.extensions?.code === 'UNAVAILABLE' || error?.extensions?.code === 'RATE_LIMITED'

/** Changes something, once however often it takes to reach the server: the key lets it recognise a repeat. */
export async function change<T>(mutation: string, input: object): Promise<T> {
  const keyed = { ...input, idempotencyKey: newKey() }
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask<T>(mutation, { input: keyed })
    } catch (error) {
      if (!(error instanceof Unreachable) || attempt === 4) throw error
      await new Promise(resolve => setTimeout(resolve, 300 * 2 ** attempt))
    }
  }
}

// crypto.randomUUID is there on https and localhost only.
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')

/** A connection that says nothing for this long is taken for dead. */
const silenceMs = 8_000
let pong: ReturnType<typeof setTimeout> | undefined

// Every subscription reconnects for itself (see `follow`), from where it stands: the client is not to repeat its first words.
const client = createClient({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
  retryAttempts: 0,
  keepAlive: silenceMs,
  on: {
    ping: received => {
      if (received) return
      clearTimeout(pong)
      pong = setTimeout(() => client.terminate(), silenceMs / 2)
    },
    pong: received => {
      if (received) clearTimeout(pong)
    },
    closed: () => clearTimeout(pong),
  },
})

export interface Following<T> {
  /** Where to go on: asked anew for each connection. */
  variables(): Record<string, unknown>
  next(data: T): void
  /** The connection is gone, and is tried again at that time. */
  lost?(retryAt: number): void
  trying?(): void
  refused?(refusal: Refusal): void
  /** The server has told all there was. False when it should be asked for more. */
  complete?(): boolean
}

/** Follows a subscription through lost connections until it is stopped. */
export function follow<T>(
  query: string,
  { variables, next, lost, trying, refused, complete }: Following<T>,
): () => void {
  let stopped = false
  let attempt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let unsubscribe = (): void => {}

  function open(): void {
    clearTimeout(timer)
    timer = undefined
    trying?.()
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
    if (Array.isArray(error) && !unavailable(error)) {
      stopped = true
      removeEventListener('online', again)
      refused?.(new Refusal(error))
      return
    }
    const wait = Math.min(250 * 2 ** attempt++, 4_000) * (0.75 + Math.random() / 2)
    timer = setTimeout(open, wait)
    lost?.(Date.now() + wait)
  }

  const again = (): void => {
    if (timer !== undefined) open()
  }
  addEventListener('online', again)
  open()
  return () => {
    stopped = true
    clearTimeout(timer)
    removeEventListener('online', again)
    unsubscribe()
  }
}
