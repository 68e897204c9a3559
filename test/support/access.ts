import { inputsOf } from './inputs'
import { type Door, done, graphqlDoor, restDoor } from './interfaces'
import { send } from './raw'
import { client } from './rest'
import { type Means, type Server, serving, startServer } from './server'
import type { TestDatabase } from './stores'
import { issuing, people, signedToken, signingKey } from './tokens'
import { feedPath } from './transports'

/** Mentor and organisation of each test session. */
export const places = {
  a: { mentor_id: 'mentor_1', organisation_id: 'org_1' },
  b: { mentor_id: 'mentor_2', organisation_id: 'org_1' },
  c: { mentor_id: 'mentor_1', organisation_id: 'org_2' },
  d: { mentor_id: 'mentor_2', organisation_id: 'org_2' },
} as const
export type PlaceName = keyof typeof places
export const placeNames = Object.keys(places) as PlaceName[]

/** Test callers: the claims of the token, and the keys of the `places` in the caller's scope. */
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

/** Expected outcome of each caller, for a session inside and outside its scope. */
export type Gets = Record<CallerName, [inside: string, outside: string]>

export const twice = (outcome: string): [string, string] => [outcome, outcome]

/** Expects the same outcome for every caller. */
export const allGet = (outcome: string): Gets =>
  Object.fromEntries(callerNames.map(name => [name, twice(outcome)])) as Gets

/**
 * Returns a function that builds a row of expectations. All callers with a role get `inside` within their scope and
 * `outside` beyond it, and readers get `ofReader`. Callers without a role get `forbidden`, and callers without a valid
 * token get `unauthenticated`.
 */
export const rowsTelling =
  (forbidden: string, unauthenticated: string) =>
  (inside: string, outside: string, ofReader: [string, string] = [inside, outside]): Gets => ({
    admin: [inside, 'there is nothing outside'],
    coordinator: [inside, outside],
    mentor: [inside, outside],
    'mentor of no organisation': [inside, outside],
    reader: ofReader,
    'without a role': twice(forbidden),
    'of an unknown role': twice(forbidden),
    'without a token': twice(unauthenticated),
    'with a bad token': twice(unauthenticated),
  })

export const sees = (caller: CallerName, place: PlaceName): boolean => (callers[caller].sees as string).includes(place)

/** A session of one of the `places`, with a result and a share link. */
export interface Found {
  mentor_id: string
  organisation_id: string
  session_id: string
  result_id: string
  token: string
  /** A webhook endpoint of the organisation; empty if webhooks are off. */
  endpoint_id: string
  /** A report about the organisation, and its token. */
  report_id: string
  report_token: string
}

/** A server with authentication on, and one session for each of the `places`. */
export interface World {
  server: Server & { place: TestDatabase }
  /** Returns the Authorization header of a caller. */
  authorization(caller: CallerName): string | undefined
  bearer(claims: object): string
  /** Returns a REST client with the caller's token. */
  rest(caller: CallerName): ReturnType<typeof client>
  /** Returns both interfaces with the caller's token. */
  doors(caller: CallerName): [rest: Door, graphql: Door]
  found: Record<PlaceName, Found>
  /** Starts another session with the same mentor and organisation, with a result and a share link. */
  fresh(place: PlaceName): Promise<Found>
  /** Creates a webhook endpoint of its organisation, and returns its id. */
  endpoint(place: PlaceName): Promise<string>
  /** Cursor of the feed before the first transition. */
  origin: string
  /** Stops the server, and starts another on the same test database. Authentication is on by default. */
  restart(asksForTokens?: boolean): Promise<void>
}

/** Returns `send` with an Authorization header added to each request. */
export const sentBy =
  (authorization: string | undefined): typeof send =>
  (url, method, path, headers = {}, body) =>
    send(url, method, path, authorization === undefined ? headers : { Authorization: authorization, ...headers }, body)

export function accessWorld(make: () => Promise<TestDatabase>, means: Means = {}): World {
  const { config, bearer } = issuing()
  const stranger = signingKey('key')
  const server = serving(make, { ...means, config: { ...config, ...means.config } })
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
    doors: caller => {
      const sent = sentBy(authorizations[caller])
      return [restDoor(server, sent), graphqlDoor(server, sent)]
    },
    found: {} as World['found'],
    async fresh(place) {
      const [door] = world.doors('admin')
      const { session } = done(await door.start(places[place]))
      const { session_id } = session
      const calculated = done(await door.dispatch(session_id, 'CalculateRequested', inputsOf(10)))
      done(await door.dispatch(session_id, 'ShareRequested'))
      const { token } = done(await door.share(session_id)).share
      const endpoint_id = means.config?.WEBHOOKS ? await world.endpoint(place) : ''
      const result_id = String(calculated.session.result_id)
      const { organisation_id } = places[place]
      const { report } = done(
        await door.shareReport({ title: 'Report', organisation_id, from: '2026-01', to: '2026-12' }),
      )
      const { report_id, token: report_token } = report
      return { ...places[place], session_id, result_id, token, endpoint_id, report_id, report_token }
    },
    async endpoint(place) {
      const { organisation_id } = places[place]
      const body = JSON.stringify({ url: 'https://receiver.invalid/', organisation_id })
      return JSON.parse((await world.rest('admin').post('/api/v1/webhook-endpoints', body)).text).endpoint_id
    },
    origin: '',
    async restart(asksForTokens = true) {
      await server.stop()
      const again = { ...means, config: { ...(asksForTokens && config), ...means.config } }
      Object.assign(server, await startServer(server.place, again))
    },
  }
  beforeAll(async () => {
    world.origin = JSON.parse((await world.rest('admin').get(feedPath)).text).next
    for (const place of placeNames) world.found[place] = await world.fresh(place)
  })
  return world
}
