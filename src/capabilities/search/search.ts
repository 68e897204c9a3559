import type { Logger } from 'pino'
import { type Deadline, withDeadline } from '../../concurrency/deadline'
import { beginWait } from '../../concurrency/waits'
import type { ListedSession, Store } from '../../db/store'
import { type Caller, narrowed } from '../../domain/caller'
import { DomainError } from '../../domain/errors'
import type { Filter } from '../../domain/list-query'
import type { SessionOrder } from '../../domain/order'
import type { UseCases } from '../../use-cases'
import { GroupSelection } from '../totals/groups'
import type { Group } from '../totals/model'
import type { Grouping } from '../totals/tallies'
import { matcherOf, searchedWords } from './words'

const newestFirst: SessionOrder = { by: 'created_at', descending: true, currency: null }

export interface FindRequest {
  /** Text to search for. Each word of the text matches the beginning of a word (see `foldedWords`). */
  text: string
  /** Maximum number of matches per kind (mentors, organisations, sessions). */
  first: number
}

export interface Found {
  /** Mentors and organisations, with their totals. Groups with the most sessions come first. */
  mentors: Group[]
  organisations: Group[]
  /** Sessions with their current results, newest first. */
  sessions: ListedSession[]
  complete: true
}

/** Finds mentors, organisations and sessions, on behalf of one caller. */
export class Search {
  constructor(
    readonly store: Pick<Store, 'search'>,
    readonly filling: IndexFilling,
    readonly caller: Caller,
    readonly useCases: Pick<UseCases, 'totals' | 'queries'>,
  ) {}

  async find(filter: Filter, { text, first }: FindRequest): Promise<Found> {
    const words = searchedWords(text)
    // No words are left if the text contains neither letters nor digits.
    if (words.length === 0) return { mentors: [], organisations: [], sessions: [], complete: true }
    await this.filling.finished()
    const mentors = await this.#groups('mentor_id', filter, words, first)
    const organisations = await this.#groups('organisation_id', filter, words, first)
    const sessions = await this.useCases.totals.shared(JSON.stringify(['search', words, first]), filter, deadline =>
      this.#sessions(filter, words, first, deadline),
    )
    return { mentors, organisations, sessions, complete: true }
  }

  async #groups(by: Grouping, filter: Filter, words: readonly string[], first: number): Promise<Group[]> {
    const request = { order: { by: 'sessions', descending: true, currency: null }, first } as const
    const isMatch = matcherOf(words)
    const selection = await this.useCases.totals.collect({
      name: JSON.stringify(['search', by, words, first]),
      filter,
      by,
      newCollector: () => new GroupSelection(request, id => isMatch(id)),
    })
    return selection.page().edges.map(({ node }) => node)
  }

  async #sessions(
    filter: Filter,
    words: readonly string[],
    first: number,
    deadline: Deadline,
  ): Promise<ListedSession[]> {
    const isMatch = matcherOf(words)
    const ids = await this.store.search.matches(narrowed(filter, this.caller.scope), words, first, deadline)
    // Check each session again, because it may have been changed or reassigned since the search.
    const found = await this.useCases.queries.byIds(ids, filter, newestFirst)
    return found
      .map(({ session }) => session)
      .filter(({ result, mentor_id, organisation_id }) => {
        const label = result?.inputs.label
        return label && isMatch(label, mentor_id, organisation_id)
      })
  }
}

/** Maximum number of searches that wait for the index to be filled. */
export const searchesWaiting = 1_000
const fillingRetryMs = 1_000

/**
 * Time in ms after which the index is filled once more. By then, an upgrade has replaced the processes of version 1.2,
 * which change sessions without updating the index.
 */
const secondFillMs = 600_000

/** Fills the index after the server has started. Until the index is filled, searches wait. */
export class IndexFilling {
  #isFilled = false
  #waiting = 0
  #next: NodeJS.Timeout | undefined
  readonly #filled = Promise.withResolvers<void>()
  readonly #stopped = new AbortController()

  constructor(
    readonly store: Pick<Store, 'search'>,
    readonly log: Logger,
  ) {}

  async start(): Promise<void> {
    const { signal } = this.#stopped
    try {
      await this.store.search.fill(signal)
      if (signal.aborted) return
      if (!this.#isFilled) this.#next = setTimeout(() => this.start(), secondFillMs).unref()
      this.#isFilled = true
      this.#filled.resolve()
    } catch (error) {
      if (signal.aborted) return
      this.log.warn({ err: error }, 'filling the search index failed, retrying')
      this.#next = setTimeout(() => this.start(), fillingRetryMs).unref()
    }
  }

  stop(): void {
    this.#stopped.abort()
    clearTimeout(this.#next)
  }

  /** Resolves once the index is filled. Throws `unavailable` if that takes too long, or if too many searches wait. */
  async finished(): Promise<void> {
    if (this.#isFilled) return
    if (this.#waiting >= searchesWaiting) throw new DomainError('unavailable')
    this.#waiting++
    const endWait = beginWait('search')
    try {
      await withDeadline({}, deadline => deadline.bound(this.#filled.promise))
    } finally {
      endWait()
      this.#waiting--
    }
  }
}
