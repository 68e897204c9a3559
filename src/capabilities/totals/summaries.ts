import { runLater, yieldToEventLoop } from '../../concurrency/scheduler'
import { type Sink, Source } from '../../concurrency/source'
import type { Position } from '../../db/store'
import type { Commit } from '../../domain/commit'
import { type Filter, filterKey } from '../../domain/list-query'
import { isInRange } from '../../domain/months'
import type { Owner } from '../../domain/session'
import { minuteMs } from '../../domain/timestamp'
import type { Summary } from './model'

/** Minimum interval in ms between two summaries sent to the same subscriber. */
export const pushEveryMs = 250
/** Number of subscribers that are served before the server checks whether to yield to the event loop. */
const readersPerTurn = 10

export interface SummaryAt {
  position: Position
  summary: Summary
}

/** A summary with its JSON text. */
interface RenderedSummary {
  at: SummaryAt
  text: string
}

export class Summaries {
  /** Topics, keyed by the filter's mentor and organisation (see `keyOf`), then by the rest of the filter. */
  readonly #topics = new Map<string, Map<string, Topic>>()
  #minuteTimer: NodeJS.Timeout | undefined

  constructor(
    /** Computes a summary. Returns undefined while the totals are being filled. */
    readonly summaryAt: (filter: Filter, principal: string) => SummaryAt | Promise<SummaryAt> | undefined,
  ) {}

