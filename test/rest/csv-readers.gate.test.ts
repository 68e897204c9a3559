import type { Store } from '../../src/db/store'
import { unavailable } from '../../src/domain/errors'
import { exportsOfPrincipal } from '../../src/sessions/session-queries'
import { exportsHeld } from '../support/exports'
import { intercepting } from '../support/intercepting'
import { base } from '../support/interfaces'
import { multiply } from '../support/many'
import { head, RawClient } from '../support/raw'
import { client, problem } from '../support/rest'
import { linesOf, serving } from '../support/server'
import { calculation, stored } from '../support/sessions'
import { overStores } from '../support/stores'
import { until } from '../support/until'

/** A file of about 25 MB, more than the network buffers: few rows, with ids of the maximum length. */
const count = 20_000
const long = '☕'.repeat(200)
const file = `${base}?format=csv`
const lastChunk = '\r\n0\r\n\r\n'

overStores(({ newDatabase }) => {
  /** Number of sessions that the server has read from its store for files. */
  let taken = 0
  /** If set, the export throws this error after this many sessions. */
  let fails: { after: number; error: Error } | undefined
  const server = serving(newDatabase, {
    store: opened =>
      intercepting<Store>(opened, {
        async *export(...asked) {
          for await (const batch of opened.export(...asked)) {
            taken += batch.length
            if (fails && taken > fails.after) throw fails.error
            yield batch
          }
        },
      }),
  })
  const { get } = client(server)

  beforeAll(async () => {
    const one = await stored(server.store, { mentor_id: long, organisation_id: long }, [calculation(1)])
    await multiply(server.store, one, count - 1)
    await stored(server.store, { mentor_id: 'few' })
  })
  beforeEach(() => {
    taken = 0
    fails = undefined
  })
  afterEach(() => until(async () => (await exportsHeld(server.store)) === 0, 60_000, 'the end of every export'))

  /** Connects a client that requests a file and reads only the head of the response. */
  async function asked(): Promise<RawClient> {
    const client = await RawClient.connect(server.url)
    client.send(head(`GET ${file}`, 'Connection: close'))
    await client.until('\r\n\r\n')
    client.socket.pause()
    return client
  }

  /** Waits until the server stops reading from the store. */
  async function stands(): Promise<number> {
    let [before, same] = [-1, 0]
    const isStill = (): boolean => {
      same = taken === before && taken > 0 ? same + 1 : 0
      before = taken
      return same === 20
    }
    await until(isStill, 60_000, 'a standstill')
    return taken
  }

  test('a stopped reader resumes where it was and gets each session once, and the server reads no further meanwhile', async () => {
    const client = await asked()
    const held = await stands()
    expect(held).toBeLessThan(count * 0.75)
    expect((await get('/healthz')).status).toBe(200)
    client.socket.resume()
    const text = await client.whole
    expect(text.endsWith(lastChunk)).toBe(true)
    const ids = text.match(/^(?:copy_|[0-9a-f]{8}-)[\w-]*(?=,)/gm)
    expect(new Set(ids).size).toBe(count + 1)
  })

  test('other requests are answered while files are sent at full speed', async () => {
    const files = [get(file), get(file)]
    let over = false
    const ended = Promise.all(files).finally(() => {
      over = true
    })
    const times: number[] = []
    const begun = performance.now()
    while (!over) {
      const began = performance.now()
      expect((await get(times.length % 2 ? '/healthz' : `${base}/copy_7`)).status).toBe(200)
      times.push(performance.now() - began)
    }
    const took = performance.now() - begun
    for (const { text } of await ended) expect(text.split('\r\n')).toHaveLength(count + 3)
    expect(times.length).toBeGreaterThan(20)
    expect(times.sort((a, b) => a - b)[times.length >> 1]).toBeLessThan(took / 20)
  })

  test('a bounded number of files is sent at once, one more is refused, and a disconnect frees a slot', async () => {
    const clients = await Promise.all(Array.from({ length: exportsOfPrincipal }, () => asked()))
    const refused = await get(file)
    expect(problem(refused)).toMatchObject({ status: 503, code: 'unavailable' })
    expect(refused.headers).toMatchObject({ 'retry-after': '2', 'content-type': 'application/problem+json' })
    expect((await get(`${base}?mentor_id=few`)).status).toBe(200)
    await stands()
    for (const one of clients) {
      one.socket.destroy()
      await until(async () => (await get(`${file}&mentor_id=few`)).status === 200, 60_000, 'room')
    }
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([])
  })

  test.each([
    ['1.1', 'a defect', new Error('a defect'), { level: 'error', msg: 'internal error' }],
    ['1.1', 'a store out of reach', unavailable(new Error('gone')), { level: 'warn', msg: 'unavailable' }],
    ['1.0', 'a store out of reach', unavailable(new Error('gone')), { level: 'warn', msg: 'unavailable' }],
  ])('a file over HTTP/%s that fails through %s is cut, and logged once', async (version, what, error, line) => {
    fails = { after: 5_000, error }
    const id = `${version} ${what}`.replaceAll(' ', '-')
    const client = await RawClient.connect(server.url)
    client.send(head(`GET ${file}`, `X-Request-Id: ${id}`).replace('HTTP/1.1', `HTTP/${version}`))
    await expect(client.whole).rejects.toThrow()
    expect(client.text).toContain('200 OK')
    expect(client.text).not.toContain(lastChunk)
    const lines = await linesOf(server, id, 2)
    expect(lines).toMatchObject([line, { msg: 'request', aborted: true }])
  })

  test('a store failure before the first row is a problem document', async () => {
    fails = { after: 0, error: unavailable(new Error('gone')) }
    const answer = await get(file)
    expect(problem(answer).code).toBe('unavailable')
    expect(answer.headers).not.toHaveProperty('content-disposition')
  })
})
