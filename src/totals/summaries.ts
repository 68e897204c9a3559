import type { Filter, Position } from '../db/store'
import type { Commit } from '../domain/session'
import { minuteMs } from '../domain/timestamp'
import type { Summary } from '../domain/totals'
import { Attached, type Sink, Source } from '../source'
import { inTurn } from '../time/turns'

/** A reader is told at most so often. */
export const pushEveryMs = 250
/** So many times as long as the store took, it is not asked again. */
const restOfEach = 9
/** Readers that are told before other work gets its turn. */
const readersATurn = 500

/** What sessions come to at a position of the log. */
export interface SummaryAt {
  position: Position
  summary: Summary
}

/** A summary that was told, with its text: equal ones have the same. */
interface Told {
  at: SummaryAt
  text: string
}

/** Tells whoever follows the sessions under a filter what they come to: the newest, when it has changed. */
class Topic {
  readonly readers = new Set<SummaryReader>()
  /** What others were told last. */
  known: Told | undefined
  #timer: NodeJS.Timeout | undefined
  #rest: NodeJS.Timeout | undefined
  #toldAt = Number.NEGATIVE_INFINITY
  #changed = true
  /** The store is asked, or was just now. */
  #asking = false
  #ended = false

  constructor(
    /** Nothing while it cannot be said. */
    readonly summaryAt: () => SummaryAt | Promise<SummaryAt> | undefined,
  ) {}

  /** The newest that can be said; the same object for all as long as it says the same. */
  newest(): Told | undefined {
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

  /** Whoever adds it up has nine tenths of the time for others. */
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
    this.tellIn(this.#toldAt + pushEveryMs - performance.now())
  }

  tellIn(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#toldAt = performance.now()
      inTurn(() => {
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
    inTurn(() => this.#tell(readers))
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

  /** Tells the newest summary where it says something else than the last one told, and the reader takes it. */
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

/** The summaries that are followed. */
export class Summaries {
  /** By whose sessions, and then by their state. */
  readonly #topics = new Map<string, Map<Filter['state'], Topic>>()
  #minutes: NodeJS.Timeout | undefined

  constructor(readonly summaryAt: (filter: Filter) => SummaryAt | Promise<SummaryAt> | undefined) {}

  /** What the sessions come to, at once and when that has changed. */
  source(filter: Filter): Source<SummaryAt> {
    return new Source(sink => {
      const key = keyOf(filter.mentor_id, filter.organisation_id)
      const states = this.#topics.get(key) ?? new Map<Filter['state'], Topic>()
      this.#topics.set(key, states)
      const topic = states.get(filter.state) ?? new Topic(() => this.summaryAt(filter))
      states.set(filter.state, topic)
      const attached = new Attached(sink, () => {
        topic.readers.delete(reader)
        if (topic.readers.size > 0 || states.get(filter.state) !== topic) return
        topic.end()
        states.delete(filter.state)
        if (states.size === 0) this.#topics.delete(key)
        if (this.#topics.size === 0) clearTimeout(this.#minutes)
      })
      const reader = new SummaryReader(topic, attached)
      topic.readers.add(reader)
      if (this.#topics.size === 1) this.#awaitMinute()
      reader.tell(topic.newest())
      return () => attached.detach()
    })
  }

  /** What a commit changes, or all where none is named. */
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

  /** The minutes of a summary move on by themselves. */
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
