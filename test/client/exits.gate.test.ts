import { SessionsClient } from '../../packages/client/src/index'
import { ClientProgram, printCode } from '../support/client-program'
import { Relay } from '../support/relay'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { issuing } from '../support/tokens'
import { until } from '../support/until'

const waitMs = 30_000

describe('a Node.js process ends by itself', () => {
  const server = serving(embeddedDatabase)
  const issuer = issuing()
  const guarded = serving(embeddedDatabase, { config: issuer.config })
  let relay: Relay
  let client: SessionsClient
  beforeAll(async () => {
    relay = await Relay.before(server.url)
    client = new SessionsClient({ url: server.url })
  })
  afterAll(() => relay.stop())

  /** Ends all connections. New ones work. */
  function interrupt(): void {
    relay.cut()
    relay.mend()
  }

  test.each([
    ['one session that does not exist', "followSession('session_none')", 'SESSION_NOT_FOUND'],
    ['sessions with an invalid filter', "followSessions({ filter: { mentorId: '' } })", 'VALIDATION_FAILED'],
  ])('when the server refuses to follow %s', async (_, call, code) => {
    const program = new ClientProgram(server.url, `try { for await (const _ of client.${call}); } ${printCode}`)
    expect(await program.linesAtEnd()).toEqual([code])
  })

  test('when the server does not know its caller', async () => {
    const program = new ClientProgram(
      guarded.url,
      `try { for await (const _ of client.followSessions()); } ${printCode}`,
    )
    expect(await program.linesAtEnd()).toEqual(['UNAUTHENTICATED'])
  })

  test('when the session that it follows is closed, also after the connection was lost', async () => {
    const { session } = await client.startSession({ mentorId: 'm' })
    const program = new ClientProgram(
      relay.url,
      `client.onConnectionChange(isConnected => console.log(isConnected))
      for await (const { type } of client.followSession('${session.id}')) console.log(type)`,
    )
    await program.printed('true')
    interrupt()
    await until(() => program.lines.filter(line => line === 'true').length === 2, waitMs, 'another connection')
    await client.closeSession(session)
    expect((await program.linesAtEnd()).at(-1)).toBe('closed')
  })

  test('when it leaves the loop, also after the connection was lost', async () => {
    const program = new ClientProgram(
      relay.url,
      `let count = 0
      client.onConnectionChange(isConnected => console.log(isConnected))
      for await (const { type } of client.followSessions({ filter: { mentorId: 'left' } })) {
        console.log(type)
        if (type === 'changed' && ++count === 2) break
      }`,
    )
    await program.printed('synced')
    await client.startSession({ mentorId: 'left' })
    await program.printed('changed')
    interrupt()
    await client.startSession({ mentorId: 'left' })
    expect((await program.linesAtEnd()).filter(line => line === 'changed')).toHaveLength(2)
  })

  test('when it closes the client, although the server is unreachable', async () => {
    const program = new ClientProgram(
      relay.url,
      `client.onConnectionChange(isConnected => isConnected || client.close())
      for await (const { type } of client.followSessions({ filter: { mentorId: 'none' } })) console.log(type)
      console.log('over')`,
    )
    await program.printed('synced')
    relay.cut()
    expect((await program.linesAtEnd()).at(-1)).toBe('over')
    relay.mend()
  })
})
