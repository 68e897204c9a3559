import { Admission } from '../../src/graphql-server/admission'
import { ExecutionQueue } from '../../src/graphql-server/execution-queue'
import { Subscriptions } from '../../src/graphql-server/subscriptions'
import { GraphqlWebSockets } from '../../src/graphql-server/websocket-server'
import { HttpServer } from '../../src/http/server'
import { callersOf } from '../../src/use-cases'
import { schema } from './described'
import { keptLog, type LogLine, type Server } from './server'

export interface OpenWebSocketServer {
  url: string
  log: LogLine[]
  close(): Promise<void>
}

/** Starts only the WebSocket server on a free port, over a server's use cases and with its own timeouts. */
export async function openWebSocketServer(
  server: Server,
  { pingMs = 60_000, fullMs = 60_000, feed = server.feed, limit = (): undefined => undefined } = {},
): Promise<OpenWebSocketServer> {
  const { log, lines } = keptLog()
  const callers = callersOf({ sessions: server.sessions, feed, viewCounter: server.viewCounter, added: [] })
  const webSockets = new GraphqlWebSockets({
    admission: new Admission(schema),
    subscriptions: new Subscriptions(new ExecutionQueue(), callers, log),
    callers,
    addressOf: () => '',
    allowsOrigin: () => true,
    limit,
    log,
    limits: { CONNECTIONS_PER_ADDRESS: 100, SUBSCRIPTIONS_PER_CONNECTION: 1_000 },
    pingMs,
    fullSocketMs: fullMs,
  })
  const http = new HttpServer({ answer: (_request, response) => response.end(), upgrade: webSockets.upgrade, log })
  const url = `http://127.0.0.1:${await http.listen(0, '127.0.0.1')}`
  return {
    url,
    log: lines,
    async close() {
      await Promise.all([http.stop(), webSockets.drain(0)])
    },
  }
}
