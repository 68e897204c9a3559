import type { IncomingMessage } from 'node:http'
import { DomainError } from '../../domain/errors'
import { product } from './sender'

const reads = new Set<string | undefined>(['GET', 'HEAD', 'OPTIONS'])

/**
 * Throws loop_detected if a request may change something and is a webhook message. Such a message reaches this server
 * if an endpoint points to this server, or if another server forwards the message here.
 */
export function refuseLoop({ method, headers }: IncomingMessage): void {
  const isMessage = headers['webhook-id'] !== undefined && headers['user-agent']?.startsWith(`${product}/`)
  if (isMessage && !reads.has(method)) throw new DomainError('loop_detected')
}
