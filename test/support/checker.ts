/**
 * A transition as a writer or a subscriber knows it. REST's PUT returns only the sequence, and its DELETE only the
 * event.
 */
export interface Fact {
  session_id: string
  sequence?: number
  event?: string
}

export interface Delivered extends Fact {
  sequence: number
  event: string
  /** Cursor after this transition. A session's own stream has none. */
  cursor?: string
}

interface Acknowledged {
  key: string
  fact: Fact
  /** Number of requests sent before the acknowledged one. */
  asked: number
}

const keysOf = ({ session_id, sequence, event }: Fact): string[] => [
  ...(sequence === undefined ? [] : [`${session_id}#${sequence}`]),
  ...(event === 'SessionClosed' ? [`${session_id}#close`] : []),
]

/** Everything that one subscriber received, over all of its connections. */
export class Heard {
  readonly deliveries: { transition: Delivered; gapsBefore: number }[] = []
  /** Time of each delivery, in ms of `performance.now()`. */
  readonly times: number[] = []
  readonly keys = new Set<string>()
  readonly faults: string[] = []
  gaps = 0
  /**
   * Number of requests sent before the first `ready`, or before the last `ready` after a gap. Only later writes must be
   * delivered.
   */
  from = Number.POSITIVE_INFINITY
  #ready = false
  #gapBefore = false

  constructor(
    readonly name: string,
    readonly checker: Checker,
    readonly expects: { gaps?: number; session_id?: string },
  ) {}

