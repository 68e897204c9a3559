import type { Collection, Db, Document } from 'mongodb'
import { DomainError } from '../../domain/errors'
import { isDuplicateKey, retryRead, runWrite } from './operations'

/** Maximum number of attempts to add a document. An attempt fails only if another document was added. */
const addAttempts = 50

/**
 * Numbers of a document, from 0: one among all documents, and one among those of its organisation. They are unique and
 * thereby enforce the limits.
 */
export interface Numbers {
  total: number
  organisation: number
}

/**
 * A collection of numbered documents, with a limit in total and for each organisation. Unique indexes on both numbers
 * enforce the limits.
 */
export interface NumberedCollection {
  name: string
  /** Path of the organisation in a document. */
  organisation: string
  limits: Numbers
}

/** Returns a random free number from 0 to below `count`, or undefined if all are taken. */
function freeNumber(taken: number[], count: number): number | undefined {
  const known = new Set(taken)
  const free = Array.from({ length: count }, (_, number) => number).filter(number => !known.has(number))
  return free[Math.floor(Math.random() * free.length)]
}

/** Adds a document with free numbers. Returns the limit that it would exceed, if any. `begin`: see `Write.begin`. */
export async function addNumbered(
  db: Db,
  collection: NumberedCollection,
  organisation_id: string | null,
  document: Document,
  begin?: () => void,
): Promise<number | undefined> {
  for (let attempt = 1; attempt <= addAttempts; attempt++) {
    const numbers = await freeNumbers(db.collection(collection.name), collection, organisation_id)
    if (typeof numbers === 'number') return numbers
    begin?.()
    try {
      await runWrite(db, { insert: collection.name, documents: [{ ...document, numbers }] })
      return undefined
    } catch (error) {
      // Meanwhile, another document took one of the numbers.
      if (!isDuplicateKey(error)) throw error
    }
  }
  throw new DomainError('unavailable')
}

/** Returns free numbers for a new document, or the limit that it would exceed. */
async function freeNumbers(
  documents: Collection,
  { organisation: path, limits }: NumberedCollection,
  organisation_id: string | null,
): Promise<Numbers | number> {
  const isOwn = { $eq: [`$${path}`, { $literal: organisation_id }] }
  const own = { $push: { $cond: [isOwn, '$numbers.organisation', '$$REMOVE'] } }
  const isNumbered = { $match: { 'numbers.total': { $exists: true } } }
  const group = { $group: { _id: null, total: { $push: '$numbers.total' }, own } }
  const [taken = { total: [], own: [] }] = await retryRead(signal =>
    documents.aggregate<{ total: number[]; own: number[] }>([isNumbered, group], { signal }).toArray(),
  )
  const total = freeNumber(taken.total, limits.total)
  if (total === undefined) return limits.total
  const organisation = freeNumber(taken.own, limits.organisation)
  return organisation === undefined ? limits.organisation : { total, organisation }
}
