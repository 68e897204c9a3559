import { probe } from '../../src/concurrency/probe'
import { samplesOf, scraped } from '../support/metrics'
import { head, RawClient, send } from '../support/raw'
import { client } from '../support/rest'
import { serving, startServer } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'

const metered = { config: { METRICS_PORT: 0 } }

describe('the metrics port', () => {
  const server = serving(embeddedDatabase, metered)
  const url = () => new URL(String(server.metricsUrl)).origin

  test('serves the metrics in the text format of Prometheus, for GET and HEAD', async () => {
    const { status, headers, text } = await send(url(), 'GET', '/metrics')
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    expect(samplesOf(text).length).toBeGreaterThan(100)
    expect(await send(url(), 'HEAD', '/metrics')).toMatchObject({ status: 200, text: '' })
  })

  test('serves nothing else', async () => {
    for (const path of ['/', '/metrics/', '/healthz', '/api/v1/benefit-calculator-sessions']) {
      expect(await send(url(), 'GET', path)).toMatchObject({ status: 404, text: '' })
    }
    expect(await send(url(), 'POST', '/metrics')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
    expect(await client(server).get('/metrics')).toMatchObject({ status: 404 })
  })

  test('collects one scrape after another, however many are concurrent', async () => {
    let [looks, now, most] = [0, 0, 0]
    const { store } = server
    const ping = store.ping.bind(store)
    store.ping = async () => {
      looks++
      most = Math.max(most, ++now)
      await ping()
      now--
    }
    await Promise.all(Array.from({ length: 20 }, () => scraped(server)))
    expect(looks).toBeGreaterThan(0)
    expect(most).toBe(1)
    store.ping = ping
  })
})

test('a stalled scraper does not delay a stop', async () => {
  const database = await embeddedDatabase()
  const server = await startServer(database, metered)
  const asleep = await RawClient.connect(String(server.metricsUrl), { readableHighWaterMark: 1 })
  asleep.socket.pause()
  for (let i = 0; i < 500; i++) asleep.send(head('GET /metrics'))
  await until(async () => asleep.socket.bytesWritten > 1_000, 60_000, 'the requests')
  const began = performance.now()
  await server.stop()
  expect(performance.now() - began).toBeLessThan(11_000)
  await expect(RawClient.connect(String(server.metricsUrl))).rejects.toThrow('ECONNREFUSED')
  asleep.socket.destroy()
  await database.drop()
})

test('without a metrics port nothing is measured, and no port is open', async () => {
  const database = await embeddedDatabase()
  const server = await startServer(database)
  expect(server.metricsUrl).toBeUndefined()
  expect(probe).toBeUndefined()
  await server.stop()
  await database.drop()
})
