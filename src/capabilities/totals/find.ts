import { yieldToEventLoop } from '../../concurrency/scheduler'
import type { ListedSession, ListPosition, Store } from '../../db/store'
import { folded, foldedWords } from '../../domain/folding'
import type { Filter } from '../../domain/list-query'
import { isInRange } from '../../domain/months'
import { ownerMatches } from '../../domain/owner'
import { resultContributionOf } from '../../domain/session'
import { collectGroups, GroupSelection, type SelectionRequest } from './groups'
import type { Labels } from './labels'
import type { Group } from './model'
import type { Grouping, Tallies } from './tallies'

/**
 * Maximum number of sessions that a search reads from the store. The search reads the newest sessions that match the
 * filter.
 */
export const sessionsPerFind = 1_000
/** Number of sessions that a search reads from the store per page. */
const sessionsPerPage = 100
/**
 * Time in ms for which a search in memory runs before it yields to the event loop. The last search step can exceed this
 * time by half a millisecond.
 */
const sliceMs = 1
/**
 * Maximum length in bytes of a folded search text. With longer search texts, `Buffer.lastIndexOf` can take quadratic
 * time.
 */
export const searchedBytes = 250

export interface FindRequest {
  /**
   * Text to search for. Each word of the text matches anywhere in an id or a label, regardless of case, accents and
   * apostrophes (see `folded`).
   */
  text: string
  /** Maximum number of matches per kind (mentors, organisations, sessions). */
  first: number
}

export interface Found {
  /**
   * Mentors and organisations whose id contains all words of the search text, with their totals. Groups with the most
   * sessions come first.
   */
  mentors: Group[]
  organisations: Group[]
  /** Sessions whose current result has a label that contains all words of the search text, newest first. */
  sessions: ListedSession[]
  /**
   * Whether the search was complete. A complete search omits a match only if there are more than `first` matches of the
   * same kind.
   */
  complete: boolean
}

/** Maximum number of words that a search looks for. Longer words take precedence. */
export const searchedWordsAtMost = 10

/**
 * Returns the folded words to search for. Truncates a search text that is too long. If there are too many words, drops
 * the shortest words.
 */
export function searchedWords(text: string): string[] {
  const whole = folded(text)
  const searched = whole.slice(0, new TextEncoder().encodeInto(whole, new Uint8Array(searchedBytes)).read)
  const words = foldedWords(searched).sort((a, b) => b.length - a.length)
  // Drop words that are contained in a longer word, because they match wherever the longer word matches.
  return words
    .filter((word, i) => !words.slice(0, i).some(longer => longer.includes(word)))
    .slice(0, searchedWordsAtMost)
}

interface Search {
  filter: Filter
  /** The folded words (see `searchedWords`). */
  words: readonly string[]
  /** Maximum number of matches per kind. */
  first: number
}

const containsAll = (text: string, words: readonly string[]): boolean => words.every(word => text.includes(word))

function matches(session: ListedSession, { filter, words }: Search): boolean {
  const { state, result } = session
  if (!ownerMatches(filter, session)) return false
  if (!result?.inputs.label || !containsAll(folded(result.inputs.label), words)) return false
  if (filter.state !== undefined && state !== filter.state) return false
  return !filter.months || isInRange(filter.months, resultContributionOf(result).month)
}

/**
 * Finds sessions by their labels in the store. Searches only the newest `sessionsPerFind` sessions that match the
 * filter's mentor and organisation.
 */
async function findInNewest(store: Store, search: Search): Promise<Pick<Found, 'sessions' | 'complete'>> {
  const { first } = search
  const { state: _, months: __, ...owners } = search.filter
  const sessions: ListedSession[] = []
  let after: ListPosition | undefined
  for (let read = 0; read < sessionsPerFind; read += sessionsPerPage) {
    const page = { limit: sessionsPerPage, withResults: true, ...(after && { after }) }
    const listed = await store.lists.list(owners, page)
    sessions.push(...listed.filter(session => matches(session, search)))
    const isEnd = listed.length < sessionsPerPage
    if (isEnd || sessions.length >= first) return { sessions: sessions.slice(0, first), complete: true }
    after = listed.at(-1)
    await yieldToEventLoop()
  }
  return { sessions, complete: false }
}

/** Finds sessions by their labels in memory, then reads these sessions from the store. */
async function findByLabel(
  store: Store,
  labels: Labels,
  search: Search,
): Promise<Pick<Found, 'sessions' | 'complete'>> {
  const { filter, words, first } = search
  const ids = await inTurns(labels.find(filter, words, first))
  const read = await Promise.all(ids.map(id => store.sessions.withResult(id)))
  // Check each session again, because it may have been changed or reassigned since the search.
  const sessions = read.flatMap(session => (session && matches(session, search) ? [session] : []))
  return { sessions, complete: !labels.isCut(filter.organisation_id) && sessions.length === ids.length }
}

/** Finds mentors or organisations by their ids, and computes the totals of each match. */
async function findGroups(tallies: Tallies, by: Grouping, { filter, words, first }: Search): Promise<Group[]> {
  const request: SelectionRequest = { order: { by: 'sessions', descending: true, currency: null }, first }
  const selection = new GroupSelection(request, id => id !== null && containsAll(tallies.foldedId(by, id), words))
  await collectGroups(selection, tallies.groups(by, filter), filter)
  return selection.page().edges.map(({ node }) => node)
}

/**
 * Finds mentors, organisations and sessions whose id or label contains all folded words. An in-memory search covers
 * everything that the filter selects, in slices that yield to the event loop. If the filter has a mentor, the store is searched for sessions instead. A search in the store covers only the newest
 * sessions.
 */
export async function find(
  store: Store,
  inMemory: { tallies: Tallies; labels: Labels },
  search: Search,
): Promise<Found> {
  const { filter, words } = search
  // Folding leaves no words if the text contains only accents, apostrophes or whitespace.
  if (words.length === 0) return { mentors: [], organisations: [], sessions: [], complete: true }
  const byLabel =
    filter.mentor_id === undefined
      ? await findByLabel(store, inMemory.labels, search)
      : await findInNewest(store, search)
  const mentors = await findGroups(inMemory.tallies, 'mentor_id', search)
  const organisations = await findGroups(inMemory.tallies, 'organisation_id', search)
  return {
    mentors,
    organisations,
    ...byLabel,
  }
}

async function inTurns<T>(steps: Iterator<void, T>): Promise<T> {
  for (let began = performance.now(); ; ) {
    const { done, value } = steps.next()
    if (done) return value
    if (performance.now() - began < sliceMs) continue
    await yieldToEventLoop()
    began = performance.now()
  }
}
