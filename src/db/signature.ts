import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Store } from './store'

const signatureBytes = 16

/** The signature is a truncated HMAC, encoded as 22 base64url characters. */
export const signatureOf = ({ secret }: Pick<Store, 'secret'>, text: string): string =>
  createHmac('sha256', secret).update(text).digest().subarray(0, signatureBytes).toString('base64url')

/** Compares a text from a client with the expected text, in constant time. */
export function isSame(sent: string, expected: string): boolean {
  const [one, other] = [Buffer.from(sent), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
