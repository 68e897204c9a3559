import type { Config } from '../../src/startup/config'
import { capabilities, capabilityConfig } from '../capabilities'
import { inputsOf } from './inputs'
import { done, type GraphqlApi, graphqlApi, type RestApi, restApi } from './interfaces'
import type { Found, Operation } from './operation'
import { send } from './raw'
import { client } from './rest'
import { type Reachable, type Server, type ServerOptions, serving, startServer } from './server'
import { embeddedDatabase, type TestDatabase } from './stores'
import { issuing, people, signedToken, signingKey } from './tokens'
import { feedPath } from './transports'

/** Mentor and organisation of each test session. */
export const owners = {
  a: { mentor_id: 'mentor_1', organisation_id: 'org_1' },
  b: { mentor_id: 'mentor_2', organisation_id: 'org_1' },
  c: { mentor_id: 'mentor_1', organisation_id: 'org_2' },
  d: { mentor_id: 'mentor_2', organisation_id: 'org_2' },
} as const
export type OwnerName = keyof typeof owners
export const ownerNames = Object.keys(owners) as OwnerName[]

/** Test callers: the claims of the token, and the keys of the `owners` in the caller's scope. */
export const callers = {
  admin: { claims: people.admin, sees: 'abcd' },
  coordinator: { claims: people.coordinator, sees: 'ab' },
  mentor: { claims: people.mentor, sees: 'a' },
  'mentor of no organisation': { claims: people.free, sees: 'ac' },
  reader: { claims: people.reader, sees: 'ab' },
  'without a role': { claims: people.nobody, sees: '' },
  'of an unknown role': { claims: { ...people.mentor, sub: 'unknown', role: 'owner' }, sees: '' },
  'without a token': { claims: undefined, sees: '' },
  'with a bad token': { claims: people.admin, sees: '' },
} as const
export type CallerName = keyof typeof callers
export const callerNames = Object.keys(callers) as CallerName[]

export const withRoles = [
  'admin',
  'coordinator',
  'mentor',
  'mentor of no organisation',
  'reader',
] as const satisfies CallerName[]

/** Filters outside the scope of each caller. */
export const beyond: [CallerName, object][] = [
  ['coordinator', { organisation_id: 'org_2' }],
  ['coordinator', { organisation_id: 'org_2', mentor_id: 'mentor_1' }],
  ['coordinator', { mentor_id: 'mentor_3' }],
  ['mentor', { mentor_id: 'mentor_2' }],
  ['mentor', { organisation_id: 'org_2' }],
  ['mentor', { mentor_id: 'mentor_2', organisation_id: 'org_1' }],
  ['mentor', { mentor_id: 'mentor_1', organisation_id: 'org_2' }],
  ['mentor of no organisation', { mentor_id: 'mentor_2' }],
  ['mentor of no organisation', { organisation_id: 'org_3' }],
  ['mentor of no organisation', { mentor_id: 'mentor_2', organisation_id: 'org_1' }],
  ['reader', { organisation_id: 'org_2', state: 'loaded' }],
]

export const sees = (caller: CallerName, owner: OwnerName): boolean => (callers[caller].sees as string).includes(owner)

/** Outcome of an operation for a caller. `outside`: the object is outside the caller's scope. */
export type Outcome = 'granted' | 'outside' | 'forbidden' | 'unauthenticated'

/**
 * Returns the expected outcome of an operation for a caller on a session of an owner, or on the given session if it
 * `isSeen`.
 */
export function expectedOutcome(
  { access, needsOrganisation }: Operation,
  caller: CallerName,
  owner: OwnerName,
  isSeen = sees(caller, owner),
): Outcome {
  if (access === 'anyone') return 'granted'
  if (caller === 'without a token' || caller === 'with a bad token') return 'unauthenticated'
  if (caller === 'without a role' || caller === 'of an unknown role') return 'forbidden'
  if (access === 'any role' || caller === 'admin') return 'granted'
  if (access === 'admins' || (access === 'managers' && caller !== 'coordinator')) return 'forbidden'
  if (needsOrganisation && caller === 'mentor of no organisation') return 'forbidden'
  if (!isSeen) return 'outside'
  return access === 'changes' && caller === 'reader' ? 'forbidden' : 'granted'
}

