import type {
  CreateServiceKeyInput,
  CreateServiceKeyPayload,
  RotateServiceKeyInput,
  ServiceKey,
} from '../../../../packages/client/src/schema.js'
import { client } from '../../graphql/client'
import { Store } from '../../store'
import { createKeyMutation, keysQuery, revokeKeyMutation, rotateKeyMutation } from './documents'

export type { ServiceKey, ServiceKeyRole } from '../../../../packages/client/src/schema.js'

/** A key that was just created or replaced, with the name of its service key. */
export type NewKey = Pick<CreateServiceKeyPayload, 'key'> & { serviceKey: Pick<ServiceKey, 'id' | 'name'> }

/** The key that was just created or replaced. The key is kept only in the page's memory. */
export const newKey = new Store<NewKey | null>(null)

export const readKeys = async (): Promise<ServiceKey[]> =>
  (await client.request<{ serviceKeys: ServiceKey[] }>(keysQuery)).serviceKeys

/** Sends a mutation only once. The mutation has no idempotency key, so a retry could take effect a second time. */
const change = <T>(document: string, variables: object): Promise<T> =>
  client.request<T>(document, variables, { maxAttempts: 1 })

export async function createKey(input: CreateServiceKeyInput): Promise<void> {
  newKey.set((await change<{ createServiceKey: NewKey }>(createKeyMutation, { input })).createServiceKey)
}

export async function rotateKey(input: RotateServiceKeyInput): Promise<void> {
  newKey.set((await change<{ rotateServiceKey: NewKey }>(rotateKeyMutation, { input })).rotateServiceKey)
}

export async function revokeKey(id: string): Promise<void> {
  await change(revokeKeyMutation, { id })
  if (newKey.value?.serviceKey.id === id) newKey.set(null)
}
