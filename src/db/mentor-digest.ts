import { createHmac } from 'node:crypto'
import type { Store } from './store'

/** Returns a digest of a mentor's id, keyed with the store's secret: nobody else can test whether a mentor was here. */
export const mentorDigest = ({ secret }: Pick<Store, 'secret'>, mentor_id: string): string =>
  createHmac('sha256', secret).update(`erased mentor ${mentor_id}`).digest('base64url')
