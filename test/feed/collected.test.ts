import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { Feed } from '../../src/feed/feed'
import { Admission } from '../../src/graphql-server/admission'
import { ExecutionQueue } from '../../src/graphql-server/execution-queue'
import { GraphqlHttp } from '../../src/graphql-server/http'
import { StreamedResponses } from '../../src/graphql-server/streamed-responses'
import { Subscriptions } from '../../src/graphql-server/subscriptions'
import { EventStreams } from '../../src/http/event-stream'
import { HttpServer } from '../../src/http/server'
import { restHandler } from '../../src/rest/routes'
import { ViewCounter } from '../../src/sessions/view-counter'
import { callersOf } from '../../src/use-cases'
import { schema } from '../support/described'
import { collected } from '../support/gc'
import { intercepting } from '../support/intercepting'
import { head, RawClient } from '../support/raw'
import { quiet, sessionsOver, stored } from '../support/sessions'
import { embeddedDatabase } from '../support/stores'
import { feedPath } from '../support/transports'
import { until } from '../support/until'

const readers = 20
const commits = 200

/** Returns a feed with a tiny ring, over a store that holds up reads of history until the test opens the gate. */
async function behindTheRing() {
  const database = await embeddedDatabase()
  const opened = await database.open()
  let open = (): void => {}
  const gate = new Promise<void>(resolve => {
    open = resolve
  })
  const store = intercepting(opened, {
    log: {
      async history(...which) {
        await gate
        return opened.log.history(...which)
      },
    },
  })
  const feed = new Feed(store, quiet, 4)
  await store.log.follow(feed)
  const { next } = await feed.page({ limit: 1 })
  for (let n = 0; n < commits; n++) await stored(store)
  return { database, store, feed, first: next, open }
}

const subscription = encodeURIComponent('subscription ($a: String) { feed(after: $a) { __typename } }')

test.each([
  ['REST', (after: string) => `${feedPath}?after=${after}`],
  ['GraphQL', (after: string) => `/graphql/stream?query=${subscription}&variables={"a":"${after}"}`],
])('a reader that is catching up is garbage-collected after its client disconnects: %s', async (api, path) => {
  const { database, store, feed, first, open } = await behindTheRing()
  const sinks: WeakRef<object>[] = []
  let detached = 0
  const subscribe = feed.subscribe.bind(feed)
  feed.subscribe = request => {
    const source = subscribe(request)
    const attach = source.attach.bind(source)
    source.attach = sink => {
      sinks.push(new WeakRef(sink.take))
      const detach = attach(sink)
      return () => {
        detach()
        detached++
      }
    }
    return source
  }
  const sessions = sessionsOver(store)
  const admission = new Admission(schema)
  const executions = new ExecutionQueue()
  const callers = callersOf({ sessions, feed, viewCounter: new ViewCounter(async () => {}, quiet), added: [] })
  const subscriptions = new Subscriptions(executions, callers, quiet)
  const eventStreams = new EventStreams(readers, () => '')
  const streams = new StreamedResponses({ admission, subscriptions, eventStreams, log: quiet })
  const graphql = await GraphqlHttp.start({ admission, executions, streams, callers, admit: () => {}, log: quiet })
  const answer: RequestListener =
    api === 'REST'
      ? restHandler({ callers, eventStreams, admit: () => {}, log: quiet, trustedProxies: 0 })
      : (request, response) => graphql.serveStream(request, response)
  const server = new HttpServer({ answer, upgrade: (_request, socket) => socket.destroy(), log: quiet })
  const url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`
  for (let n = 0; n < readers; n++) {
    const client = await RawClient.connect(url)
    client.send(head(`GET ${path(first)}`, 'Accept: text/event-stream'))
    await client.until('200 OK')
    client.socket.resetAndDestroy()
    await once(client.socket, 'close')
  }
  await until(() => detached === readers, 60_000, 'the end of all')
  open()

  const left = () => sinks.filter(sink => sink.deref()).length
  expect(sinks).toHaveLength(readers)
  const none = async () => {
    await collected()
    return left() === 0
  }
  await until(none, 60_000, () => `${left()} readers to be collected`)
  await server.stop()
  await database.drop()
})
