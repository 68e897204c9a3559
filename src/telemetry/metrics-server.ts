import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Registry } from '@prometheus-io/client'
import type { Logger } from 'pino'
import { CoalescedReads } from '../concurrency/coalesced-reads'
import { HttpServer } from '../http/server'

const path = '/metrics'

/** Concurrent requests share one metrics collection. */
export function metricsServer(registry: Registry, log: Logger): HttpServer {
  const reads = new CoalescedReads()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const status = refusalOf(request)
    response.setHeader('X-Content-Type-Options', 'nosniff')
    if (status === undefined) {
      const text = await reads.get(path, () => registry.metrics())
      response.setHeader('Content-Type', registry.contentType)
      response.setHeader('Content-Length', Buffer.byteLength(text))
      response.end(text)
      return
    }
    if (status === 405) response.setHeader('Allow', 'GET, HEAD')
    response.writeHead(status, { 'Content-Length': 0 }).end()
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch(error => {
      log.error({ err: error }, 'collecting the metrics failed')
      response.writeHead(500, { 'Content-Length': 0 }).end()
    })
  }
  return new HttpServer({ answer: listener, upgrade: (_request, socket) => socket.destroy(), log })
}

function refusalOf({ method, url = '' }: IncomingMessage): number | undefined {
  if (url.split('?', 1)[0] !== path) return 404
  return method === 'GET' || method === 'HEAD' ? undefined : 405
}
