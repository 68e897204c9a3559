import { callsOf } from '../../calls.js'
import type { Session } from '../../documents.js'
import type * as schema from '../../schema.js'
import { findQuery } from './documents.js'
import type { FindOptions } from './options.js'

/** The mentors, organisations and sessions that match a search text. */
export interface FindResult extends Omit<schema.FindResult, 'sessions'> {
  /**
   * Sessions with a label whose label, mentor and organisation together have words that begin with the words of the
   * search text, newest first.
   */
  sessions: Session[]
}

/** Calls that search for mentors, organisations and sessions. */
export class SearchCalls {
  /**
   * Finds mentors, organisations and sessions by the beginnings of words, in any order. Ignores case, accents and
   * apostrophes.
   */
  async find(text: string, options: FindOptions = {}): Promise<FindResult> {
    return (await callsOf(this).send<{ find: FindResult }>('find', findQuery, { text }, options)).find
  }
}
