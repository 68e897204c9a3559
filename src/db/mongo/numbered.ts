import type { Db, Document } from 'mongodb'
import { DomainError } from '../../domain/errors'
import type { Limits } from '../store'
import { isDuplicateKey, retryRead, runWrite } from './operations'

/** An attempt fails only if another document has meanwhile taken one of the chosen numbers. */
const addAttempts = 50

/**
 * A document's two numbers, starting from 0. `total` is unique among all documents, and `organisation` is unique within
 * the document's organisation. Each number is unique and below its limit, so the limits can't be exceeded.
 */
export type Numbers = Limits

const isNumbered = { 'numbers.total': { $exists: true } }

function freeNumber(taken: number[], count: number): number | undefined {
  const known = new Set(taken)
  const free = Array.from({ length: count }, (_, number) => number).filter(number => !known.has(number))
  return free[Math.floor(Math.random() * free.length)]
}

type Indexes = Record<string, Document[]>

interface Numbered {
  name: string
  /** Path of the organisation id in the documents. */
  organisation: string
  limits: Limits
  /** Whether the collection also contains documents without numbers. */
  isPartial?: boolean
  /** Additional indexes of this collection and of related collections. */
  indexes: Indexes
}

/** A collection with a limit in total and per organisation, which unique indexes on both numbers enforce. */
export class NumberedCollection {
  #created: Promise<unknown> | undefined

  constructor(
    readonly db: Db,
    readonly numbered: Numbered,
  ) {}

  /** If the creation fails, the next call tries again. */
  createIndexes(): Promise<unknown> {
    const { name, organisation, isPartial, indexes } = this.numbered
    const numbered = isPartial ? { unique: true, partialFilterExpression: isNumbered } : { unique: true }
    const all: Indexes = {
      ...indexes,
      [name]: [
        { key: { 'numbers.total': 1 }, name: 'total', ...numbered },
        { key: { [organisation]: 1, 'numbers.organisation': 1 }, name: 'organisation', ...numbered },
        ...(indexes[name] ?? []),
      ],
    }
    const create = ([createIndexes, indexes]: [string, Document[]]) => runWrite(this.db, { createIndexes, indexes })
    this.#created ??= Promise.all(Object.entries(all).map(create)).catch((error: unknown) => {
      this.#created = undefined
      throw error
    })
    return this.#created
  }

  /** Returns the limit that the document would exceed, if any. `begin` is called directly before the write. */
  async add(organisation_id: string | null, document: Document, begin?: () => void): Promise<number | undefined> {
    await this.createIndexes()
    for (let attempt = 1; attempt <= addAttempts; attempt++) {
      const numbers = await this.#freeNumbers(organisation_id)
      if (typeof numbers === 'number') return numbers
      begin?.()
      try {
        await runWrite(this.db, { insert: this.numbered.name, documents: [{ ...document, numbers }] })
        return undefined
      } catch (error) {
        // A duplicate key means that another document has taken one of the numbers meanwhile.
        if (!isDuplicateKey(error)) throw error
      }
    }
    throw new DomainError('unavailable')
  }

  async #freeNumbers(organisation_id: string | null): Promise<Numbers | number> {
    const { name, organisation: path, limits } = this.numbered
    const isOwn = { $eq: [`$${path}`, { $literal: organisation_id }] }
    const own = { $push: { $cond: [isOwn, '$numbers.organisation', '$$REMOVE'] } }
    const group = { $group: { _id: null, total: { $push: '$numbers.total' }, own } }
    const documents = this.db.collection(name)
    const [taken = { total: [], own: [] }] = await retryRead(signal =>
      documents.aggregate<{ total: number[]; own: number[] }>([{ $match: isNumbered }, group], { signal }).toArray(),
    )
    const total = freeNumber(taken.total, limits.total)
    if (total === undefined) return limits.total
    const organisation = freeNumber(taken.own, limits.organisation)
    return organisation === undefined ? limits.organisation : { total, organisation }
  }
}
