import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { SessionsClient } from '../../packages/client/src/index'
import { Relay } from '../support/relay'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { issuing } from '../support/tokens'
import { until, within } from '../support/until'

const entry = pathToFileURL(join(__dirname, '../../../packages/client/dist/esm/index.js'))
const waitMs = 30_000

/** A process that runs a program with the package, and prints lines. */
class Program {
  readonly lines: string[] = []
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess

  constructor(url: string, body: string) {
    const head = `import { SessionsClient } from ${JSON.stringify(entry.href)}
      const client = new SessionsClient({ url: ${JSON.stringify(url)} })`
    const program = ['--input-type=module', '--eval', `${head}\n${body}`]
    this.#child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] })
    createInterface(this.#child.stdout as NodeJS.ReadableStream).on('line', line => this.lines.push(line))
    this.ended = new Promise(resolve => this.#child.once('close', resolve))
  }

  /** Waits until it prints a line. */
  printed(line: string): Promise<void> {
    return until(
      () => this.lines.includes(line),
      waitMs,
      () => `${line}, not ${this.lines}`,
    )
  }

  /** Waits until it ends by itself, and returns its lines. */
  async linesAtEnd(): Promise<string[]> {
    try {
      expect(await within(waitMs, `the end, after ${this.lines}`, this.ended)).toBe(0)
      return this.lines
    } finally {
      this.#child.kill('SIGKILL')
    }
  }
}

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

  const printCode = 'catch (error) { console.log(error.code) }'

  test.each([
    ['one session that does not exist', "followSession('session_none')", 'SESSION_NOT_FOUND'],
    ['sessions with an invalid filter', "followSessions({ filter: { mentorId: '' } })", 'VALIDATION_FAILED'],
    ['a summary with an unknown filter', 'followSummary({ filter: { nothing: 1 } })', 'BAD_USER_INPUT'],
  ])('when the server refuses to follow %s', async (_, call, code) => {
    const program = new Program(server.url, `try { for await (const _ of client.${call}); } ${printCode}`)
    expect(await program.linesAtEnd()).toEqual([code])
  })

  test('when the server does not know its caller', async () => {
    const program = new Program(guarded.url, `try { for await (const _ of client.followSummary()); } ${printCode}`)
    expect(await program.linesAtEnd()).toEqual(['UNAUTHENTICATED'])
  })

  test('when the session that it follows is closed, also after the connection was lost', async () => {
    const { session } = await client.startSession({ mentorId: 'm' })
    const program = new Program(
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
    const program = new Program(
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
    const program = new Program(
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
