import { inputs } from '../../support/inputs'
import { type Api, done, restApi } from '../../support/interfaces'
import { client, json } from '../../support/rest'
import { type Reachable, type Server, type ServerOptions, serving, startServer } from '../../support/server'
import type { TestDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { authority, Receiver } from './receiver'

export const webhooksPath = '/api/v1/webhook-endpoints'

/** Waits before retries of a test: soon enough to wait for them, and a last long one. */
export const shortDelaysMs = [50, 50, 600_000]

/** Settings of a server that may call receivers of the test. */
export const webhookOptions: ServerOptions = {
  config: { WEBHOOKS: true, WEBHOOKS_ALLOW_PRIVATE: true },
  webhooks: { ca: authority, retryDelaysMs: shortDelaysMs },
}

export interface Endpoint {
  endpoint_id: string
  secret: string
  status: string
  cursor: string
  pending: number
  // biome-ignore lint/suspicious/noExplicitAny: the tests state what it is
  [member: string]: any
}

/** Returns a client of a server's webhook endpoints. */
export function endpointsOf(server: Reachable) {
  const { call, get, post } = client(server)
  const read = async (endpoint_id: string): Promise<Endpoint> =>
    JSON.parse((await get(`${webhooksPath}/${endpoint_id}`)).text)
  return {
    async created(url: string, more: object = {}): Promise<Endpoint> {
      const { status, text } = await post(webhooksPath, JSON.stringify({ url, ...more }))
      if (status !== 201) throw new Error(text)
      return JSON.parse(text)
    },
    read,
    async change(endpoint_id: string, body: object): Promise<void> {
      const { status, text } = await call('PATCH', `${webhooksPath}/${endpoint_id}`, json, JSON.stringify(body))
      if (status !== 200) throw new Error(text)
    },
    remove: (endpoint_id: string) => call('DELETE', `${webhooksPath}/${endpoint_id}`),
    request: (endpoint_id: string, what: 'rotations' | 'tests' | 'replays', body?: object) =>
      call('POST', `${webhooksPath}/${endpoint_id}/${what}`, body ? json : {}, body && JSON.stringify(body)),
    async attempts(endpoint_id: string): Promise<Record<string, unknown>[]> {
      return JSON.parse((await get(`${webhooksPath}/${endpoint_id}/attempts`)).text).data
    },
    /** Waits until the endpoint is as it should be, and returns it. */
    async becomes(endpoint_id: string, holds: (endpoint: Endpoint) => boolean, ms = 20_000): Promise<Endpoint> {
      let endpoint = await read(endpoint_id)
      const look = async (): Promise<boolean> => {
        endpoint = await read(endpoint_id)
        return holds(endpoint)
      }
      await until(look, ms, () => `an endpoint that is not ${JSON.stringify(endpoint)}`)
      return endpoint
    },
  }
}

/** Starts a server with webhooks for a suite, and a receiver for each test. */
export function delivering(make: () => Promise<TestDatabase>, options: ServerOptions = webhookOptions) {
  const server = serving(make, options)
  const at = {} as { receiver: Receiver }
  beforeEach(async () => {
    at.receiver = await Receiver.start()
  })
  afterEach(async () => {
    const { call, get } = client(server)
    const { data } = JSON.parse((await get(webhooksPath)).text) as { data: Endpoint[] }
    for (const { endpoint_id } of data) await call('DELETE', `${webhooksPath}/${endpoint_id}`)
    await at.receiver.stop()
  })
  return { server: server as Server & { database: TestDatabase }, at, ...endpointsOf(server) }
}

/**
 * Returns a function that makes a test of a body. Each test has a server with webhooks and a receiver of its own, so that
 * tests can run at once.
 */
export const deliveringAlone =
  (make: () => Promise<TestDatabase>) => (body: (world: Delivering) => Promise<void>) => async (): Promise<void> => {
    const database = await make()
    const server = Object.assign(await startServer(database, webhookOptions), { database })
    const receiver = await Receiver.start()
    const api = () => restApi(server)
    try {
      await body({
        server,
        at: { receiver },
        ...endpointsOf(server),
        api,
        started: async (mentor_id = 'm', organisation_id = 'o') =>
          done(await api().start({ mentor_id, organisation_id })).session.session_id,
        dispatch: async (id, event) =>
          void done(await api().dispatch(id, event, event === 'CalculateRequested' ? inputs : undefined)),
      })
    } finally {
      await server.stop()
      await receiver.stop()
      await database.drop()
    }
  }

interface Delivering extends ReturnType<typeof endpointsOf> {
  server: Server & { database: TestDatabase }
  at: { receiver: Receiver }
  api(): Api
  started(mentor_id?: string, organisation_id?: string): Promise<string>
  dispatch(id: string, event: 'CalculateRequested' | 'ShareRequested'): Promise<void>
}
