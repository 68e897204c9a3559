import { parseArgs } from 'node:util'
import { keyOptions } from '../../access/service-key'
import { acceptsStored } from '../../access/service-keys'
import { openEmbeddedStore } from '../../db/embedded/embedded-store'
import { mongoStore } from '../../db/mongo/mongo-store'
import type { Store } from '../../db/store'
import { isDomainError, StartupError } from '../../domain/errors'
import { configOf } from '../../startup/config'
import { refusedArguments } from '../../subcommand'
import type { Config } from '../../variables'
import { EmbeddedKeys, MongoKeys } from './stores'
import { createdKey, limitReached } from './use-cases'

/** Creates a service key in the store that the environment configures. MongoDB can be in use by servers meanwhile. */
export async function createKey(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { key, stored } = keyOf(args)
  const config = configOf(env)
  if (!acceptsStored(config.AUTH_KEYS))
    throw new StartupError(
      'Set AUTH_KEYS=stored for the server and for this command. Otherwise, the server does not accept the key.',
    )
  const store = await openStore(config)
  try {
    const limit = await store.keys.addKey(stored)
    if (limit !== undefined) throw new StartupError(limitReached(limit).message)
  } finally {
    await store.end()
  }
  process.stdout.write(`The service key ${stored.key_id}. Store it now, because it is not shown again.\n\n${key}\n`)
  return 0
}

function keyOf(args: string[]): ReturnType<typeof createdKey> {
  const members = Object.entries(keyOptions)
  const options = Object.fromEntries(members.map(([, option]) => [option, { type: 'string' as const }]))
  try {
    const { values } = parseArgs({ args, options })
    return createdKey(Object.fromEntries(members.map(([member, option]) => [member, values[option]])), new Date(), null)
  } catch (error) {
    if (!isDomainError(error, 'validation_failed')) throw refusedArguments(error)
    const [fault] = error.facts.errors
    const option = keyOptions[fault?.pointer?.slice(1) as keyof typeof keyOptions]
    throw new StartupError(`--${option} ${fault?.detail}. Try --help.`)
  }
}

async function openStore({ MONGODB_URI, DATA_FILE }: Config): Promise<Store> {
  if (MONGODB_URI) {
    const store = mongoStore(MONGODB_URI, { parts: { keys: connection => new MongoKeys(connection) } })
    await store.open().catch(async error => {
      await store.end()
      throw error instanceof StartupError ? error : new StartupError('MongoDB does not respond at MONGODB_URI.')
    })
    return store
  }
  try {
    return openEmbeddedStore(DATA_FILE, { parts: { keys: core => new EmbeddedKeys(core) } })
  } catch (error) {
    if (!/ is in use /.test((error as Error).message)) throw error
    throw new StartupError(
      `${DATA_FILE} is in use by another process. Stop the server while this command runs, or create the key in the dashboard or over the API.`,
    )
  }
}
