import { useEffect, useState } from 'preact/hooks'
import type {
  CreateWebhookEndpointInput,
  WebhookAttempt,
  WebhookEndpoint,
} from '../../../../packages/client/src/schema.js'
import { client } from '../../graphql/client'
import {
  createEndpointMutation,
  deleteEndpointMutation,
  endpointQuery,
  endpointsQuery,
  pauseEndpointMutation,
  replayEndpointMutation,
  rotateSecretMutation,
  testEndpointMutation,
} from '../../graphql/documents'

export type { WebhookAttempt } from '../../../../packages/client/src/schema.js'

/** A webhook endpoint as the list shows it. */
export type ListedEndpoint = Omit<WebhookEndpoint, 'cursor' | 'version' | 'updatedAt' | 'attempts'>

export interface Endpoint extends ListedEndpoint {
  attempts: WebhookAttempt[]
}

export const readEndpoints = async (): Promise<ListedEndpoint[]> =>
  (await client.request<{ webhookEndpoints: ListedEndpoint[] }>(endpointsQuery)).webhookEndpoints

/** Returns an endpoint with its latest attempts, or null if there is none in scope. */
export const readEndpoint = async (id: string): Promise<Endpoint | null> =>
  (await client.request<{ webhookEndpoint: Endpoint | null }>(endpointQuery, { id })).webhookEndpoint

/** Sends a mutation once: it has no idempotency key, so a repeat could take effect again. */
const change = <T>(document: string, variables: object): Promise<T> =>
  client.request<T>(document, variables, { maxAttempts: 1 })

export async function createEndpoint(input: CreateWebhookEndpointInput): Promise<{ id: string; secret: string }> {
  const { createWebhookEndpoint: created } = await change<{
    createWebhookEndpoint: { endpoint: { id: string }; secret: string }
  }>(createEndpointMutation, { input })
  return { id: created.endpoint.id, secret: created.secret }
}

export const pauseEndpoint = (id: string, paused: boolean): Promise<unknown> =>
  change(pauseEndpointMutation, { id, paused })

export const testEndpoint = (id: string): Promise<unknown> => change(testEndpointMutation, { id })

export const replayEndpoint = (id: string, after: string): Promise<unknown> =>
  change(replayEndpointMutation, { input: { id, after } })

/** Replaces the secret, and returns the new one. */
export const rotateSecret = async (id: string): Promise<string> =>
  (await change<{ rotateWebhookSecret: { secret: string } }>(rotateSecretMutation, { id })).rotateWebhookSecret.secret

export const deleteEndpoint = (id: string): Promise<unknown> => change(deleteEndpointMutation, { id })

/** Outcome of the latest read. `value` is undefined until the first one succeeds. */
export interface Polled<T> {
  value: T | undefined
  error: string | null
  /** Reads again now, for example after a change. */
  readAgain(): void
}

/** Reads what `key` identifies, and again after each pause of `everyMs` while the page is visible. */
export function usePolled<T>(key: string, everyMs: number, read: () => Promise<T>): Polled<T> {
  const [{ value, error }, set] = useState<{ value: T | undefined; error: string | null }>({
    value: undefined,
    error: null,
  })
  const [reads, setReads] = useState(0)
  useEffect(() => {
    let isWanted = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const readOnce = async (): Promise<void> => {
      try {
        const value = await read()
        if (isWanted) set({ value, error: null })
      } catch (error) {
        if (isWanted) set(({ value }) => ({ value, error: (error as Error).message }))
      }
      if (isWanted) readLater()
    }
    const readLater = (): void => {
      timer = setTimeout(() => (document.hidden ? readLater() : readOnce()), everyMs)
    }
    readOnce()
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [key, reads])
  return { value, error, readAgain: () => setReads(reads => reads + 1) }
}
