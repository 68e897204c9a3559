import { rereadMs } from '../../src/access/service-keys'
import type { Store } from '../../src/db/store'
import type { Config } from '../../src/startup/config'
import { createFound, sentBy } from './access'
import { interceptingEach } from './intercepting'
import { asked, type Found, type RestRequest } from './operation'
import { head, RawClient } from './raw'
import { client } from './rest'
import { type Reachable, serving } from './server'
import { keyFile, type MadeKey, madeKey } from './service-keys'
import type { StoreKind } from './stores'
import { issuing, people } from './tokens'
import { until } from './until'

/** Time that a test waits for a change of the file: `rereadMs`, and as long as a busy machine may take. */
const changeMs = rereadMs + 20_000
const tokenMs = 3_000

/** Media types of responses that are not files. */
export const accepted = 'application/json, text/event-stream'

export type Post = Pick<RestRequest, 'at' | 'body'> & { name: string }

export interface Ending {
  bearer: string
  /** Ends the access. Resolves when new requests are refused. */
  end(): Promise<void>
}

/** Makes the operations of a store wait while the gate is closed. */
function gate() {
  let opening = Promise.withResolvers<void>()
  opening.resolve()
  async function* exported(call: () => ReturnType<Store['export']>) {
    await opening.promise
    yield* call()
  }
  let last: string | undefined
  const close = (): void => {
    opening = Promise.withResolvers()
  }
  return {
    close,
    /** Closes the gate when an operation with this name has started. */
    closeAfter(name: string): void {
      last = name
    },
    open: (): void => opening.resolve(),
    store: (opened: Store): Store =>
      interceptingEach(opened, (name, call) => {
        if (lifecycle.has(name)) return call()
        if (name === 'export') return exported(call as () => ReturnType<Store['export']>)
        const called = opening.promise.then(call)
        if (name === last) close()
        if (name === last) last = undefined
        return called
      }),
  }
}

const lifecycle: ReadonlySet<string> = new Set(['follow', 'ping', 'end'])

/** A server that accepts service keys and tokens, and whose store can be made to wait. */
export function endingAccess(kind: Pick<StoreKind, 'newDatabase'>, more: Partial<Config> = {}) {
  const admin = madeKey({ name: 'Ada Admin', role: 'admin', organisation_id: null })
  const file = keyFile(admin)
  const issuer = issuing()
  const AUTH_KEYS = more.AUTH_KEYS ? `${more.AUTH_KEYS},${file.file}` : file.file
  const config = { ...issuer.config, ...more, AUTH_KEYS }
  const storeGate = gate()
  const server = serving(kind.newDatabase, { config, store: storeGate.store })
  const rest = client(server, sentBy(admin.bearer))
  const refused = async (bearer: string): Promise<boolean> =>
    (await client(server, sentBy(bearer)).get('/api/v1/benefit-caller')).status === 401
  const keys: MadeKey[] = []
  return {
    server,
    rest,
    gate: storeGate,
    found: () => createFound(server, { mentor_id: 'mentor_1', organisation_id: 'org_1' }, config, sentBy(admin.bearer)),
    /** All ways in which the access of an admin can end. */
    endings: {
      async 'a service key that is revoked'(): Promise<Ending> {
        const key = madeKey({ name: 'other', role: 'admin', organisation_id: null })
        keys.push(key)
        file.write(admin, ...keys)
        await until(async () => !(await refused(key.bearer)), changeMs, 'the key')
        return {
          bearer: key.bearer,
          async end() {
            keys.splice(keys.indexOf(key), 1)
            file.write(admin, ...keys)
            await until(() => refused(key.bearer), changeMs, 'the end of the key')
          },
        }
      },
      async 'a token that expires'(): Promise<Ending> {
        const exp = Date.now() + tokenMs
        return {
          bearer: issuer.bearer({ ...people.admin, exp: exp / 1_000 }),
          end: () => until(() => Date.now() > exp, 60_000, 'the expiry'),
        }
      },
    },
  }
}

/** Sends a request except for the end of its body. */
export async function sendHalf(server: Reachable, bearer: string, post: Post, of: Found, origin: string) {
  const { method, path, body = '' } = asked(post, of, origin)
  const sender = await RawClient.connect(server.url)
  const fields = ['Content-Type: application/json', `Accept: ${accepted}`, `Content-Length: ${Buffer.byteLength(body)}`]
  sender.send(head(`${method} ${path}`, `Authorization: ${bearer}`, 'Expect: 100-continue', ...fields))
  // The server has seen the head.
  await sender.until('100 Continue')
  sender.send(body.slice(0, 3))
  return { sender, rest: body.slice(3) }
}
