import { type ClientOptions, SessionsClient } from '../../packages/client/src/index'
import { Instance } from '../support/instance'
import { embeddedDatabase } from '../support/stores'

const example = 'The URL must begin with http:// or https:// and a host, such as https://sessions.example.org.'

describe('the URL', () => {
  test('may end in slashes, and have the path of BASE_PATH', async () => {
    const database = await embeddedDatabase()
    const server = await Instance.start({ ...database.env, BASE_PATH: '/benefits/calculator' })
    const { origin } = new URL(server.url)
    const roots = [origin, `${origin}/`, `${origin}//`, origin.replace('http:', 'HTTP:')]
    const below = [`${origin}/benefits/calculator`, `${origin}/benefits/calculator/`]
    for (const url of [...roots, ...below]) expect(await new SessionsClient({ url }).countSessions()).toBe(0)
    await server.stop()
    await database.drop()
  })

  test.each([
    ['localhost:4000', example],
    ['//localhost:4000', example],
    ['ws://localhost:4000', example],
    ['http://', example],
    ['', example],
    ['http://localhost:4000/graphql', 'Leave out /graphql: pass "http://localhost:4000".'],
    ['http://localhost:4000/graphql/', 'Leave out /graphql: pass "http://localhost:4000".'],
    ['https://host/base/graphiql', 'Leave out /graphiql: pass "https://host/base".'],
    ['http://localhost:4000/api/v1', 'Leave out /api/v1: pass "http://localhost:4000".'],
    [
      'http://localhost:4000/api/v1/benefit-calculator-sessions',
      'Leave out /api/v1/benefit-calculator-sessions: pass "http://localhost:4000".',
    ],
    ['http://localhost:4000/?a=b', 'The URL must not have a query or a fragment.'],
    ['http://localhost:4000/#a', 'The URL must not have a query or a fragment.'],
    ['http://user:secret@localhost', 'The URL must not have a user or a password: pass a token in `token`.'],
  ])('%s is refused when the client is made', (url, reason) => {
    expect(() => new SessionsClient({ url })).toThrow(
      new TypeError(`The option \`url\` is ${JSON.stringify(url)}. ${reason}`),
    )
  })

  test('is required', () => {
    expect(() => new SessionsClient({} as ClientOptions)).toThrow(`The option \`url\` is undefined. ${example}`)
  })
})

describe('an option at the wrong place', () => {
  const client = new SessionsClient({ url: 'http://localhost:1' })
  const refused: [string, () => unknown, string][] = [
    [
      'a token of followSessions',
      // @ts-expect-error: the client has the token.
      () => client.followSessions({ token: 'secret' }),
      '`followSessions` has no option `token`. This option belongs to `new SessionsClient`.',
    ],
    [
      'a mentor of listSessions outside the filter',
      // @ts-expect-error: it belongs into `filter`.
      () => client.listSessions({ mentorId: 'mentor_001' }),
      '`listSessions` has no option `mentorId`. Put it into `filter`: { filter: { mentorId: … } }.',
    ],
    [
      'a mentor of followSessions outside the filter',
      // @ts-expect-error: it belongs into `filter`.
      () => client.followSessions({ mentorId: 'mentor_001' }),
      '`followSessions` has no option `mentorId`. Put it into `filter`: { filter: { mentorId: … } }.',
    ],
    [
      'an idempotency key in a new session',
      // @ts-expect-error: it belongs into the second argument.
      () => client.startSession({ mentorId: 'm', idempotencyKey: 'key' }),
      '`startSession(session)` has no option `idempotencyKey`. This option belongs to `startSession`, `calculate`, `dispatchEvent`, `reassign`, `share`, `revokeShare`.',
    ],
    [
      'an idempotency key of closeSession',
      // @ts-expect-error: a repeated close changes nothing.
      () => client.closeSession({ id: 'session_1', version: 1 }, { idempotencyKey: 'key' }),
      '`closeSession` has no option `idempotencyKey`. This option belongs to `startSession`, `calculate`, `dispatchEvent`, `reassign`, `share`, `revokeShare`.',
    ],
  ]

  test.each(refused)('%s is refused, and the message says where it belongs', async (_, call, message) => {
    // A promise rejects, everything else throws at once.
    await expect((async () => call())()).rejects.toThrow(new TypeError(message))
  })
})