  /**
   * Returns a source that yields the current summary, then the newest summary after each change. Subscribers with equal
   * filters share one computation, which counts towards the limits of the first subscriber's principal.
   */
  source(filter: Filter, principal: string): Source<SummaryAt> {
    return new Source(sink => this.#startReader(filter, principal, sink))
  }

  #startReader(filter: Filter, principal: string, sink: Sink<SummaryAt>): () => void {
    const { mentor_id, organisation_id, ...rest } = filter
    const key = keyOf(mentor_id, organisation_id)
    const topics = this.#topics.get(key) ?? new Map<string, Topic>()
    this.#topics.set(key, topics)
    const restKey = filterKey(rest)
    const topic = topics.get(restKey) ?? new Topic(() => this.summaryAt(filter, principal), filter)
    topics.set(restKey, topic)
    const reader = new SummaryReader(topic, sink)
    topic.readers.add(reader)
    if (this.#topics.size === 1) this.#awaitMinute()
    topic.refresh()
    reader.send()
    return () => {
      topic.readers.delete(reader)
      if (topic.readers.size > 0 || topics.get(restKey) !== topic) return
      topic.end()
      topics.delete(restKey)
      if (topics.size === 0) this.#topics.delete(key)
      if (this.#topics.size === 0) clearTimeout(this.#minuteTimer)
    }
  }

  /** Marks all summaries that a commit affects as changed. If no commit is given, marks all summaries as changed. */
  changed(commit?: Commit): void {
    if (!commit) this.#changeAll()
    if (!commit || this.#topics.size === 0) return
    this.#changeOf(commit, commit)
    if (commit.former) this.#changeOf(commit.former, commit)
  }

  /** If the commit affects a summary that includes this owner's sessions, marks the summary as changed. */
  #changeOf(owner: Owner, commit: Commit): void {
    for (const mentor_id of [undefined, owner.mentor_id]) {
      for (const organisation_id of [undefined, owner.organisation_id]) {
        const topics = this.#topics.get(keyOf(mentor_id, organisation_id))
        if (topics) for (const topic of topics.values()) if (topic.isOf(commit)) topic.changed()
      }
    }
  }

  #changeAll(): void {
    for (const topics of this.#topics.values()) for (const topic of topics.values()) topic.changed()
  }

  /**
   * Marks all summaries as changed at each full minute, because summaries list calculations per minute up to the
   * current minute.
   */
  #awaitMinute(): void {
    clearTimeout(this.#minuteTimer)
    this.#minuteTimer = setTimeout(
      () => {
        this.#changeAll()
        this.#awaitMinute()
      },
      minuteMs - (Date.now() % minuteMs),
    )
  }

  end(): void {
    clearTimeout(this.#minuteTimer)
    for (const topics of this.#topics.values()) for (const topic of topics.values()) topic.end()
  }
}

const keyOf = (mentor_id: string | undefined, organisation_id: string | null | undefined): string =>
  JSON.stringify({ mentor_id, organisation_id })

/** The summary for one filter. After changes, sends the summary's newest version to its subscribers. */
class Topic {
  readonly readers = new Set<SummaryReader>()
  /** The newest computed summary. This object is replaced only when the summary's content has changed. */
  newest: RenderedSummary | undefined
  #sendTimer: NodeJS.Timeout | undefined
  #sentAt = Number.NEGATIVE_INFINITY
  #hasChanged = true
  /** Whether a summary is being computed from sessions in the store. */
  #isBusy = false

  constructor(
    readonly summaryAt: () => SummaryAt | Promise<SummaryAt> | undefined,
    readonly filter: Pick<Filter, 'external_id' | 'months'>,
  ) {}

  /**
   * Whether a commit can change the summary. If the filter has a range of months, the commit's session must have a
   * result in this range before or after the commit.
   */
  isOf({ external_id, contribution: { before, after } }: Commit): boolean {
    const { months } = this.filter
    if (this.filter.external_id !== undefined && this.filter.external_id !== external_id) return false
    return !months || [before, after].some(part => part?.result && isInRange(months, part.result.month))
  }

  /** Recomputes the summary if it is marked as changed. An error ends the subscriptions. */
  refresh(): void {
    if (!this.#hasChanged || this.#isBusy) return
    try {
      const at = this.summaryAt()
      if (at) this.#hasChanged = false
      if (at instanceof Promise) void this.#await(at)
      else if (at) this.#render(at)
    } catch (error) {
      this.#fail(error)
    }
  }

  #render(at: SummaryAt): void {
    const text = JSON.stringify(at.summary)
    if (text !== this.newest?.text) this.newest = { at, text }
  }

  async #await(summary: Promise<SummaryAt>): Promise<void> {
    this.#isBusy = true
    try {
      this.#render(await summary)
    } catch (error) {
      this.#fail(error)
    }
    this.#isBusy = false
    if (this.readers.size > 0) this.sendIn(0)
  }

  #fail(error: unknown): void {
    for (const reader of this.readers) reader.sink.end(error)
  }

  changed(): void {
    this.#hasChanged = true
    this.sendIn(Math.max(0, this.#sentAt + pushEveryMs - performance.now()))
  }

  /** Schedules sending the newest summary in `ms`, unless a send is already scheduled. */
  sendIn(ms: number): void {
    this.#sendTimer ??= setTimeout(() => {
      this.#sendTimer = undefined
      this.#sentAt = performance.now()
      runLater(() => {
        this.refresh()
        void this.#send()
      })
    }, ms)
  }

  async #send(): Promise<void> {
    let served = 0
    for (const reader of this.readers) {
      reader.send()
      if (++served % readersPerTurn === 0) await yieldToEventLoop()
    }
  }

  end(): void {
    clearTimeout(this.#sendTimer)
  }
}

class SummaryReader {
  /** JSON text of the last summary that was sent to this subscriber. */
  #sent: string | undefined
  #sentAt = Number.NEGATIVE_INFINITY
  #isBusy = false

  constructor(
    readonly topic: Topic,
    readonly sink: Sink<SummaryAt>,
  ) {}

  /** Sends the newest summary if it differs from the last one sent and the sink is ready. */
  send(): void {
    const { newest } = this.topic
    if (this.#isBusy || !newest || newest.text === this.#sent) return
    const early = this.#sentAt + pushEveryMs - performance.now()
    if (early > 0) {
      this.topic.sendIn(early)
      return
    }
    this.#sent = newest.text
    this.#sentAt = performance.now()
    const taking = this.sink.take(newest.at)
    if (taking) void this.#await(taking)
  }

  async #await(taking: Promise<void>): Promise<void> {
    this.#isBusy = true
    try {
      await taking
    } catch (error) {
      return this.sink.end(error)
    }
    this.#isBusy = false
    this.send()
  }
}
