import { isSame, signatureOf } from '../db/signature'
import type { Store } from '../db/store'
import { DomainError } from '../domain/errors'
import type { Cursors } from '../domain/list-query'

/** Encodes and decodes signed list cursors: a JSON array in base64url, with the signature as its last element. */
export class ListCursors implements Cursors {
  constructor(readonly store: Pick<Store, 'secret'>) {}

  encode(list: string, members: unknown[]): string {
    // Never sign with an empty secret, because anyone could forge such a signature.
    if (this.store.secret.length === 0) throw new DomainError('unavailable')
    const signature = signatureOf(this.store, JSON.stringify([list, members]))
    return Buffer.from(JSON.stringify([...members, signature])).toString('base64url')
  }

  decode(list: string, cursor: string): unknown[] {
    const members = membersOf(cursor).slice(0, -1)
    return isSame(cursor, this.encode(list, members)) ? members : []
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
