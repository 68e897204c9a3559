import { isSame, signatureOf } from '../db/signature'
import type { Store } from '../db/store'
import { DomainError } from '../domain/errors'
import type { Cursors } from '../domain/list-query'
import { timestamp } from '../domain/timestamp'

/** Number of members of an unsigned cursor. A signed cursor also has the signature. */
const unsignedMembers = 3

/**
 * List cursors: members and a signature, as JSON in base64url. The signature comes last, where version 1.0.0 ignores
 * it, so that during an upgrade processes of both versions accept each other's cursors.
 */
export class ListCursors implements Cursors {
  constructor(
    readonly store: Pick<Store, 'secret' | 'unsignedCursorsUntil'>,
    readonly clock: () => Date,
  ) {}

  encode(list: string, members: unknown[]): string {
    // Without a secret, anybody could sign.
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

/** Decodes a cursor without checking it. Returns [] for a text that is not an encoded array. */
function membersOf(cursor: string): unknown[] {
  try {
    const members: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(members) ? members : []
  } catch {
    return []
  }
}
