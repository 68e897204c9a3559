import type { IncomingMessage } from 'node:http'
import { DomainError } from '../../domain/errors'
import { product } from './sender'

const reads = new Set<string | undefined>(['GET', 'HEAD', 'OPTIONS'])

/**
 * Throws loop_detected if a request that may change something is a webhook message. Such a message arrives here if an
 * endpoint points to this server, or if another server forwards the message.
 */
export function refuseLoop({ method, headers }: IncomingMessage): void {
  const isMessage = headers['webhook-id'] !== undefined && headers['user-agent']?.startsWith(`${product}/`)
  if (isMessage && !reads.has(method)) throw new DomainError('loop_detected')
}
