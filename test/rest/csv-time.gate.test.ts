import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CallerAccess } from '../../src/access/caller-access'
import { sendCsv } from '../../src/rest/csv'
import type { ExportedSession } from '../../src/sessions/session-queries'
import { base } from '../support/interfaces'
import { multiply } from '../support/many'
import { head, RawClient } from '../support/raw'
import { startServer } from '../support/server'
import { calculation, starting, stored } from '../support/sessions'
import { overStores } from '../support/stores'
import { within } from '../support/until'

/** Ids of the maximum length, for a file larger than the network buffers. */
const long = '☕'.repeat(200)
const stopSeconds = 2
/** Time in ms that the process itself may need on a busy machine. */
const graceMs = 8_000
const lastChunk = '\r\n0\r\n\r\n'

/** Returns everything received until the connection ended. A client that read too slowly gets no proper end. */
const textOf = (client: RawClient): Promise<string> => client.whole.catch(() => client.text)

describe('a file that takes too long', () => {
  let server: HttpServer
  afterEach(() => server.close())

  /**
   * Starts a server that answers with an endless file of at most `ms`. Also returns the outcome of the first response.
   */
  async function endless(
    ms: number,
    access?: CallerAccess,
  ): Promise<{ url: string; outcome: Promise<unknown>; ended: () => boolean }> {
    const { session } = starting()
    let ended = false
    async function* read(): AsyncGenerator<ExportedSession[]> {
      try {
        for (;;) {
          yield Array(100).fill(session)
          await new Promise(resolve => setImmediate(resolve))
        }
      } finally {
        ended = true
      }
    }
    const outcome = new Promise<unknown>(resolve => {
      server = createServer((_request, response) => {
        sendCsv(response, { name: 'sessions.csv', read, access, ms }).then(resolve, resolve)
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, outcome, ended: () => ended }
  }

  test.each([
    ['reads all', false, 'identity'],
    ['reads nothing', true, 'identity'],
    ['reads all, compressed', false, 'gzip'],
    ['reads nothing, compressed', true, 'br'],
  ])('is cut if its client %s, and is logged as unavailable', async (_what, isPaused, encoding) => {
    const { url, outcome, ended } = await endless(50)
    const client = await RawClient.connect(url)
    client.send(head('GET /', `Accept-Encoding: ${encoding}`))
    await client.until('200 OK')
    if (isPaused) client.socket.pause()
    const cause = new Error('the CSV file took longer than 50 ms')
    expect(await within(60_000, 'the end', outcome)).toMatchObject({ code: 'unavailable', cause })
    expect(ended()).toBe(true)
    client.socket.resume()
    expect((await textOf(client)).includes(lastChunk)).toBe(false)
  })

  const expiringSoon = () => new CallerAccess(Date.now() + 300, 'expired')
  const revokedSoon = () => {
    const access = new CallerAccess(undefined, 'expired')
    setTimeout(() => access.revoke(), 300)
    return access
  }

  test.each([
    ['the token of its caller ends', false, expiringSoon],
    ['the token of its caller ends, and it is not read', true, expiringSoon],
    ['the service key of its caller is revoked', false, revokedSoon],
    ['the service key of its caller is revoked, and it is not read', true, revokedSoon],
  ] satisfies [string, boolean, () => CallerAccess][])('is cut when %s', async (_, isPaused, access) => {
    const { url, outcome, ended } = await endless(60_000, access())
    const client = await RawClient.connect(url)
    client.send(head('GET /'))
    await client.until('200 OK')
    if (isPaused) client.socket.pause()
    expect(await within(60_000, 'the end', outcome)).toMatchObject({ code: 'unauthenticated' })
    expect(ended()).toBe(true)
    client.socket.resume()
    expect((await textOf(client)).includes(lastChunk)).toBe(false)
  })

  test.each(['identity', 'gzip'])('is not an error if its client disconnects first: %s', async encoding => {
    const { url, outcome, ended } = await endless(60_000)
    const client = await RawClient.connect(url)
    client.send(head('GET /', `Accept-Encoding: ${encoding}`))
    await client.until('200 OK')
    client.socket.destroy()
    expect(await within(60_000, 'the end', outcome)).toBeUndefined()
    expect(ended()).toBe(true)
  })
})

overStores(kind => {
  test('a stop cuts a stalled file within the shutdown time', async () => {
    const database = await kind.newDatabase()
    const server = await startServer(database, { config: { SHUTDOWN_SECONDS: stopSeconds } })
    const one = await stored(server.store, { mentor_id: long, organisation_id: long }, [calculation(1)])
    await multiply(server.store, one, 20_000)
    const client = await RawClient.connect(server.url)
    client.send(head(`GET ${base}?format=csv`))
    await client.until('200 OK')
    client.socket.pause()
    const began = performance.now()
    await server.stop()
    expect(performance.now() - began).toBeLessThan(1_000 * stopSeconds + graceMs)
    client.socket.resume()
    expect((await textOf(client)).includes(lastChunk)).toBe(false)
    const said = server.log.filter(({ level, msg }) => level === 'error' || msg === 'request')
    expect(said).toMatchObject([{ msg: 'request', status: 200, aborted: true }])
    await database.drop()
  })
})
