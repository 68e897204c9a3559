import { summaryQuery } from '../graphql/documents'
import { ask } from '../graphql/requests'
import type { Filter } from '../route'
import { Store } from '../store'
import type { Summary } from '../types'

export const summary = new Store<Summary | null>(null)

/**
 * The figures, asked for again after the feed has told something: never twice at once, seldom while nobody looks, and with
 * so much time between that a store that takes long to add them up has nine tenths of its time for others.
 */
class LiveSummary {
  #filter: Filter = {}
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking = false
  #again = false
  #last = 0
  #took = 0

  constructor() {
    // The minutes move on by themselves.
    setInterval(() => this.refresh(), 20_000)
    document.addEventListener('visibilitychange', () => this.refresh())
  }

  of(filter: Filter): void {
    this.#filter = filter
    this.#last = 0
    this.refresh()
  }

  refresh(): void {
    if (this.#asking) {
      this.#again = true
      return
    }
    clearTimeout(this.#timer)
    const wait = this.#last + Math.max(document.hidden ? 10_000 : 500, 9 * this.#took) - Date.now()
    this.#timer = setTimeout(() => this.#ask(), Math.max(wait, 60))
  }

  async #ask(): Promise<void> {
    const filter = this.#filter
    this.#asking = true
    this.#again = false
    const began = Date.now()
    try {
      const answer = await ask<{ summary: Summary }>(summaryQuery, { filter })
      if (filter === this.#filter) summary.set(answer.summary)
    } catch {
      // The connection's state says why; its return asks again.
    }
    this.#last = Date.now()
    this.#took = this.#last - began
    this.#asking = false
    if (this.#again || filter !== this.#filter) this.refresh()
  }
}

export const liveSummary = new LiveSummary()
