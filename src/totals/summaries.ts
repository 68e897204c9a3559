import { runLater } from '../concurrency/scheduler'
import { type Sink, Source } from '../concurrency/source'
import type { Filter, Position } from '../db/store'
import type { Commit } from '../domain/session'
import { minuteMs } from '../domain/timestamp'
import type { Summary } from '../domain/totals'

/** Minimum interval between two summaries to a subscriber. */
export const pushEveryMs = 250
/** Pause after a summary from the store, in multiples of the time that it took. */
const restOfEach = 9
/** Subscribers served before other work gets its turn. */
const readersATurn = 500

/** A summary as of a position of the log. */
export interface SummaryAt {
  position: Position
  summary: Summary
}

/** A summary with its JSON text. Equal summaries share one object. */
interface RenderedSummary {
  at: SummaryAt
  text: string
}

/** Summary of one filter. Sends the newest one to its subscribers when it has changed. */
class Topic {
  readonly readers = new Set<SummaryReader>()
  /** The newest summary computed so far. */
  known: RenderedSummary | undefined
  #timer: NodeJS.Timeout | undefined
  #rest: NodeJS.Timeout | undefined
  #toldAt = Number.NEGATIVE_INFINITY
  #changed = true
  /** Whether the store is adding up, or pausing after it. */
  #asking = false
  #ended = false

  constructor(
    /** Computes the summary. Returns undefined while that is not possible. */
    readonly summaryAt: () => SummaryAt | Promise<SummaryAt> | undefined,
  ) {}

  /** Returns the newest summary available. It is the same object until the content changes. */
  newest(): RenderedSummary | undefined {
    const at = this.#changed && !this.#asking ? this.summaryAt() : undefined
    if (!at) return this.known
    this.#changed = false
    if (at instanceof Promise) this.#await(at)
    else this.#keep(at)
    return this.known
  }

  #keep(at: SummaryAt): void {
    const text = JSON.stringify(at.summary)
    if (text !== this.known?.text) this.known = { at, text }
  }

  /** Takes the summary from the store, then pauses. So the store spends at most a tenth of the time on it. */
  async #await(asked: Promise<SummaryAt>): Promise<void> {
    this.#asking = true
    const began = performance.now()
    try {
      this.#keep(await asked)
    } catch {
      this.#changed = true
    }
    if (this.#ended) return
    this.tellIn(0)
    const restMs = Math.max(pushEveryMs, restOfEach * (performance.now() - began))
    this.#rest = setTimeout(() => {
      this.#asking = false
      if (this.#changed) this.tellIn(0)
    }, restMs)
  }

  changed(): void {
    this.#changed = true
    this.tellIn(Math.max(0, this.#toldAt + pushEveryMs - performance.now()))
  }

  tellIn(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#toldAt = performance.now()
      runLater(() => {
        this.newest()
        this.#tell(this.readers.values())
      })
    }, ms)
  }

  #tell(readers: SetIterator<SummaryReader>): void {
    for (let told = 0; told < readersATurn; told++) {
      const { value: reader, done } = readers.next()
      if (done) return
      reader.tell()
    }
    runLater(() => this.#tell(readers))
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    clearTimeout(this.#rest)
  }
}

class SummaryReader {
  #told: string | undefined
  #toldAt = Number.NEGATIVE_INFINITY
  #busy = false

  constructor(
    readonly topic: Topic,
    readonly sink: Sink<SummaryAt>,
  ) {}

  /** Sends the newest summary if it differs from the last one sent and the sink is ready. */
  tell(newest = this.topic.known): void {
    if (this.#busy || !newest || newest.text === this.#told) return
    const early = this.#toldAt + pushEveryMs - performance.now()
    if (early > 0) {
      this.topic.tellIn(early)
      return
    }
    this.#told = newest.text
    this.#toldAt = performance.now()
    const taking = this.sink.take(newest.at)
    if (!taking) return
    this.#busy = true
    const taken = (): void => {
      this.#busy = false
      this.tell()
    }
    taking.then(taken, error => this.sink.end(error))
  }
}

/** The summaries with subscribers. */
export class Summaries {
  /** By mentor and organisation, then by state. */
  readonly #topics = new Map<string, Map<Filter['state'], Topic>>()
  #minutes: NodeJS.Timeout | undefined

  constructor(readonly summaryAt: (filter: Filter) => SummaryAt | Promise<SummaryAt> | undefined) {}

  /** Subscribes to a summary: the current one, then the newest after each change. */
  source(filter: Filter): Source<SummaryAt> {
    return new Source(sink => {
      const key = keyOf(filter.mentor_id, filter.organisation_id)
      const states = this.#topics.get(key) ?? new Map<Filter['state'], Topic>()
      this.#topics.set(key, states)
      const topic = states.get(filter.state) ?? new Topic(() => this.summaryAt(filter))
      states.set(filter.state, topic)
      const reader = new SummaryReader(topic, sink)
      topic.readers.add(reader)
      if (this.#topics.size === 1) this.#awaitMinute()
      reader.tell(topic.newest())
      return () => {
        topic.readers.delete(reader)
        if (topic.readers.size > 0 || states.get(filter.state) !== topic) return
        topic.end()
        states.delete(filter.state)
        if (states.size === 0) this.#topics.delete(key)
        if (this.#topics.size === 0) clearTimeout(this.#minutes)
      }
    })
  }

  /** Marks the summaries that a commit affects as changed. Without a commit, marks all. */
  changed(commit?: Commit): void {
    if (!commit) this.#changeAll()
    if (!commit || this.#topics.size === 0) return
    for (const mentor_id of [undefined, commit.mentor_id]) {
      for (const organisation_id of [undefined, commit.organisation_id]) {
        const states = this.#topics.get(keyOf(mentor_id, organisation_id))
        if (states) for (const topic of states.values()) topic.changed()
      }
    }
  }

  #changeAll(): void {
    for (const states of this.#topics.values()) for (const topic of states.values()) topic.changed()
  }

  /** Marks all summaries as changed at each full minute, because the minutes that they show move on. */
  #awaitMinute(): void {
    clearTimeout(this.#minutes)
    this.#minutes = setTimeout(
      () => {
        this.#changeAll()
        this.#awaitMinute()
      },
      minuteMs - (Date.now() % minuteMs),
    )
  }

  end(): void {
    clearTimeout(this.#minutes)
    for (const states of this.#topics.values()) for (const topic of states.values()) topic.end()
  }
}

const keyOf = (mentor_id: string | undefined, organisation_id: string | null | undefined): string =>
  JSON.stringify({ mentor_id, organisation_id })
