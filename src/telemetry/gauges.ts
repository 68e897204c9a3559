import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Gauge, type Registry } from '@prometheus-io/client'
import { waitsByPlace } from '../concurrency/waits'
import type { Store } from '../db/store'
import { restingStates } from '../domain/session'
import type { Feed } from '../feed/feed'
import type { Sessions } from '../sessions/sessions'
import type { Totals } from '../totals/totals'

/** The objects from which the gauges are read. */
export interface GaugeSources {
  store: Pick<Store, 'ping'>
  sessions: Pick<Sessions, 'changes'>
  feed: Pick<Feed, 'readers'>
  totals: Pick<Totals, 'status'>
  server: { connections: number }
  webSocket: { connections: number }
  /** Time of the latest commit in ms, or 0 if there was none. */
  latestCommit(): number
  /** Path of the embedded store's file; undefined with another store. */
  dataFile: string | undefined
}

const totalsStates = ['kept', 'filling', 'given_up'] as const

/** Registers the gauges. They are read at each scrape, and cost nothing at any other time. */
export function addGauges(registry: Registry, seen: GaugeSources): void {
  const { store, sessions, feed, totals, server, webSocket, dataFile } = seen
  const gauge = (name: string, help: string, read: () => number | Promise<number>): Gauge =>
    new Gauge({
      name: `benefit_sessions_${name}`,
      help,
      registers: [registry],
      async collect() {
        this.set(await read())
      },
    })
  const gauges = (name: string, help: string, label: string, read: () => Record<string, number>): Gauge<string> =>
    new Gauge({
      name: `benefit_sessions_${name}`,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset()
        for (const [value, count] of Object.entries(read())) this.set({ [label]: value }, count)
      },
    })

  gauge('ready', 'Whether the store is available.', () =>
    store.ping().then(
      () => 1,
      () => 0,
    ),
  )
  gauges('connections', 'Open connections, by protocol.', 'protocol', () => ({
    http: server.connections - webSocket.connections,
    websocket: webSocket.connections,
  }))
  gauge(
    'changes_under_way',
    'Changes that are running, or waiting for another change of the same session.',
    () => sessions.changes,
  )
  gauges('waiting', 'Requests and subscribers that wait now, by place.', 'place', waitsByPlace)
  gauges('feed_readers', 'Subscribers of the feed, by state.', 'state', () => feed.readers)
  gauge(
    'feed_latest_commit_timestamp_seconds',
    'Time of the latest commit that this process received from the log.',
    () => seen.latestCommit() / 1_000,
  )
  gauges(
    'totals_state',
    'State of the totals: kept in memory, being filled, or given up because they exceed the memory limit.',
    'state',
    () => Object.fromEntries(totalsStates.map(state => [state, totals.status.state === state ? 1 : 0])),
  )
  gauge(
    'totals_lag_seconds',
    'Age of the oldest write of this process that the log has not reported yet.',
    () => totals.status.lagMs / 1_000,
  )
  gauges('sessions', 'Sessions by state. Missing while the totals are not kept in memory.', 'state', () => {
    const { sessions } = totals.status
    return sessions ? Object.fromEntries(restingStates.map(state => [state, sessions[state]])) : {}
  })
  if (dataFile === undefined) return
  gauge('data_free_bytes', 'Free disk space of the data file.', async () => {
    const found = await statfs(dirname(dataFile)).catch(() => undefined)
    return found ? found.bavail * found.bsize : Number.NaN
  })
}
