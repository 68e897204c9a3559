import { once } from 'node:events'
import { WebSocket } from 'ws'
import { base } from '../support/interfaces'
import { client, json } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { issuing, people } from '../support/tokens'
import { feedPath } from '../support/transports'
import { within } from '../support/until'

const { config, bearer } = issuing()
const server = serving(embeddedDatabase, { config })

/** What a client learns of a refusal: the status (or the close code of a WebSocket), and why. */
interface Refused {
  status: number
  why: string
}

type Fields = { Authorization?: string | string[] }
const body = JSON.stringify({ query: '{ sessions { totalCount } }' })
const asEvents = { Accept: 'text/event-stream' }

/** Returns the refusal of a WebSocket that sends its token with the upgrade, or as `connection_init` says. */
async function overWebSocket(headers: Fields, payload?: object): Promise<Refused> {
  const url = `${server.url.replace('http', 'ws')}/graphql`
  const socket = new WebSocket(url, 'graphql-transport-ws', { headers: headers as Record<string, string> })
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })))
  try {
    const [status, reason] = await within(20_000, 'the close', once(socket, 'close'))
    return { status, why: String(reason) }
  } finally {
    socket.terminate()
  }
}

/** Every way to send a token. */
const ways: Record<string, (headers: Fields) => Promise<Refused>> = {
  async 'a request of REST'(headers) {
    const { status, text } = await client(server).get(base, headers)
    return { status, why: JSON.parse(text).detail }
  },
  async 'an event stream of REST'(headers) {
    const { status, text } = await client(server).get(feedPath, { ...headers, ...asEvents })
    return { status, why: JSON.parse(text).detail }
  },
  async 'POST /graphql'(headers) {
    const { status, text } = await client(server).post('/graphql', body, { ...json, ...headers })
    return { status, why: JSON.parse(text).errors[0].message }
  },
  async 'POST /graphql/stream'(headers) {
    const { status, text } = await client(server).post('/graphql/stream', body, { ...json, ...headers, ...asEvents })
    return { status, why: JSON.parse(text).errors[0].message }
  },
  async 'the upgrade to a WebSocket'(headers) {
    const { status, why } = await overWebSocket(headers)
    return { status: status - 4_000, why }
  },
}

const admin = bearer(people.admin)
const several = 'The request must have exactly one `Authorization` header, with exactly one token.'
const unsigned = 'Not signed in: send a bearer token in `Authorization`.'
const mentor = { sub: 'm', mentor_id: 'mentor_1' }

const refusals: [what: string, authorization: string | string[] | undefined, status: number, why: string][] = [
  ['no token', undefined, 401, unsigned],
  ['another scheme', 'Basic dTpw', 401, unsigned],
  ['no token after the scheme', 'Bearer', 401, several],
  ['two tokens in one header', `${admin}, ${admin}`, 401, several],
  ['the same header twice', [admin, admin], 401, several],
  ['the headers of two tokens', [admin, bearer(people.reader)], 401, several],
  ['a header of another scheme first', ['Basic dTpw', admin], 401, several],
  ['a header of another scheme last', [admin, 'Basic dTpw'], 401, several],
  ['an empty header first', ['', admin], 401, several],
  ['an empty header last', [admin, ''], 401, several],
  ['two headers of another scheme', ['Basic dTpw', 'Basic dTpw'], 401, unsigned],
  ['a token that is none', 'Bearer a.b.c', 401, 'The token is not a signed JSON Web Token (JWT).'],
  ['an expired token', bearer({ ...people.admin, exp: 1 }), 401, 'The token has expired.'],
  ['an early token', bearer({ ...people.admin, nbf: 1e300 }), 401, 'The token is not valid yet.'],
  [
    'a token of another type',
    bearer(people.admin, { typ: 'logout+jwt' }),
    401,
    'The token is neither an access token nor an ID token: `typ` in its header must be JWT or at+jwt.',
  ],
  [
    'a token without a role',
    bearer(people.nobody),
    403,
    'The token has no role. `AUTH_ROLE_CLAIM` names the claim that must contain it.',
  ],
  [
    'an unknown role',
    bearer({ role: 'owner' }),
    403,
    "The token's role is unknown. Known roles: admin, coordinator, mentor, reader.",
  ],
  [
    'a role of another type',
    bearer({ ...mentor, role: { admin: true } }),
    403,
    "The token's role claim is neither a string nor a list of strings. Check the issuer, and `AUTH_ROLE_CLAIM`.",
  ],
  [
    'an organisation of another type',
    bearer({ ...mentor, organisation_id: ['org_1'] }),
    403,
    "The token's organisation claim is not a string. Check the issuer, and `AUTH_ORGANISATION_CLAIM`.",
  ],
  [
    'a mentor of another type',
    bearer({ ...people.coordinator, mentor_id: 7 }),
    403,
    "The token's mentor claim is not a string. Check the issuer, and `AUTH_MENTOR_CLAIM`.",
  ],
]

describe.each(Object.entries(ways))('%s', (_, ask) => {
  test.each(refusals)('with %s says why it is refused', async (_, authorization, status, why) => {
    const headers = authorization === undefined ? {} : { Authorization: authorization }
    expect(await ask(headers)).toEqual({ status, why })
  })
})

test('a WebSocket that sends its token in connection_init is closed with the same reasons', async () => {
  for (const [, authorization, status, why] of refusals) {
    if (Array.isArray(authorization)) continue
    expect(await overWebSocket({}, { authorization })).toEqual({ status: 4_000 + status, why })
  }
})

test('the challenge of several Authorization headers is invalid_request', async () => {
  const { headers } = await client(server).get(base, { Authorization: [admin, admin] })
  expect(headers['www-authenticate']).toBe(`Bearer error="invalid_request", error_description="${several}"`)
})

describe('without authentication', () => {
  const open = serving(embeddedDatabase)

  test('the server ignores Authorization headers', async () => {
    expect((await client(open).get(base, { Authorization: ['Basic dTpw', 'Bearer x'] })).status).toBe(200)
  })
})
