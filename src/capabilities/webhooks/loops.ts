import type { IncomingMessage } from 'node:http'
import { DomainError } from '../../domain/errors'
import { product } from './sender'

const reads = new Set<string | undefined>(['GET', 'HEAD', 'OPTIONS'])

/**
 * Throws `loop_detected` if a request is a webhook message and could change something, because the change would cause
 * another message. A webhook message arrives at this server if an endpoint points here, or if its receiver forwards
 * messages here.
 */
export function refuseLoop({ method, headers }: IncomingMessage): void {
  const isMessage = headers['webhook-id'] !== undefined && headers['user-agent']?.startsWith(`${product}/`)
  if (isMessage && !reads.has(method)) throw new DomainError('loop_detected')
}
