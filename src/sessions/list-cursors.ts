import { isSame, signatureOf } from '../db/signature'
import type { Store } from '../db/store'
import { DomainError } from '../domain/errors'
import type { Cursors } from '../domain/list-query'
import { timestamp } from '../domain/timestamp'

/** Number of elements in an unsigned list cursor. A signed cursor has one more element, the signature. */
const unsignedMembers = 3

/**
 * Encodes and decodes signed list cursors: a JSON array in base64url, with the signature as its last element. Versions
 * before 1.2.0 ignore the signature, so old and new processes accept each other's cursors during an upgrade.
 */
export class ListCursors implements Cursors {
  constructor(
    readonly store: Pick<Store, 'secret' | 'unsignedCursorsUntil'>,
    readonly clock: () => Date,
  ) {}

  encode(list: string, members: unknown[]): string {
    // Never sign with an empty secret, because anyone could forge such a signature.
    if (this.store.secret.length === 0) throw new DomainError('unavailable')
    const signature = signatureOf(this.store, JSON.stringify([list, members]))
    return Buffer.from(JSON.stringify([...members, signature])).toString('base64url')
  }

  decode(list: string, cursor: string): unknown[] {
    const sent = membersOf(cursor)
    const members = sent.slice(0, -1)
    if (isSame(cursor, this.encode(list, members))) return members
    return sent.length === unsignedMembers && this.#acceptsUnsigned() ? sent : []
  }

  #acceptsUnsigned(): boolean {
    const { unsignedCursorsUntil = '' } = this.store
    return timestamp(this.clock()) < unsignedCursorsUntil
  }
}

/** Decodes a list cursor without checking its signature. Returns [] if the cursor does not encode an array. */
function membersOf(cursor: string): unknown[] {
  try {
    const members: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(members) ? members : []
  } catch {
    return []
  }
}
