import type { IncomingMessage } from 'node:http'
import { DomainError } from '../../domain/errors'
import { product } from './sender'

const reads = new Set<string | undefined>(['GET', 'HEAD', 'OPTIONS'])

/**
 * Throws loop_detected if a request is a webhook message that could change something, because the change would cause
 * another message. Webhook messages arrive here if an endpoint points to this server, or if its receiver forwards them
 * to this server.
 */
export function refuseLoop({ method, headers }: IncomingMessage): void {
  const isMessage = headers['webhook-id'] !== undefined && headers['user-agent']?.startsWith(`${product}/`)
  if (isMessage && !reads.has(method)) throw new DomainError('loop_detected')
}
