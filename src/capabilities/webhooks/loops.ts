import type { IncomingMessage } from 'node:http'
import { DomainError } from '../../domain/errors'
import { product } from './sender'

const reads = new Set<string | undefined>(['GET', 'HEAD', 'OPTIONS'])

/**
 * Throws `loop_detected` for a webhook message that could change something, which would cause another message. Messages
 * arrive here if an endpoint points here, or if its receiver forwards them here.
 */
export function refuseLoop({ method, headers }: IncomingMessage): void {
  const isMessage = headers['webhook-id'] !== undefined && headers['user-agent']?.startsWith(`${product}/`)
  if (isMessage && !reads.has(method)) throw new DomainError('loop_detected')
}
