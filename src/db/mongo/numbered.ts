import type { Collection, Db, Document } from 'mongodb'
import { DomainError } from '../../domain/errors'
import { isDuplicateKey, retryRead, runWrite } from './operations'

/** Attempts to add a document while others are added. Each one leaves fewer of them. */
const addAttempts = 50

/** Numbers of a document among all, and among those of its organisation, from 0. Unique, so that they hold the limits. */
export interface Numbers {
  total: number
  organisation: number
}

/**
 * A collection with at most so many documents with numbers, in total and of each organisation. It has unique indexes of
 * both numbers.
 */
export interface NumberedCollection {
  name: string
  /** Path of the organisation. */
  organisation: string
  limits: Numbers
}

/** Returns one of the numbers from 0 that are not taken, at random. Undefined if all `count` are taken. */
function freeNumber(taken: number[], count: number): number | undefined {
  const known = new Set(taken)
  const free = Array.from({ length: count }, (_, number) => number).filter(number => !known.has(number))
  return free[Math.floor(Math.random() * free.length)]
}

/** Adds a document with free numbers. Returns the limit that it would exceed, otherwise undefined. `begin`: see `Write.begin`. */
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
      // Another document took one of the numbers meanwhile.
      if (!isDuplicateKey(error)) throw error
    }
  }
  throw new DomainError('unavailable')
}

/** Returns numbers for a new document, or the limit that it would exceed. */
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