  /** Begins a new connection. Its first message must be `ready`, or `gap` and then `ready`. */
  connected(): void {
    this.#ready = this.expects.session_id !== undefined
    this.#gapBefore = false
    if (this.#ready && this.from === Number.POSITIVE_INFINITY) this.from = this.checker.asked
  }

  ready(): void {
    if (this.#ready && !this.#gapBefore) this.faults.push('was told ready twice')
    if (this.from === Number.POSITIVE_INFINITY || this.#gapBefore) this.from = this.checker.asked
    this.#ready = true
    this.#gapBefore = false
  }

  gap(): void {
    if (this.#gapBefore) this.faults.push('was told of a gap and then of another, without ready')
    this.gaps++
    this.#gapBefore = true
  }

  transition(told: Delivered): void {
    if (!this.#ready || this.#gapBefore) this.faults.push(`was told of ${keysOf(told)[0]} before ready`)
    this.deliveries.push({ transition: told, gapsBefore: this.gaps })
    this.times.push(performance.now())
    for (const key of keysOf(told)) this.keys.add(key)
  }

  #isMissing({ key, asked, fact }: Acknowledged): boolean {
    const { session_id } = this.expects
    return asked >= this.from && !this.keys.has(key) && (session_id ?? fact.session_id) === fact.session_id
  }

  /** Keys of the acknowledged writes that should have been delivered and were not. */
  get missing(): string[] {
    return this.checker.acknowledgements.filter(one => this.#isMissing(one)).map(({ key }) => key)
  }

  get isComplete(): boolean {
    return !this.checker.acknowledgements.findLast(one => this.#isMissing(one))
  }

  /** Whether the subscriber has received everything in the first `acknowledged` acknowledgements. */
  hasHeard(acknowledged: number): boolean {
    const { acknowledgements } = this.checker
    for (let i = acknowledged - 1; i >= 0; i--) if (this.#isMissing(acknowledgements[i] as Acknowledged)) return false
    return true
  }
}

/**
 * Records every acknowledged write and every delivery, and finds breaches of the promise: each write is delivered once,
 * and in order within its session. All feed subscribers get the same order, and cursors only grow.
 */
export class Checker {
  readonly acknowledgements: Acknowledged[] = []
  readonly subscribers: Heard[] = []
  asked = 0
  readonly #known = new Map<string, Fact>()
  readonly #twice: string[] = []

  /**
   * Call this when a write is requested. Call the returned function with the transitions that the response
   * acknowledges.
   */
  asks(): (...facts: Fact[]) => void {
    const asked = this.asked++
    return (...facts) => {
      for (const fact of facts) for (const key of keysOf(fact)) this.#acknowledge({ key, fact, asked })
    }
  }

  /**
   * Records an acknowledgement. If the event was a no-op, REST's PUT returns the sequence of an earlier write, so only
   * an acknowledgement with the event proves a write.
   */
  #acknowledge(one: Acknowledged): void {
    const known = this.#known.get(one.key)
    if (known?.event && one.fact.event) this.#twice.push(`${one.key} was acknowledged to two writers: one of them lost`)
    if (!known?.event) this.#known.set(one.key, one.fact)
    if (!known) this.acknowledgements.push(one)
  }

  /**
   * Adds a subscriber of the feed, or of one session. The subscriber must receive exactly `expects.gaps` gaps, 0 by
   * default.
   */
  subscriber(name: string, expects: { gaps?: number; session_id?: string } = {}): Heard {
    const heard = new Heard(name, this, expects)
    this.subscribers.push(heard)
    return heard
  }

  /** Whether every subscriber has received everything that it should. */
  get complete(): boolean {
    return this.subscribers.every(({ isComplete }) => isComplete)
  }

  get counts(): { writes: number; deliveries: number } {
    const deliveries = this.subscribers.reduce((sum, heard) => sum + heard.deliveries.length, 0)
    return { writes: this.acknowledgements.length, deliveries }
  }

  faults(): string[] {
    const found = this.subscribers.flatMap(heard =>
      [...heard.faults, ...gapFaults(heard), ...sessionFaults(heard), ...cursorFaults(heard)].map(
        fault => `${heard.name} ${fault}`,
      ),
    )
    return [...found, ...this.#twice, ...this.#differences(), ...this.#contradictions()]
  }

  /** Finds feed subscribers that disagree about the order or the cursor of the same transitions. */
  #differences(): string[] {
    const feeds = this.subscribers.filter(({ expects }) => expects.session_id === undefined)
    const longest = feeds.reduce<Heard | undefined>(
      (a, b) => (a && a.deliveries.length >= b.deliveries.length ? a : b),
      undefined,
    )
    const order = new Map(
      longest?.deliveries.map(({ transition: told }, place) => [keysOf(told)[0] as string, { told, place }]),
    )
    return feeds.flatMap(heard => {
      const faults: string[] = []
      let last = -1
      for (const { transition: told } of heard.deliveries) {
        const key = keysOf(told)[0] as string
        const same = order.get(key)
        if (!same) continue
        if (same.place < last) faults.push(`${heard.name} was told of ${key} in another order than ${longest?.name}`)
        last = Math.max(last, same.place)
        const [mine, theirs] = [told.cursor ?? '', same.told.cursor ?? '']
        if (mine.endsWith('.0') && theirs.endsWith('.0') && mine !== theirs) {
          faults.push(`${heard.name} was told another cursor of ${key} than ${longest?.name}`)
        }
      }
      return faults
    })
  }

  /** Finds deliveries whose event differs from the one acknowledged to the writer. */
  #contradictions(): string[] {
    return this.subscribers.flatMap(heard =>
      heard.deliveries.flatMap(({ transition: told }) => {
        const key = keysOf(told)[0] as string
        const event = this.#known.get(key)?.event
        return event && event !== told.event ? [`${heard.name} was told ${told.event} of ${key}, a ${event}`] : []
      }),
    )
  }
}

function gapFaults({ gaps, expects: { gaps: expected = 0 } }: Heard): string[] {
  return gaps === expected ? [] : [`was told of ${gaps} gaps, not of ${expected}`]
}

function sessionFaults(heard: Heard): string[] {
  const faults: string[] = []
  const sessions = new Map<string, { highest: number; gapsBefore: number }>()
  const seen = new Set<string>()
  const lost = new Set(heard.missing)
  for (const { transition: told, gapsBefore } of heard.deliveries) {
    const { session_id, sequence } = told
    const [key] = keysOf(told) as [string]
    const before = sessions.get(session_id)
    if (seen.has(key)) faults.push(`duplicated ${key}`)
    else if (before && sequence < before.highest) faults.push(`reordered ${key}`)
    seen.add(key)
    // A missing sequence is allowed if the subscriber received a gap in between.
    if (before?.gapsBefore === gapsBefore) {
      for (let hole = before.highest + 1; hole < sequence; hole++) lost.add(`${session_id}#${hole}`)
    }
    sessions.set(session_id, { highest: Math.max(before?.highest ?? 0, sequence), gapsBefore })
  }
  for (const key of lost) if (!heard.keys.has(key)) faults.push(`lost ${key}`)
  return faults
}

/** Returns the parts of a feed cursor. They sort in log order. */
const placeOf = (cursor: string): [string, number] => {
  const [, position = '', skip = ''] = cursor.split('.')
  return [position, Number(skip)]
}

function cursorFaults({ deliveries, expects }: Heard): string[] {
  if (expects.session_id !== undefined) return []
  const faults: string[] = []
  let last: [string, number] = ['', 0]
  for (const { transition: told } of deliveries) {
    const place = placeOf(told.cursor ?? '')
    const later = place[0] > last[0] || (place[0] === last[0] && place[1] > last[1])
    if (!later) faults.push(`was told a cursor of ${keysOf(told)[0]} that is not after the one before`)
    last = place
  }
  return faults
}

/** Returns the longest interval without any of these times, in ms. */
export function longestSilence(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return Math.round(sorted.reduce((longest, time, i) => Math.max(longest, time - (sorted[i - 1] ?? time)), 0))
}