/** A server with authentication on, and one session for each of the `owners`. */
export interface World {
  server: Server & { database: TestDatabase }
  authorization(caller: CallerName): string | undefined
  bearer(claims: object): string
  /** Returns a REST client with the caller's token. */
  rest(caller: CallerName): ReturnType<typeof client>
  /** Returns the data that GraphQL responds with to the caller. Throws if there is an error. */
  // biome-ignore lint/suspicious/noExplicitAny: each query has its own shape
  ask(caller: CallerName, query: string, variables?: object): Promise<any>
  /** Returns both interfaces with the caller's token. */
  apis(caller: CallerName): [rest: RestApi, graphql: GraphqlApi]
  found: Record<OwnerName, Found>
  /** Starts another session with the same mentor and organisation, a result and a share link. */
  fresh(owner: OwnerName): Promise<Found>
  /** Feed cursor before the first transition. */
  origin: string
  /** Stops the server, and starts another one on the same test database. Authentication is on by default. */
  restart(asksForTokens?: boolean): Promise<void>
}

/** Returns `send` with an Authorization header added to each request. */
export const sentBy =
  (authorization: string | undefined, sent: typeof send = send): typeof send =>
  (url, method, path, headers = {}, body) =>
    sent(url, method, path, authorization === undefined ? headers : { Authorization: authorization, ...headers }, body)

/** Creates a session with a result and a share link, and the objects that the enabled capabilities need. */
export async function createFound(
  server: Reachable,
  owner: Pick<Found, 'mentor_id' | 'organisation_id'>,
  config: Partial<Config> = capabilityConfig,
  sent: typeof send = send,
): Promise<Found> {
  const api = restApi(server, sent)
  const { session_id } = done(await api.start(owner)).session
  const calculated = done(await api.dispatch(session_id, 'CalculateRequested', inputsOf(10)))
  done(await api.dispatch(session_id, 'ShareRequested'))
  const { token } = done(await api.share(session_id)).share
  const found = { ...owner, session_id, result_id: String(calculated.session.result_id), token } as Found
  for (const { create, config: needed = {} } of capabilities) {
    const isOn = Object.keys(needed).every(name => config[name as keyof Config])
    if (create && isOn) Object.assign(found, await create(client(server, sent), found))
  }
  return found
}

/** Starts a server for a suite, with all capabilities on, and returns it with a client that sends an admin's token. */
export function servingAdmin(
  make: () => Promise<TestDatabase> = embeddedDatabase,
  sent: typeof send = send,
  options: Pick<ServerOptions, 'clock'> = {},
) {
  const issuer = issuing()
  const authorization = issuer.bearer(people.admin)
  const sentByAdmin = sentBy(authorization, sent)
  const server = serving(make, { ...options, config: { ...issuer.config, ...capabilityConfig } })
  return {
    server,
    authorization,
    rest: client(server, sentByAdmin),
    createFound: (owner: Pick<Found, 'mentor_id' | 'organisation_id'>) =>
      createFound(server, owner, capabilityConfig, sentByAdmin),
  }
}

export function accessWorld(make: () => Promise<TestDatabase>, options: ServerOptions = {}): World {
  const { config, bearer } = issuing()
  const stranger = signingKey('key')
  const server = serving(make, { ...options, config: { ...config, ...options.config } })
  const authorizations = Object.fromEntries(
    Object.entries(callers).map(([name, { claims }]) => [name, claims && bearer(claims)]),
  )
  const hour = Math.floor(Date.now() / 1_000) + 3_600
  const claims = { ...people.admin, iss: config.AUTH_ISSUER, aud: config.AUTH_AUDIENCE, exp: hour }
  authorizations['with a bad token' satisfies CallerName] = `Bearer ${signedToken(claims, stranger)}`
  const world: World = {
    server,
    bearer,
    authorization: caller => authorizations[caller],
    rest: caller => client(server, sentBy(authorizations[caller])),
    async ask(caller, query, variables = {}) {
      const { text } = await world.rest(caller).post('/graphql', JSON.stringify({ query, variables }))
      const { data, errors } = JSON.parse(text)
      if (errors) throw new Error(JSON.stringify(errors))
      return data
    },
    apis: caller => {
      const sent = sentBy(authorizations[caller])
      return [restApi(server, sent), graphqlApi(server, sent)]
    },
    found: {} as World['found'],
    fresh: owner => createFound(server, owners[owner], options.config, sentBy(authorizations.admin)),
    origin: '',
    async restart(asksForTokens = true) {
      await server.stop()
      const again = { ...options, config: { ...(asksForTokens && config), ...options.config } }
      Object.assign(server, await startServer(server.database, again))
    },
  }
  beforeAll(async () => {
    world.origin = JSON.parse((await world.rest('admin').get(feedPath)).text).next
    for (const owner of ownerNames) world.found[owner] = await world.fresh(owner)
  })
  return world
}
