// This folder contains everything about stored service keys: use cases, stores, REST, GraphQL and the command
// `key create`. `access` checks the keys that clients send.

import type { Logger } from 'pino'
import type { Capability } from '../../capability'
import { KeysResolver } from './graphql'
import { LiveKeys } from './live-keys'
import type { KeyStore } from './model'
import { keyViewPaths } from './pages'
import { keyResources } from './rest'
import { EmbeddedKeys, MongoKeys } from './stores'
import { Keys } from './use-cases'

declare module '../../use-cases' {
  interface UseCases {
    keys: Keys
  }
}

/** Admins manage the service keys in the store. */
export const keys: Capability = {
  name: 'keys',
  store: () => ({
    mongo: connection => new MongoKeys(connection),
    embedded: core => new EmbeddedKeys(core),
  }),
  resources: keyResources,
  resolvers: [KeysResolver],
  viewPaths: keyViewPaths,
  open({ store, log, clock, serviceKeys, requiresTokens }) {
    if (!serviceKeys?.options.isStored) {
      const context = { store, log, clock, serviceKeys: undefined, live: () => undefined }
      return {
        isOff: true,
        of: caller => new Keys(context, caller),
        start: () => (requiresTokens ? undefined : void warnIfStored(store.keys, log)),
      }
    }
    let live: LiveKeys | undefined
    const context = { store, log, clock, serviceKeys, live: () => live }
    return {
      of: caller => new Keys(context, caller),
      settings: { 'service-keys': 'on' },
      start() {
        live = new LiveKeys({ store: store.keys, serviceKeys, log, clock })
      },
      end: () => live?.end(),
    }
  },
}

/** An operator who has created keys believes that the server requires them. */
async function warnIfStored(store: KeyStore, log: Logger): Promise<void> {
  const keys = await store.listKeys().catch(() => [])
  if (keys.length > 0)
    log.warn(
      { keys: keys.length },
      'everyone has full access, although the store has service keys: set AUTH_KEYS=stored',
    )
}
