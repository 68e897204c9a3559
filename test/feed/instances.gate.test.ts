import { once } from 'node:events'
import { Instance } from '../support/instance'
import { Load } from '../support/load'
import { Peer } from '../support/peer'
import { describeMongo, embeddedDatabase, mongoDatabase, type TestDatabase } from '../support/stores'
import { feedPath } from '../support/transports'

let database: TestDatabase
let load: Load | undefined
let instances: Instance[] = []

async function start(): Promise<Instance> {
  const instance = await Instance.start(database.env)
  instances.push(instance)
  return instance
}

const leave = (gone: Instance): void => {
  instances = instances.filter(instance => instance !== gone)
}

afterEach(async () => {
  await load?.stop()
  await Promise.all(instances.map(instance => instance.kill()))
  instances = []
  await database.drop()
})

describeMongo('two processes on one replica set', () => {
  beforeEach(async () => {
    database = await mongoDatabase()
    await Promise.all([start(), start()])
    load = await Load.start(() => instances.map(({ url }) => url), { count: 10, pauseMs: 20 })
    await load.written(150)
  })

  test('subscribers of both processes see every write, and when one process is killed its clients continue on the other without loss', async () => {
    const [first] = instances as [Instance]
    leave(first)
    await first.kill()
    await load?.written(200)
    expect(await load?.verdict('an instance killed')).toEqual([])
  })

  test('when one process is stopped, its clients continue on the other without loss, and it exits cleanly', async () => {
    const [first] = instances as [Instance]
    leave(first)
    expect(await first.stop()).toBe(0)
    await load?.written(200)
    expect(await load?.verdict('an instance drained')).toEqual([])
  })
})

test('a stopping process closes its streams as each protocol defines, spread over a few seconds', async () => {
  database = await embeddedDatabase()
  const { url } = await start()
  const peers = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const peer = await Peer.connect(url)
      peer.send({ type: 'connection_init' })
      return peer
    }),
  )
  const goodbyes = peers.map(async ({ socket }) => {
    const [code] = await once(socket, 'close')
    return { code: code as number, at: performance.now() }
  })
  const paths = [feedPath, `/graphql/stream?query=${encodeURIComponent('subscription { feed { __typename } }')}`]
  const streams = await Promise.all(paths.map(path => fetch(url + path, { headers: { Accept: 'text/event-stream' } })))
  const texts = streams.map(stream => stream.text())
  const [instance] = instances as [Instance]
  leave(instance)
  const begin = performance.now()
  expect(await instance.stop()).toBe(0)
  const closed = await Promise.all(goodbyes)
  expect(new Set(closed.map(({ code }) => code))).toEqual(new Set([1012]))
  const times = closed.map(({ at }) => at)
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(500)
  for (const text of await Promise.all(texts)) {
    expect(text).toMatch(/^retry: \d+\n/)
    expect(text).not.toContain('complete')
  }
  expect(performance.now() - begin).toBeLessThan(8_000)
})

test('when the process over the embedded store is killed under load and restarted, its clients continue without loss', async () => {
  database = await embeddedDatabase()
  let url = (await start()).url
  load = await Load.start(() => [url], { count: 10, pauseMs: 20 })
  for (let times = 0; times < 3; times++) {
    await load.written(100)
    const [running] = instances as [Instance]
    leave(running)
    await running.kill()
    url = (await start()).url
  }
  await load.written(100)
  expect(await load.verdict('the embedded store killed three times')).toEqual([])
})
