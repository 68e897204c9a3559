import { createHmac } from 'node:crypto'
import type { Store } from './store'

/** Without the secret, the digest does not reveal whether the store had data about a mentor. */
export const mentorDigest = ({ secret }: Pick<Store, 'secret'>, mentor_id: string): string =>
  createHmac('sha256', secret).update(`erased mentor ${mentor_id}`).digest('base64url')
